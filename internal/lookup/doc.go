// Package lookup is a realm at work: from the key that a cookie stands for to
// the session, and back to its end. It knows the formats and the store, and
// nothing of HTTP; of Caddy it uses the pools that survive a reload.
//
// # The life of one lookup
//
// [Realm.Lookup] has the format make a key of the cookie's value: what this
// realm could not have made ends here. [Realm.Find] asks the cache; on a miss,
// callers who want the same session share one question to the table, which is
// the database behind a breaker. The answer is a [Session], a reason why there
// is none, or that nobody can know: [StatusOf] has a word for each.
//
// # Whose sessions
//
// A backend is what the module's own sessions and another program's have in
// common; whatever one of them cannot do is an error that says so ([ErrForeign]
// and its like), so that nobody else has to ask which of the two it is.
//
// # What has ended
//
// A session that ends on this node is gone from memory before the call returns,
// also if a lookup of it is under way. The cache counts endings in epochs: what
// the database said before an ending is not believed after it.
//
// # What is under way
//
// Each request with a session is a [Stream] until it is over, whatever it has
// become. What ends here ends those of the session at once; what ends elsewhere,
// when the database is asked again. They outlive the realm's settings: a realm
// that a reload has replaced looks after its own until the last one is over.
//
// # Where to look
//
//	realm.go       a realm at work: opening, finding
//	activity.go    the use of a session, noted for as long as a request lasts
//	manage.go      starting, ending, listing sessions
//	backend.go     what the two kinds of sessions have in common
//	native.go      the module's own; foreign.go another program's
//	table.go       the database, left alone while it does not answer (breaker.go)
//	cache.go       what the database said a moment ago; invalidate.go what has ended since
//	endings.go     what has ended here and comes back with a fail-over ends again
//	recheck.go     rounds of asking again for what is in use: what has ended elsewhere
//	               goes (askagain.go), early where a change is seen (changes.go)
//	streams.go     the requests under way, which end with their sessions
//	newborn.go     a session that was started a moment ago, and may not be here yet
//	unknowns.go    how often a client may ask for sessions that do not exist
//	status.go      the word for an outcome; settings.go what a realm depends on, times.go
//	               what is said of its times when nothing is
//	session.go     a session as requests share it; prepared.go what guards made of it
//	database.go    open databases, shared by realms and kept over a reload
package lookup
