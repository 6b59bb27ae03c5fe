package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"
)

func testKeyring(seeds ...byte) *Keyring {
	var secrets []secret
	for _, seed := range seeds {
		secrets = append(secrets, secret{uint32(seed), bytes.Repeat([]byte{seed}, secretLen)})
	}
	return newKeyring(secrets, 0)
}

// seal makes a token of bytes that are to be signed.
func seal(r *Keyring, realm, cookie string, signed []byte) string {
	m := r.signer.get()
	defer r.signer.put(m)
	return base64.RawURLEncoding.EncodeToString(append(slices.Clone(signed), m.token(realm, cookie, signed)...))
}

// sealFirst makes a token of the first form.
func sealFirst(r *Keyring, realm string, random []byte) string {
	m := r.signer.get()
	defer r.signer.put(m)
	return base64.RawURLEncoding.EncodeToString(append(slices.Clone(random), m.firstToken(realm, random)...))
}

// signedBytes are those of a session's token, of a key and with random bytes that
// are all alike.
func signedBytes(key byte, fill byte) []byte {
	signed := bytes.Repeat([]byte{fill}, headLen+randomLen)
	copy(signed, []byte{forSession, 0, 0, 0, key})
	return signed
}

func TestS5_TokenIsValidInItsRealmOnly(t *testing.T) {
	r := testKeyring(1)
	token, key := r.Mint("main", "", time.Now())
	if len(token) != TokenLen {
		t.Error("the token has", len(token), "characters")
	}
	if got, ok := r.Verify("main", "", token); !ok || got.Key != key {
		t.Error("a token that was just made is refused")
	}
	if now := time.Now().Unix(); first(r.Verify("main", "", token)).Made < now-60 || first(r.Verify("main", "", token)).Made > now {
		t.Error("the token does not say when it was made")
	}
	named, _ := r.Mint("main", "a", time.Now())
	for _, name := range []string{"", "b", "A", "aa"} {
		if _, ok := r.Verify("main", name, named); ok {
			t.Errorf("the cookie %q takes another's token", name)
		}
	}
	if _, ok := r.Verify("maina", "", named); ok {
		t.Error("realm and cookie are not told apart")
	}
	for _, realm := range []string{"", "other", "Main", "main\x00"} {
		if _, ok := r.Verify(realm, "", token); ok {
			t.Errorf("the realm %q takes another's token", realm)
		}
	}
	if other, _ := r.Mint("main", "", time.Now()); other == token {
		t.Error("two tokens are the same")
	}
}

func first[T any](value T, _ bool) T { return value }

// Tokens of the first form are good as long as they were, in their realm, under any
// cookie's name, and say nothing of when they were made.
func TestTokensOfTheFirstForm(t *testing.T) {
	r := testKeyring(2, 1)
	random := bytes.Repeat([]byte{7}, randomLen)
	token := sealFirst(testKeyring(1), "main", random)
	if got, ok := r.Verify("main", "any", token); !ok || got != (Token{Key: sha256.Sum256(random)}) || !WellFormed(token) || r.Lacks(token) {
		t.Error(got, ok)
	}
	if _, ok := r.Verify("other", "any", token); ok {
		t.Error("another realm takes it")
	}
	if _, ok := testKeyring(3).Verify("main", "any", token); ok {
		t.Error("it is accepted without its key")
	}
	for i := range token {
		forged := []byte(token)
		forged[i] ^= 1
		if _, ok := r.Verify("main", "any", string(forged)); ok {
			t.Error("it is still valid with another character at", i)
		}
	}
}

// A token names its key, so one whose key is not known can be told from one that
// nobody has made; one of another purpose is nothing.
func TestTokensOfUnknownKeysAndPurposes(t *testing.T) {
	r := testKeyring(1)
	theirs, _ := testKeyring(2).Mint("main", "", time.Now())
	mine, _ := r.Mint("main", "", time.Now())
	for token, lacks := range map[string]bool{theirs: true, mine: false, "": false, theirs + "A": false} {
		if r.Lacks(token) != lacks {
			t.Errorf("%q: %v", token, !lacks)
		}
	}
	other := signedBytes(1, 3)
	other[0] = forSession + 1
	if token := seal(r, "main", "", other); WellFormed(token) || r.Lacks(token) || first(r.Verify("main", "", token)) != (Token{}) {
		t.Error("a token of another purpose is taken for a session's")
	}
}

// Only the exact bytes that were set are a token (C2).
func TestC2_TokenHasOneSpelling(t *testing.T) {
	r := testKeyring(1)
	token, _ := r.Mint("main", "", time.Now())
	for _, other := range []string{
		"", token + "=", token + "A", token[:TokenLen-1], " " + token[1:], token[:TokenLen-1] + "\n", token[:TokenLen-1] + "\r",
		"\n" + token, token + "\n", `"` + token + `"`, strings.ToLower(token), strings.Repeat("A", TokenLen), strings.Repeat("\xff", TokenLen),
		base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xFB}, rawLen)), token[:TokenLen-3] + "%3D",
	} {
		if _, ok := r.Verify("main", "", other); ok {
			t.Errorf("%q is taken for a token", other)
		}
	}
	for i := range token {
		forged := []byte(token)
		forged[i] ^= 1
		if _, ok := r.Verify("main", "", string(forged)); ok {
			t.Error("a token is still valid with another character at", i)
		}
	}
}

