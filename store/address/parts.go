package address

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// parts are what a server's URL consists of, unescaped.
type parts struct {
	user, password string
	hosts          []Host
	database       string
	params         []param
}

// param is one parameter. The key is its name without case, `-` and `_`:
// ssl-mode, ssl_mode, sslmode and sslMode are one.
type param struct{ name, key, value string }

var (
	errMalformed = errors.New("the database's URL is malformed; write special characters in its user and password as %XX")
	errSpecial   = errors.New("the database's URL has an `@` or `#` too many; write special characters in its user and password as %XX, or take them from {env.*} or {file.*}")
)

// split takes a server's URL apart. Of a password that is not escaped the rest
// would be taken for a host, a database or a parameter, and shown in an error.
func split(rest string) (p parts, err error) {
	place, query, _ := strings.Cut(rest, "?")
	authority, path := "", place
	if after, ok := strings.CutPrefix(place, "//"); ok {
		authority, path, _ = strings.Cut(after, "/")
	}
	if strings.Contains(rest, "#") || strings.Count(place, "@") > 1 || strings.Contains(path, "@") {
		return p, errSpecial
	}
	if p.params, err = splitParams(query); err != nil {
		return p, err
	}
	if !strings.Contains(place, "@") && strings.Contains(query, "@") && !p.has("user") {
		return p, errSpecial
	}
	if p.database, err = url.PathUnescape(path); err != nil || strings.ContainsAny(p.database, "=;(\x00") {
		return p, errMalformed
	}
	hosts := authority
	if credentials, after, ok := strings.Cut(authority, "@"); ok {
		hosts = after
		user, password, _ := strings.Cut(credentials, ":")
		var wrong error
		p.user, err = url.PathUnescape(user)
		if p.password, wrong = url.PathUnescape(password); err != nil || wrong != nil {
			return p, errMalformed
		}
	}
	p.hosts, err = splitHosts(hosts, true)
	return p, err
}

func (p parts) has(key string) bool {
	for _, q := range p.params {
		if q.key == key {
			return true
		}
	}
	return false
}

func splitParams(query string) (params []param, err error) {
	for piece := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(piece, "=")
		if piece == "" {
			continue
		}
		var wrong error
		name, err = url.QueryUnescape(name)
		if value, wrong = url.QueryUnescape(value); err != nil || wrong != nil || strings.ContainsRune(value, 0) {
			return nil, errMalformed
		}
		params = append(params, param{name, fold(name), value})
	}
	return params, nil
}

// fold makes the spellings of a parameter's name one.
func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}

// splitHosts reads `host:port,[address]:port,...`. In the part of a URL before
// the path the names may be escaped.
func splitHosts(text string, escaped bool) (hosts []Host, err error) {
	if text == "" {
		return nil, nil
	}
	for piece := range strings.SplitSeq(text, ",") {
		h, err := splitHost(piece)
		if err == nil && escaped {
			h.Name, err = url.PathUnescape(h.Name)
		}
		if err != nil || !hostName.MatchString(h.Name) && !strings.HasPrefix(h.Name, "/") {
			return nil, errMalformed
		}
		hosts = append(hosts, h)
	}
	return hosts, nil
}

// hostName is a name or an address, or nothing.
var hostName = regexp.MustCompile(`^[A-Za-z0-9._:%-]*$`)

func splitHost(piece string) (h Host, err error) {
	switch {
	case strings.HasPrefix(piece, "/"): // a socket's name may have a colon
		return Host{Name: piece}, nil
	case strings.HasPrefix(piece, "["):
		name, rest, ok := strings.Cut(piece[1:], "]")
		port, hasPort := strings.CutPrefix(rest, ":")
		if !ok || rest != "" && !hasPort {
			return h, errMalformed
		}
		h = Host{name, port}
	default:
		h.Name, h.Port, _ = strings.Cut(piece, ":")
	}
	if n, err := strconv.ParseUint(h.Port, 10, 16); h.Port != "" && (err != nil || n == 0) {
		return h, errMalformed
	}
	return h, nil
}
