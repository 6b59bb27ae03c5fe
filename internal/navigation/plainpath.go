package navigation

import (
	"net/url"
	"strings"
)

// IsPlainPath reports whether all backends read a path alike: it begins with a
// slash, and has no escape, no path parameter, no backslash, no empty segment,
// no segment of dots, and no byte beyond printable ASCII. Of `/public/..;/admin`
// and `/public/%2e%2e/admin` some make /admin.
func IsPlainPath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "//") {
		return false
	}
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '%' || c == ';' || c == '\\' {
			return false
		}
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// PathPatterns are paths, each exact or, with a star at its end, all that begin
// so. They are case-sensitive.
type PathPatterns []string

// Match reports whether a path is plain and fits one of the patterns.
func (p PathPatterns) Match(path string) bool {
	if !IsPlainPath(path) {
		return false
	}
	for _, pattern := range p {
		prefix, isPrefix := strings.CutSuffix(pattern, "*")
		if path == pattern || isPrefix && strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// Bad returns the first pattern that could match nothing or is none, if one is.
func (p PathPatterns) Bad() (pattern string, found bool) {
	for _, pattern := range p {
		if prefix := strings.TrimSuffix(pattern, "*"); !IsPlainPath(prefix) || strings.Contains(prefix, "*") {
			return pattern, true
		}
	}
	return "", false
}

// MatchBoth reports whether the path of a request's target as it arrived and the
// present one both match: an app may be told of the one or the other.
func (p PathPatterns) MatchBoth(arrived string, present *url.URL) bool {
	path, _, _ := strings.Cut(arrived, "?")
	return present.RawPath == "" && p.Match(present.EscapedPath()) && p.Match(path)
}
