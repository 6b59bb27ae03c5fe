package payload

import "slices"

// A Codec reads a session's payload as a tree of plain values: nil, bool,
// int64, float64, string, []any and map[string]any. An integer that int64
// cannot hold, a time and a binary value are strings; a map's key is its text.
//
// Data is hostile to every codec. None makes a value of a type that data
// names, none panics, and each fails with an [Error] beyond 1 MiB (inflated as
// well), 64 levels or 100,000 values.
type Codec func(data []byte) (any, error)

// codecs are those that need nothing but data, by the names that
// configurations and the bar in a path know them by.
var codecs = map[string]Codec{
	"base64_json":  Base64(DecodeJSON),
	"base64_php":   Base64(DecodePHP),
	"django":       DecodeDjango,
	"etf":          DecodeETF,
	"gob":          DecodeGob,
	"json":         DecodeJSON,
	"msgpack":      DecodeMsgpack,
	"php":          DecodePHP,
	"php_binary":   DecodePHPBinary,
	"php_session":  DecodePHPSession,
	"rails":        DecodeRails,
	"ruby_marshal": DecodeMarshal,
	"tower":        DecodeTower,
}

// ByName finds a codec that needs no configuration.
func ByName(name string) (Codec, bool) {
	codec, ok := codecs[name]
	return codec, ok
}

// Names lists what [ByName] knows, in order.
func Names() []string {
	names := make([]string, 0, len(codecs))
	for name := range codecs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
