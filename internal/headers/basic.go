package headers

import (
	"net/http"
	"slices"
	"strings"
)

// HasBasic reports whether a request carries a password (RFC 7617).
func HasBasic(h http.Header) bool { return slices.ContainsFunc(h["Authorization"], isBasic) }

// DropBasic takes passwords out of a request. Other credentials stay.
func DropBasic(h http.Header) {
	if !HasBasic(h) {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(h["Authorization"]), isBasic)
	if h["Authorization"] = kept; len(kept) == 0 {
		delete(h, "Authorization")
	}
}

func isBasic(line string) bool {
	scheme, _, _ := strings.Cut(strings.TrimLeft(line, " \t"), " ")
	return strings.EqualFold(scheme, "Basic")
}
