package payload

// What the tests look at besides what others may: the limits, the table of
// codecs, and two steps that decoders share.
const (
	MaxDepth = maxDepth
	MaxNodes = maxNodes
)

var (
	Codecs   = codecs
	Moment   = moment
	Unbase64 = unbase64
)
