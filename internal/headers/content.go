package headers

import "net/http"

// contentHeaders describe a body, or where another answer is.
var contentHeaders = []string{
	"Accept-Ranges", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Length",
	"Content-Location", "Content-Range", "Content-Type", "Etag", "Expires", "Last-Modified", "Location",
	"Refresh", "Trailer", "Www-Authenticate",
}

// DropContent drops the headers that describe a body.
func DropContent(h http.Header) {
	for _, name := range contentHeaders {
		delete(h, name)
	}
}
