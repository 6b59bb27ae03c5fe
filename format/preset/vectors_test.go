package preset

import "github.com/seed-11312c3d/caddy-session/format/vectortest"

// What real programs wrote, as these tests find it.
var (
	vectors    = vectortest.Load
	at         = vectortest.At
	text       = vectortest.Text
	optional   = vectortest.Optional
	list       = vectortest.List
	texts      = vectortest.Texts
	unbase64At = vectortest.Bytes
)
