package store_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-11312c3d/caddy-session/store"
	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// child is another process: this test's program, run again.
func child(work string) int {
	s, err := store.New(store.Settings{URL: os.Getenv("STORE_TEST_URL"), MaxConns: 2}, slog.New(slog.DiscardHandler))
	if err == nil {
		err = s.StartNow(context.Background())
	}
	if err != nil {
		fmt.Println("failed", err)
		return 1
	}
	defer s.Close()
	if work == "writes" {
		return writeForEver(s.Sessions("main", idle, lifetime))
	}
	token, _ := s.Keys().Mint("main", "", time.Now())
	fmt.Println("token", token)
	return 0
}

// writeForEver says what has been done after each login and logout.
func writeForEver(x *store.Sessions) int {
	for i := 0; ; i++ {
		_, session, err := x.Create(context.Background(), store.NewSession{Identity: store.Identity{User: "alice"}}, time.Now())
		if err != nil {
			return 1
		}
		fmt.Println("created", session.ID)
		if i%2 == 0 {
			continue
		}
		if _, err := x.Revoke(context.Background(), session.Key); err != nil {
			return 1
		}
		fmt.Println("revoked", session.ID)
	}
}

func childCommand(t *testing.T, work, url string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+work, "STORE_TEST_URL="+url)
	cmd.Stderr = os.Stderr
	return cmd
}

// A process is killed right after it said that somebody is logged in, or out.
// Both stay true (F6).
func TestF6_KilledProcessLosesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		state := runAndKill(t, childCommand(t, "writes", url))
		s := started(t, url)
		list, err := s.Sessions("main", idle, lifetime).List(t.Context(), "alice", 0, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		there := make(map[string]bool)
		for _, session := range list {
			there[session.ID] = true
		}
		for id, want := range state {
			if there[id] != want {
				t.Errorf("the session %s is there: %v, want %v", id, there[id], want)
			}
		}
	})
}

// runAndKill returns which sessions were acknowledged as there or gone.
func runAndKill(t *testing.T, cmd *exec.Cmd) map[string]bool {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	state := make(map[string]bool)
	var what, id string
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		what, id, _ = strings.Cut(lines.Text(), " ")
		state[id] = what == "created"
		if n == 200 {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if len(state) < 100 {
		t.Fatal("the process ended too early:", what, id)
	}
	if what == "created" {
		delete(state, id) // its end may have happened without being said
	}
	return state
}

// The nodes of F4 as processes, which share nothing but the file.
func TestF4_ProcessesMigrateAtOnce(t *testing.T) {
	url := storetest.SQLite(t)
	outputs := make([]string, 12)
	var nodes sync.WaitGroup
	for i := range outputs {
		cmd := childCommand(t, "mints", url)
		nodes.Go(func() {
			out, _ := cmd.Output()
			outputs[i] = strings.TrimSpace(string(out))
		})
	}
	nodes.Wait()
	s := started(t, url)
	for _, out := range outputs {
		if _, ok := s.Keys().Verify("main", "", strings.TrimPrefix(out, "token ")); !ok {
			t.Error("another key, or none:", out)
		}
	}
}
