package lookup

import (
	"sync"
	"sync/atomic"
	"testing"
)

// fail notes so many failures in a row, and returns which of them is news, from 1.
func fail(b *breaker, n int) (news int) {
	for i := range n {
		if b.failed() {
			news = i + 1
		}
	}
	return news
}

func TestF2_ItTakesFiveFailuresInARow(t *testing.T) {
	var b breaker
	for range 3 { // an answer in between begins the count anew
		if news := fail(&b, tripAfter-1); news != 0 || b.open.Load() {
			t.Fatalf("open after %d failures: news %d", tripAfter-1, news)
		}
		if b.answered() {
			t.Fatal("it answers again, and never was away")
		}
	}
	fail(&b, 1)
	b.answered()
	if fail(&b, tripAfter-1); b.open.Load() {
		t.Fatal("a failure before the last answer counts")
	}
	b.answered()
	for range 2 * tripAfter { // every other one fails
		if b.failed() || b.answered() {
			t.Fatal("open after one failure at a time")
		}
	}
	if news := fail(&b, 3*tripAfter); news != tripAfter || !b.open.Load() {
		t.Errorf("news at failure %d, want %d; open %v", news, tripAfter, b.open.Load())
	}
	if !b.answered() || b.open.Load() || b.answered() {
		t.Error("the first answer is news, and closes it; the next is none")
	}
}

// Of those who fail one keeps trying, also where the database comes and goes faster
// than that one looks.
func TestF2_OneKeepsTrying(t *testing.T) {
	var b breaker
	if b.goOn() {
		t.Error("somebody tries though nothing has failed")
	}
	fail(&b, tripAfter)
	if !b.goOn() {
		t.Error("nobody tries")
	}
	b.answered()
	if news := fail(&b, tripAfter); news != 0 {
		t.Error("a second one tries")
	}
	if !b.goOn() {
		t.Error("the first one has gone")
	}
	b.answered()
	if b.goOn() {
		t.Error("somebody tries though it answers")
	}
	if news := fail(&b, tripAfter); news != tripAfter {
		t.Error("nobody tries after the next fall")
	}
	b.answered()
	if news := fail(&b, tripAfter); news != 0 {
		t.Error("a second one tries before the first has looked")
	}
}

func TestF2_ManyFailuresAtOnceAreOneFall(t *testing.T) {
	for range 100 {
		var b breaker
		var falls atomic.Int64
		var callers sync.WaitGroup
		for range 20 {
			callers.Go(func() {
				if b.failed() {
					falls.Add(1)
				}
			})
		}
		callers.Wait()
		if falls.Load() != 1 {
			t.Fatalf("%d falls", falls.Load())
		}
	}
}
