// Package stream watches what passes under a session while a request lasts, or
// what it has become: the body that a client sends, and the connection that a
// handler has taken over. It is pure: it knows net/http's types, and nothing of
// Caddy or of sessions.
//
// # What counts
//
// [Activity] is told of each piece of what somebody does, and never of what a
// tab does that was forgotten: of a WebSocket's frames those with data count,
// pings, pongs and closes do not ([Frames]). Of anything else that a client
// sends each byte counts. Nothing is held back, buffered or changed.
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
//	client.go  what a client sends, and whether that counts
//	body.go    the body of a request
//	conn.go    a connection that a handler has taken over
//	frames.go  the frames of a WebSocket, as far as their headers go
package stream
