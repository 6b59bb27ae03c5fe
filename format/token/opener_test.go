package token

import (
	"errors"
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
	if _, err := chain(strings.Repeat("x", maxLookup+1), vectorsMade); !errors.Is(err, ErrBad) || !strings.Contains(err.Error(), "last token step") {
		t.Error(err)
	}
	hashed := Bounded(Chain(must[Opener](t)(OpenHash("sha256", "hex", ""))))
	if _, err := hashed(strings.Repeat("x", maxToken), vectorsMade); err != nil {
		t.Error(err) // a JWT of 4 KiB whose hash is the key
	}
	short := Bounded(func(string, time.Time) (string, error) { return "x", nil })
	for length, ok := range map[int]bool{maxToken: true, maxToken + 1: false} {
		if _, err := short(strings.Repeat("x", length), vectorsMade); (err == nil) != ok {
			t.Errorf("%d: %v", length, err)
		}
	}
}

// TestChain_AStepThatFailsIsTheLast: what it fails with is the chain's.
func TestChain_AStepThatFailsIsTheLast(t *testing.T) {
	other := errors.New("other")
	steps := []Opener{OpenPrefix("a"), func(string, time.Time) (string, error) { return "x", other }, OpenPrefix("b")}
	for _, open := range []Opener{Chain(steps...), Bounded(Chain(steps...))} {
		if got, err := open("value", vectorsMade); got != "" || err != other {
			t.Errorf("%q, %v", got, err)
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
