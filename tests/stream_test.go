//go:build unix

package tests

import (
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestStream_WebSocket(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	s.app.answers(func(c net.Conn, r *message) {
		say(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\nRemote-User: mallory\r\nSet-Cookie: "+cookieName+"=x\r\n\r\n")
		_, _ = io.Copy(c, c) // echo until the end
		c.Close()
	})
	lines := []string{"Connection: Upgrade, Remote-User", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Remote-User: mallory"}
	// 1. Without a session there is no tunnel.
	s.assertSTOP(s.get("/", lines...))
	// 2. With one there is, and the upstream knows whose it is.
	c := s.dial(t)
	c.send(t, request("GET", "/", append(lines, cookie(token))...))
	a, err := c.readHeader()
	if err != nil {
		t.Fatal(err)
	}
	assertStatus(t, a, 101)
	assertANON(t, &a.message)
	assertEqual(t, "cookies", a.value("Set-Cookie"), "")
	assertID(t, s.app.one(t), alice)
	// 3. Bytes pass in both directions, one by one.
	for _, text := range []string{"a", "bc", strings.Repeat("d", 100_000)} {
		go func() { _, _ = c.Write([]byte(text)) }()
		echo := make([]byte, len(text))
		if _, err := io.ReadFull(c.r, echo); err != nil || string(echo) != text {
			t.Fatalf("echo of %d bytes: %v", len(text), err)
		}
	}
	c.Close()
}

func TestStream_ServerSentEvents(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	next := make(chan string)
	s.app.answers(func(c net.Conn, r *message) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
		for event := range next {
			say(c, strconv.FormatInt(int64(len(event)), 16)+"\r\n"+event+"\r\n")
		}
		say(c, "0\r\n\r\n")
	})
	c := s.dial(t)
	c.send(t, request("GET", "/", cookie(token)))
	if _, err := c.readHeader(); err != nil {
		t.Fatal(err)
	}
	// Each event arrives before the next one is sent.
	for _, event := range []string{"data: 1\n\n", "data: 2\n\n", "data: 3\n\n"} {
		next <- event
		var got string
		for !strings.HasSuffix(got, event+"\r\n") {
			line, err := c.r.ReadString('\n')
			if err != nil {
				t.Fatalf("after %q: %v", got, err)
			}
			got += line
		}
	}
	close(next)
}

func TestStream_AnUploadIsNotBuffered(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	first, rest := make(chan string, 1), make(chan string, 1)
	upstream := newStreamingUpstream(t, first, rest)
	s.load(setup{site: strings.Replace(guarded(), "{app}", upstream, 2)})
	c := s.dial(t)
	c.send(t, request("POST", "/", cookie(token), "Transfer-Encoding: chunked")+"5\r\nfirst\r\n")
	// The first part arrives before the second is sent.
	assertContains(t, <-first, "first")
	c.send(t, "6\r\nsecond\r\n0\r\n\r\n")
	assertContains(t, <-rest, "second")
	if _, err := c.readAnswer(true); err != nil {
		t.Fatal(err)
	}
}

// newStreamingUpstream tells what arrives as it arrives.
func newStreamingUpstream(t testing.TB, first, rest chan<- string) string {
	t.Helper()
	path := shortDir(t) + "/stream.sock"
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		readUntil := func(part string) string {
			var got []byte
			buf := make([]byte, 4096)
			for !strings.Contains(string(got), part) {
				n, err := conn.Read(buf)
				if err != nil {
					break
				}
				got = append(got, buf[:n]...)
			}
			return string(got)
		}
		first <- readUntil("first\r\n")
		rest <- readUntil("0\r\n\r\n")
		say(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}()
	return "unix/" + path
}

func TestStream_ALargeDownloadNeedsNoMemory(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	const size = 256 << 20
	s.app.answers(func(c net.Conn, r *message) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(size)+"\r\n\r\n")
		block := make([]byte, 1<<20)
		for range size / len(block) {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	})
	c := s.dial(t)
	c.send(t, request("GET", "/", cookie(token)))
	if _, err := c.readHeader(); err != nil {
		t.Fatal(err)
	}
	before, peak := liveHeap(), uint64(0)
	block := make([]byte, 1<<20)
	for read := 0; read < size; {
		n, err := c.r.Read(block)
		if err != nil {
			t.Fatal(err)
		}
		if read>>26 != (read+n)>>26 { // every 64 MiB
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapInuse)
		}
		read += n
	}
	if peak > before+64<<20 {
		t.Errorf("the heap grew from %d to %d MiB", before>>20, peak>>20)
	}
}

func TestStream_AFileIsServedWhole(t *testing.T) {
	s := start(t, setup{site: `
		handle /login {
			session_login
			reverse_proxy {page}
		}
		handle {
			session
			root {dir}
			file_server
		}`})
	text := strings.Repeat("0123456789", 50_000)
	write(t, s.dir+"/file.txt", text)
	token := s.login(alice)
	a := s.get("/file.txt", cookie(token))
	assertStatus(t, a, 200)
	if a.body != text {
		t.Errorf("%d bytes arrived, want %d", len(a.body), len(text))
	}
	a = s.get("/file.txt", cookie(token), "Range: bytes=10-19")
	assertStatus(t, a, 206)
	assertEqual(t, "part", a.body, "0123456789")
	assertContains(t, a.value("Cache-Control"), "private")
	s.assertSTOP(s.get("/file.txt"))
}

func TestStream_AnswersWithoutABody(t *testing.T) {
	s := start(t, setup{})
	token := s.login(alice)
	for _, status := range []int{204, 304} {
		s.app.answers(replyRaw("HTTP/1.1 " + strconv.Itoa(status) + " x\r\nEtag: \"e\"\r\n\r\n"))
		a := s.get("/", cookie(token))
		assertStatus(t, a, status)
		assertEqual(t, "Etag", a.value("Etag"), `"e"`)
	}
	s.app.answers(reply(200, "body", "X-Theirs: 1"))
	a := s.raw(request("HEAD", "/", cookie(token)))
	assertStatus(t, a, 200)
	assertEqual(t, "X-Theirs", a.value("X-Theirs"), "1")
	assertEqual(t, "Content-Length", a.value("Content-Length"), "4")
}
