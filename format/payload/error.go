package payload

// An Error is data that is not what its codec reads, or more than it may be.
// Every error of a [Codec] is one. It says which rule the data broke and never
// quotes it: a session's payload must not reach a log by way of an error.
type Error struct {
	// Codec is the name of what could not read the data.
	Codec string
	// Why is the rule, in words.
	Why string
}

// Error names the codec and the rule.
func (e *Error) Error() string { return "reading " + e.Codec + ": " + e.Why }

func undecodable(codec, why string) error { return &Error{Codec: codec, Why: why} }
