package preset

import (
	"errors"

	"github.com/seed-11312c3d/caddy-session/format"
	"github.com/seed-11312c3d/caddy-session/format/sqltext"
)

// custom is a table that no preset is for.
var custom = preset{
	fill: func(o format.Options, _ sqltext.Dialect) (format.Options, error) {
		filled := format.Options{}
		if o.Columns["payload"] != "" {
			filled.Codec = "json"
		}
		if o.Cookie == "" {
			return filled, errors.New("cookie is missing: what is the program's cookie called?")
		}
		return filled, nil
	},
}
