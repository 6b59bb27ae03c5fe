package token

import (
	"crypto/sha256"
	"strings"
	"testing"
)

// TestSplitTokens: an id that finds a row and a secret that proves it.
func TestSplitTokens(t *testing.T) {
	id, secret, err := Split("id.c2VjcmV0")
	if id != "id" || secret != "c2VjcmV0" || err != nil {
		t.Error(id, secret, err)
	}
	asText, asBytes, nothing := sha256.Sum256([]byte("c2VjcmV0")), sha256.Sum256([]byte("secret")), sha256.Sum256(nil)
	for name, got := range map[string]bool{
		"text": ProvesSHA256(secret, asText[:]), "bytes": ProvesSHA256Base64(secret, asBytes[:]),
		"not another": !ProvesSHA256(secret, asBytes[:]), "not other bytes": !ProvesSHA256Base64(secret, asText[:]),
		"not an empty column": !ProvesSHA256(secret, nil) && !ProvesSHA256Base64("", nil),
		"not no base64":       !ProvesSHA256Base64("!", nothing[:]),
		"not another base64":  !ProvesSHA256Base64("c2VjcmV0\n", asBytes[:]),
	} {
		if !got {
			t.Error(name)
		}
	}
	for _, cookie := range []string{strings.Repeat("a", maxLookup) + ".b", "a." + strings.Repeat("b", maxToken-2)} {
		if id, secret, err := Split(cookie); id+"."+secret != cookie || err != nil {
			t.Errorf("%d bytes: %v", len(cookie), err)
		}
	}
	for _, cookie := range []string{"", ".", "id", "id.", ".secret", "a.b.c", strings.Repeat("a", maxToken) + ".b", strings.Repeat("a", maxLookup+1) + ".b", "a." + strings.Repeat("b", maxToken-1)} {
		if _, _, err := Split(cookie); err != ErrBad {
			t.Errorf("%.10q: %v", cookie, err)
		}
	}
}
