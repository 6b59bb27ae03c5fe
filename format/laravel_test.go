package format

import "testing"

// An encrypted session is read as session.serialization says, php or json.
func TestLaravelSerializations(t *testing.T) {
	for _, text := range []string{`a:1:{s:4:"user";i:7;}`, `{"user":7}`} {
		tree, err := decodeLaravel([]byte(text))
		if fields, ok := tree.(map[string]any); err != nil || !ok || fields["user"] != int64(7) {
			t.Errorf("%s: %v, %v", text, tree, err)
		}
	}
	for _, text := range []string{"", "x", `{"user":7`, `{"user":7,"user":8}`} {
		if tree, err := decodeLaravel([]byte(text)); err == nil {
			t.Errorf("%s: %v", text, tree)
		}
	}
}
