package caddysession

// HeaderConfig is one header that a guard sets.
type HeaderConfig struct {
	// The header's name.
	Name string `json:"name"`

	// The header's value, with placeholders. `{http.session.user}` is the user
	// id, `{http.session.claims.<name>}` a claim; lists are joined with the
	// guard's separator. An empty value leaves the header out.
	Value string `json:"value"`

	// How the value is written: `utf8` (the bytes as they are), `ascii` and
	// `latin1` (refuse what they cannot write), `percent`, `base64url`.
	// Default: `utf8`.
	Encoding string `json:"encoding,omitempty"`
}
