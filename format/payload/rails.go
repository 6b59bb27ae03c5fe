package payload

import "bytes"

// DecodeRails reads the data column of activerecord-session_store, in each of
// its forms: JSON with the session under "value", or base64 of Ruby's Marshal.
func DecodeRails(data []byte) (any, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return Base64(DecodeMarshal)(data)
	}
	tree, err := DecodeJSON(data)
	if err != nil {
		return nil, err
	}
	session, ok := tree.(map[string]any)["value"].(map[string]any)
	if !ok {
		return nil, undecodable("rails", "it has no value")
	}
	return session, nil
}
