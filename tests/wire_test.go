//go:build unix

package tests

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// message is an HTTP/1.1 message as it was on the wire. Nothing in it is
// canonicalized, merged or sorted, since an attack may live in just that.
type message struct {
	first   string   // the request line or status line
	lines   []string // header lines, without their line ends
	body    string
	trailer []string // trailer lines, without their line ends
}

// values returns the values of all header lines with this name, case ignored.
func (m *message) values(name string) []string { return valuesOf(m.lines, name) }

// value returns the value of the one header line with this name, or "".
func (m *message) value(name string) string { return strings.Join(m.values(name), " | ") }

func (m *message) String() string {
	return strings.Join(append([]string{m.first}, m.lines...), "\n") + "\n\n" + m.body +
		strings.Join(m.trailer, "\n")
}

func valuesOf(lines []string, name string) (values []string) {
	for _, line := range lines {
		if key, value, _ := strings.Cut(line, ":"); strings.EqualFold(key, name) {
			values = append(values, strings.TrimPrefix(value, " "))
		}
	}
	return values
}

// nameOf returns the name in a header line.
func nameOf(line string) string {
	name, _, _ := strings.Cut(line, ":")
	return name
}

// readHead reads the first line and the header lines.
func readHead(r *bufio.Reader) (*message, error) {
	first, err := readLine(r)
	if err != nil {
		return nil, err
	}
	lines, err := readLines(r)
	return &message{first: first, lines: lines}, err
}

// readBody reads what the header announces. Without an announcement a request
// has no body and a response lasts until its connection closes.
func (m *message) readBody(r *bufio.Reader, untilClose bool) error {
	if strings.EqualFold(m.value("Transfer-Encoding"), "chunked") {
		return m.readChunks(r)
	}
	var body []byte
	var err error
	if length := m.value("Content-Length"); length != "" {
		n, bad := strconv.Atoi(length)
		if bad != nil {
			return bad
		}
		body = make([]byte, n)
		_, err = io.ReadFull(r, body)
	} else if untilClose {
		body, err = io.ReadAll(r)
	}
	m.body = string(body)
	return err
}

func (m *message) readChunks(r *bufio.Reader) (err error) {
	for {
		size, err := readLine(r)
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(size, 16, 32)
		if err != nil {
			return fmt.Errorf("chunk size: %w", err)
		}
		if n == 0 {
			m.trailer, err = readLines(r)
			return err
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return err
		}
		m.body += string(chunk[:n])
	}
}

func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), err
}

// readLines reads lines up to an empty one.
func readLines(r *bufio.Reader) (lines []string, err error) {
	for {
		line, err := readLine(r)
		if err != nil || line == "" {
			return lines, err
		}
		lines = append(lines, line)
	}
}
