package format

// Options are everything that a configuration may say of another program's
// sessions. A preset fills them in; what the configuration says besides takes
// the place of that, word by word. Each word is the same in JSON and in the
// Caddyfile.
type Options struct {
	// Name is the program: one that package preset names, or `custom` for a table
	// that none of them is.
	Name string `json:"name"`

	// Variant is which of several layouts or libraries the program has.
	// Default: the preset's first.
	Variant string `json:"variant,omitempty"`

	// Secret are the program's own secrets, the present one first. Older ones
	// keep working. Use {env.*} or {file.*}.
	Secret []string `json:"secret,omitempty"`

	// InsecureUnsigned accepts cookies without checking a signature, so that
	// whoever reads the table can be anybody in it.
	InsecureUnsigned bool `json:"insecure_unsigned,omitempty"`

	// Cookie is the name of the cookie; some programs sign it with the value.
	// Default: the program's own.
	Cookie string `json:"cookie,omitempty"`

	// CookieElse is what the cookie is called where the browser has none of the
	// first name: programs that set `__Secure-sid` over https set `sid` over http.
	CookieElse string `json:"cookie_else,omitempty"`

	// Credentials are the names of the program's other cookies that let somebody
	// in: of "remember me", of a second session. Each may have one `*`, for any
	// text. With and without `__Secure-` and `__Host-`, no app behind a guard sees
	// them or sets them. They add to the preset's; `off` takes those away.
	Credentials []string `json:"credentials,omitempty"`

	// Token are the steps that make of a cookie what its row is found by, each
	// a name and its arguments. Default: the preset's; for custom, the value as
	// it is.
	Token []string `json:"token,omitempty"`

	// KeyType is what the key's column holds: text, bytes, int or uuid.
	// Default: text.
	KeyType string `json:"key_type,omitempty"`

	// Schema is the PostgreSQL schema or MySQL database of the tables, or off
	// for where the connection finds them. Default: the preset's, or off.
	Schema string `json:"schema,omitempty"`

	// TablePrefix is what the names of all tables begin with, in programs that
	// have such a thing (Moodle, Joomla, Drupal).
	TablePrefix string `json:"table_prefix,omitempty"`

	// Table holds the sessions.
	Table string `json:"table,omitempty"`

	// Columns says which column holds what: key, user_id, payload, expires_at,
	// last_seen, created_at, name, email, groups, active, proof, password, or
	// any other name that claims and require then know. What stands in
	// parentheses is an expression over the sessions `s` and the users `u`.
	// `off` takes a column of the preset away.
	Columns map[string]string `json:"columns,omitempty"`

	// Users is the table that the user's name, email and groups come from.
	Users *Users `json:"users,omitempty"`

	// Query takes the place of table, columns and users: a SELECT with one `?`,
	// whose result's columns have the names that columns gives them.
	Query string `json:"query,omitempty"`

	// UserQuery takes the place of users where the user's id is only in the
	// payload: a SELECT with one `?`, the id.
	UserQuery string `json:"user_query,omitempty"`

	// Expires is how a row says that it is over: absolute (expires_at is the
	// end), since (last_seen and max_age later) or none (created_at and max_age
	// later). Default: absolute.
	Expires string `json:"expires,omitempty"`

	// ExpiresUnit is how the row's times are written: time (the database's own,
	// or text in UTC), local (the database's own without a zone, in the zone of
	// its sessions), text, unix, unix_ms or julian. Default: time.
	ExpiresUnit string `json:"expires_unit,omitempty"`

	// MaxAge is how long a session lives where the row does not say it.
	MaxAge Duration `json:"max_age,omitempty"`

	// Lifetime ends a session so long after created_at, whatever else holds.
	// Default: no such limit.
	Lifetime Duration `json:"lifetime,omitempty"`

	// Codec reads the payload: the name of a codec, or off. Default: the
	// preset's; for custom json where there is a payload.
	Codec string `json:"codec,omitempty"`

	// PayloadKey is where the payload repeats the row's key. A payload that was
	// put under another key is refused then.
	PayloadKey string `json:"payload_key,omitempty"`

	// User is where in the payload the user's id stands: paths that are tried
	// in order. Default: the preset's, or else the column user_id.
	User []string `json:"user,omitempty"`

	// UserType is text to accept only text as a user's id, or any for whole
	// numbers as well. Default: any.
	UserType string `json:"user_type,omitempty"`

	// Claims are what else is known of the user: for each name a column of the
	// result or a path into the payload. name, email and groups are claims
	// already where they are columns. `off` takes one away.
	Claims map[string]string `json:"claims,omitempty"`

	// Require are conditions on columns or paths; a session that does not meet
	// them all is nobody.
	Require []Condition `json:"require,omitempty"`

	// Guards are the checks of a framework that are no plain conditions:
	// django_auth_hash, devise_salt. `off` takes away the preset's.
	Guards []string `json:"guards,omitempty"`

	// Revocable lets logout and `caddy session revoke` delete the row. Without
	// it nothing is ever written.
	Revocable bool `json:"revocable,omitempty"`
}

// Users is the table of users.
type Users struct {
	// Table is its name, or off for none.
	Table string `json:"table,omitempty"`
	// Key is the column of the user's id. Default: the preset's, or id.
	Key string `json:"key,omitempty"`
	// KeyType is what that column holds where users are asked for by an id of
	// the payload: text, int or uuid. Default: the preset's, or text.
	KeyType string `json:"key_type,omitempty"`
	// Columns says which column holds what, as those of the sessions do.
	Columns map[string]string `json:"columns,omitempty"`
}

// Condition is something that must hold.
type Condition struct {
	// Of is the column or the path.
	Of string `json:"of"`
	// Values are what it may be. Without any it must only be there, and be
	// neither false, zero nor empty. `off` takes a condition of the preset away.
	Values []string `json:"values,omitempty"`
}
