// Package stream watches what passes under a session while a request lasts, or
// what it has become: the body that a client sends, and the connection that a
// handler has taken over; and it ends that from outside. It is pure: it knows net/http's types, and nothing of
// Caddy or of sessions.
//
// # What counts
//
// [Activity] is told of each piece of what somebody does, and never of what a
// tab does that was forgotten: of a WebSocket's frames those with data count,
// pings, pongs and closes do not ([Frames]). Of anything else that a client
// sends each byte counts. Nothing is held back, buffered or changed.
//
// # How it ends
//
// [Cut] is the request's context, and is told when the session has ended. What has
// been taken over is closed, a WebSocket with a word where a frame has just ended;
// of HTTP/1 the connection, of HTTP/2 and 3 the one stream; and nothing more is
// written. Once the handler has returned, nothing is cut: its connection may carry
// another request.
//
// # What it costs
//
// One call for each piece that was read, and a look at the headers of frames.
// What handlers make of a connection beyond reading and writing (closing one
// half of it, copying into it within the kernel) goes on working.
//
// # Where to look
//
//	use.go     all that one request is watched for
//	cut.go     the end of a request from outside
//	client.go  what a client sends, and whether that counts
//	body.go    the body of a request
//	conn.go    a connection that a handler has taken over
//	frames.go  the frames of a WebSocket, as far as their headers go
package stream
