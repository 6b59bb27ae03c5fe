package format

import "fmt"

// undecodable says which rule data broke. It never quotes the data: a session's
// payload must not reach a log by way of an error.
func undecodable(codec, why string) error {
	return fmt.Errorf("reading %s: %s: %w", codec, why, ErrUndecodable)
}
