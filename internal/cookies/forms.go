package cookies

import (
	"slices"
	"strings"
)

// To a browser, a cookie is its name, its domain and its path. So it may hold
// several of one name: after a change of the domain or the path in a
// configuration, or when another host of the domain has set one. All of them
// come along, and nobody can tell them apart, nor end those that the
// configuration no longer describes, but by naming each form.

// What the lines of one answer may take up: servers on the way have limits of
// their own for all of its header.
const (
	maxForms     = 16
	maxFormBytes = 4 << 10
)

// ExpireOthers returns the Set-Cookie lines that end the cookie in each form,
// but for the configured one, that a browser can hold and sends to a path of a
// host: the host alone and each domain above it, the configured path and each
// directory, the shortest first. host has no port; path is escaped. A name with
// __Host- has one form only.
func (c *Cookie) ExpireOthers(host, path string) (lines []string) {
	if hasPrefixFold(c.Name, hostPrefix) {
		return nil
	}
	domains := append([]string{""}, domainsOf(host)...)
	size := 0
	for _, path := range c.paths(path) {
		for _, domain := range domains {
			if domain == c.Domain && path == c.Path {
				continue
			}
			other := *c
			other.Domain, other.Path = domain, path
			line := other.Expire(c.Name)
			if size += len(line); size > maxFormBytes || len(lines) == maxForms {
				return lines
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// paths are those that a cookie of a request may have: a directory with and
// without the slash at its end is two. What the attribute Path cannot say is
// not among them.
func (c *Cookie) paths(path string) []string {
	paths := []string{c.Path}
	add := func(path string) {
		if !slices.Contains(paths, path) && !strings.ContainsFunc(path, notCookieText) {
			paths = append(paths, path)
		}
	}
	for i := range len(path) {
		if path[i] == '/' {
			if i > 0 {
				add(path[:i])
			}
			add(path[:i+1])
		}
	}
	if path != "" {
		add(path)
	}
	return paths
}
