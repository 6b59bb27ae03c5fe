package token

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestChainLimits: a chain refuses what no browser keeps and no row is under.
func TestChainLimits(t *testing.T) {
	chain := Bounded(Chain())
	for length, ok := range map[int]bool{0: false, 1: true, maxLookup: true, maxLookup + 1: false} {
		if _, err := chain(strings.Repeat("x", length), vectorsMade); (err == nil) != ok {
			t.Errorf("%d: %v", length, err)
		}
	}
	short := Bounded(func(string, time.Time) (string, error) { return "x", nil })
	for length, ok := range map[int]bool{maxToken: true, maxToken + 1: false} {
		if _, err := short(strings.Repeat("x", length), vectorsMade); (err == nil) != ok {
			t.Errorf("%d: %v", length, err)
		}
	}
}

// TestErrBadSaysNothing: which check failed is not for the sender.
func TestErrBadSaysNothing(t *testing.T) {
	open := must[Opener](t)(OpenExpress([]string{"s"}))
	_, unsigned := open("x", vectorsMade)
	_, forged := open("s:x.y", vectorsMade)
	if !reflect.DeepEqual(unsigned, forged) {
		t.Errorf("%v is not %v", unsigned, forged)
	}
}