// Characters of another alphabet are no digits, also where what they would be
// decoded to is what the MAC was made of: here all bits are set.
func TestC2_AnotherAlphabetIsNoToken(t *testing.T) {
	r := testKeyring(1)
	token := seal(r, "main", "", signedBytes(1, 0xFF))
	if _, ok := r.Verify("main", "", token); !ok || !WellFormed(token) || !strings.Contains(token, "____") {
		t.Fatal(token)
	}
	for i := range TokenLen {
		for _, c := range "/=+%\n\xff \"" {
			other := token[:i] + string(c)[:1] + token[i+1:]
			if _, ok := r.Verify("main", "", other); ok || WellFormed(other) {
				t.Errorf("%q is taken for a token", other)
			}
		}
	}
	for _, other := range []string{"", token[1:], token + "_", token + token} {
		if WellFormed(other) {
			t.Errorf("%d characters could be a token", len(other))
		}
	}
}

func TestTokenOutlivesChangeOfKeys(t *testing.T) {
	token, key := testKeyring(1).Mint("main", "", time.Now())
	if got, ok := testKeyring(2, 1).Verify("main", "", token); !ok || got.Key != key {
		t.Error("a new key has logged somebody out")
	}
	if _, ok := testKeyring(2).Verify("main", "", token); ok {
		t.Error("a key that is gone is still accepted")
	}
}

func TestMACTellsTextsApart(t *testing.T) {
	r := testKeyring(1)
	seen := make(map[[macLen]byte]int)
	for i, parts := range [][]string{{"p"}, {"p", ""}, {"p", "ab", "c"}, {"p", "a", "bc"}, {"p", "abc"}, {"pa", "bc"}, {"q", "abc"}} {
		mac := r.MAC(parts[0], parts[1:]...)
		if before, ok := seen[mac]; ok {
			t.Error("the same MAC for", before, "and", i)
		}
		seen[mac] = i
		if r.MAC(parts[0], parts[1:]...) != mac {
			t.Error("the MAC changes")
		}
		if !slices.Contains(r.MACs(parts[0], parts[1:]...), mac) || !slices.Contains(testKeyring(2, 1).MACs(parts[0], parts[1:]...), mac) {
			t.Error("its own MAC is none")
		}
		if slices.Contains(r.MACs(parts[0], append(parts[1:], "x")...), mac) || slices.Contains(testKeyring(2).MACs(parts[0], parts[1:]...), mac) {
			t.Error("another's MAC is one")
		}
	}
}

func TestPublicID(t *testing.T) {
	_, key := testKeyring(1).Mint("main", "", time.Now())
	lo, hi, err := ParseID(key.ID())
	if err != nil || bytes.Compare(lo[:], key[:]) > 0 || bytes.Compare(key[:], hi[:]) > 0 {
		t.Error("the key is not within the range of its id:", err)
	}
	// Whoever ends a session by its id ends no neighbour's.
	between := Key(bytes.Repeat([]byte{0x80}, len(key)))
	for _, c := range []struct {
		fill byte
		of   bool
	}{{0x7F, false}, {0x81, false}, {0x00, false}, {0xFF, false}, {0x80, true}} {
		other := Key(bytes.Repeat([]byte{c.fill}, len(key)))
		lo, hi, err := ParseID(between.ID())
		if in := bytes.Compare(lo[:], other[:]) <= 0 && bytes.Compare(other[:], hi[:]) <= 0; in != c.of || err != nil {
			t.Errorf("%x is within %s: %v, %v", other, between.ID(), in, err)
		}
	}
	last := Key(bytes.Repeat([]byte{0xFF}, len(key)))
	if _, hi, err := ParseID(last.ID()); hi != last || err != nil {
		t.Errorf("the last key of an id is %x, %v", hi, err)
	}
	for _, id := range []string{"", "0", strings.ToUpper(key.ID()[:31]) + "A", strings.Repeat("g", 32), strings.Repeat("0", 64)} {
		if _, _, err := ParseID(id); err == nil {
			t.Errorf("%q is taken for an id", id)
		}
	}
}

// A flood of forged cookies must not cost memory (C7).
func TestC7_VerifyAllocatesNothing(t *testing.T) {
	r := testKeyring(1, 2)
	token, _ := testKeyring(2).Mint("main", "", time.Now())
	forged := strings.Repeat("A", TokenLen)
	allocs := testing.AllocsPerRun(1000, func() {
		r.Verify("main", "", token)
		r.Verify("main", "", forged)
		r.Verify("main", "", "short")
	})
	if allocs > 0 && !raceEnabled {
		t.Error(allocs, "allocations")
	}
}

func FuzzC2_Verify(f *testing.F) {
	r := testKeyring(1)
	token := seal(r, "main", "", signedBytes(1, 0))
	f.Add("main", token)
	f.Add("main", token+"=")
	f.Add("main", strings.Repeat("-", TokenLen))
	f.Fuzz(func(t *testing.T, realm, cookie string) {
		_, ok := r.Verify(realm, "", cookie)
		if !ok {
			return
		}
		// Nobody can make a token without the key: this must be the seed.
		if realm != "main" || cookie != token {
			t.Errorf("%q is taken for a token of %q", cookie, realm)
		}
	})
}

// What the decoder takes is exactly what Go's encoder writes.
func FuzzC2_DecodeToken(f *testing.F) {
	f.Add(strings.Repeat("A", TokenLen))
	f.Add(strings.Repeat("_-", TokenLen/2))
	f.Fuzz(func(t *testing.T, s string) {
		var raw raw
		want, err := base64.RawURLEncoding.DecodeString(s)
		canonical := err == nil && len(s) == TokenLen && !strings.ContainsAny(s, "\r\n")
		if decodeToken(raw[:], s) != canonical {
			t.Fatalf("%q: want %v", s, canonical)
		}
		if canonical && !bytes.Equal(raw[:], want) {
			t.Errorf("%q decodes to %x", s, raw)
		}
	})
}
