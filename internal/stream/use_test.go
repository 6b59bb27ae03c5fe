package stream

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestS12_WhatIsAnEventStream(t *testing.T) {
	for _, lines := range [][]string{
		{"text/event-stream"},
		{"Text/Event-Stream"},
		{"text/event-stream;charset=utf-8"},
		{" text/event-stream ; charset=\"utf-8\""},
		{"text/html", "text/event-stream"},
		{"TEXT/EVENT-STREAM;"},
	} {
		if !isEventStream(lines) {
			t.Errorf("%q is none", lines)
		}
	}
	for _, lines := range [][]string{nil, {""}, {"text/html"}, {"text/event-streams"}, {"application/json; x=text/event-stream"}, {"text/event"}} {
		if isEventStream(lines) {
			t.Errorf("%q is one", lines)
		}
	}
}

// pieces is where a file is sent to. It notes in what form it comes.
type pieces struct {
	bytes.Buffer
	forms []string
	fail  error // after the first piece
}

func (p *pieces) ReadFrom(r io.Reader) (int64, error) {
	form := "reader"
	if limit, ok := r.(*io.LimitedReader); ok {
		form = "limit"
		if _, ok := limit.R.(*os.File); ok {
			form = "file and limit"
		}
	}
	p.forms = append(p.forms, form)
	n, err := p.Buffer.ReadFrom(r)
	return n, errors.Join(err, p.fail)
}

// quiet is an activity that nobody counts.
type quiet struct{}

func (quiet) Note(time.Time) {}

// A file comes whole, in pieces that the kernel can send.
func TestS12_AFileIsSentInPiecesThatTheKernelKnows(t *testing.T) {
	text := strings.Repeat("0123456789", kernelChunk/4)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{-1, 0, 1, kernelChunk - 1, kernelChunk, kernelChunk + 1, 2 * kernelChunk, int64(len(text)), int64(len(text)) + 1} {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var src io.Reader = file
		want := text
		if limit >= 0 {
			src, want = io.LimitReader(file, limit), text[:min(limit, int64(len(text)))]
		}
		u := new(Use)
		u.Begin(quiet{}, httptest.NewRequest(http.MethodGet, "/", nil))
		u.Answer(http.Header{"Content-Type": {"text/plain"}})
		dst := new(pieces)
		n, err := u.Copy(dst, src, io.Discard)
		if err != nil || n != int64(len(want)) || dst.String() != want {
			t.Errorf("limit %d: %d of %d bytes, %v", limit, n, len(want), err)
		}
		if least := len(want)/kernelChunk + 1; limit > kernelChunk && len(dst.forms) < least-1 {
			t.Errorf("limit %d: it came in %d pieces", limit, len(dst.forms))
		}
		for _, form := range dst.forms {
			if form != "file and limit" {
				t.Errorf("limit %d: a piece is a %s", limit, form)
			}
		}
		// An error ends it.
		dst = &pieces{fail: io.ErrClosedPipe}
		if _, err := u.Copy(dst, strings.NewReader(text), io.Discard); !errors.Is(err, io.ErrClosedPipe) || len(dst.forms) != 1 {
			t.Errorf("after an error: %v, %d pieces", err, len(dst.forms))
		}
	}
}
