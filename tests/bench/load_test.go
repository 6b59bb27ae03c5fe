//go:build bench

package bench

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// result is what one run has shown.
type result struct {
	rate float64       // requests a second
	cpu  time.Duration // of the Caddy under test, for each request
}

var (
	perSecond = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	inAll     = regexp.MustCompile(`(\d+) requests in`)
	notOK     = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

// load runs wrk against a target.
func load(t *testing.T, target *target) result {
	t.Helper()
	before := target.caddy.cpu(t)
	out, err := exec.Command("wrk", wrkArguments(target)...).Output()
	spent := target.caddy.cpu(t) - before
	if err != nil {
		t.Fatal("wrk:", err)
	}
	if bad := notOK.FindSubmatch(out); bad != nil {
		t.Fatalf("%s: %s answers were not 200", target.name, bad[1])
	}
	rate, requests := number(t, perSecond, out), number(t, inAll, out)
	return result{rate, time.Duration(float64(spent) / requests)}
}

func wrkArguments(target *target) []string {
	args := []string{"-t1", "-c32", fmt.Sprintf("-d%ds", *seconds)}
	switch {
	case target.script != "":
		args = append(args, "-s", target.script)
	case target.cookie != "":
		args = append(args, "-H", "Cookie: session="+target.cookie)
	}
	args = append(args, fmt.Sprintf("http://127.0.0.1:%d/", target.port))
	return append(args, target.files...)
}

func number(t *testing.T, pattern *regexp.Regexp, out []byte) float64 {
	t.Helper()
	match := pattern.FindSubmatch(out)
	if match == nil {
		t.Fatalf("wrk said %s", out)
	}
	n, _ := strconv.ParseFloat(string(match[1]), 64)
	return n
}

// manyScript sends the cookies of a file in the order of another. All is read
// and put together before the run: wrk shares the processor with what it measures.
const manyScript = `
local requests, order, n, at = {}, {}, 0, 0

function init(args)
	for token in io.lines(args[1]) do
		requests[#requests + 1] = wrk.format("GET", nil, {Cookie = "session=" .. token})
	end
	for index in io.lines(args[2]) do
		n = n + 1
		order[n] = requests[tonumber(index) + 1]
	end
end

function request()
	at = at % n + 1
	return order[at]
end
`

// forgedScript sends a cookie that looks like a token, and another one each
// time: digits are base64url as well. It counts on from the time, so that no run
// repeats what another has sent.
const forgedScript = `
local head, tail, n

function init()
	local mark = string.rep("A", 64)
	local all = wrk.format("GET", nil, {Cookie = "session=" .. mark})
	local first, last = all:find(mark, 1, true)
	head, tail = all:sub(1, first - 1), all:sub(last + 1)
	n = os.time() * 1000000
end

function request()
	n = n + 1
	return head .. string.format("%064d", n) .. tail
end
`

func writeScript(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "load.lua")
	write(t, file, text)
	return file
}
