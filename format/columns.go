package format

// Names that columns of a result may have besides any others.
const (
	colKey      = "key"
	colOldKey   = "previous_key"
	colUser     = "user_id"
	colPayload  = "payload"
	colExpires  = "expires_at"
	colSeen     = "last_seen"
	colCreated  = "created_at"
	colActive   = "active"
	colProof    = "proof"
	colPassword = "password"
	colUserRow  = "user_row"
)

// ofSession are the columns that only a session's row can have: a user's column
// of such a name would take its place.
var ofSession = []string{colKey, colOldKey, colUser, colUserRow, colPayload, colExpires, colSeen, colCreated, colProof}
