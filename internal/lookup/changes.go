package lookup

import "time"

const (
	// lookEvery is how often it is looked whether anybody has changed the database,
	// where that costs next to nothing.
	lookEvery = 50 * time.Millisecond
	// changesEvery is how often a change is asked about at most.
	changesEvery = 250 * time.Millisecond
)

// wait waits for the next round, and reports whether it has come early, since
// somebody has changed the database, or never, since the realm is closed. A change
// is a hint only: without any the rounds come as they would. One of many sessions
// does not come early.
func (r *recheck) wait(pause time.Duration) (changed, closed bool) {
	if r.version == nil {
		select {
		case <-r.closed:
			return false, true
		case <-time.After(pause):
			return false, false
		}
	}
	began := time.Now()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-r.closed:
			return false, true
		case now := <-look.C:
			waited := now.Sub(began)
			if waited < min(pause, changesEvery) {
				continue
			}
			inUse := r.isInUse()
			early := waited >= changesEvery && inUse && r.size.Load() <= int64(r.most)*changesEvery.Milliseconds()/1000
			switch {
			case waited < pause && !early:
				continue
			case !inUse: // nobody is to listen for anything
				return false, false
			}
			changed := r.look() // what changes from now on is of the next
			if changed && early || waited >= pause {
				return changed && early, false
			}
		}
	}
}

// look looks whether anybody has changed the database, and reports that.
func (r *recheck) look() (changed bool) {
	r.looked.Store(time.Now().UnixMilli())
	version, known := r.version()
	if changed = known && version != r.seen; changed || !known {
		r.state.Add(1)
	}
	if known {
		r.seen = version
	}
	return changed
}

// isUnchanged reports whether nothing has changed in the whole database since it was
// asked for a session, which says as much as asking when it was looked. A session is
// over all the same when its time is.
func (r *recheck) isUnchanged(s *Session) bool {
	state, looked := r.state.Load(), r.looked.Load()
	if s.state.Load() != state || !s.alive(time.Now(), r.realm.settings.Idle) {
		return false
	}
	s.checked.Store(looked)
	return true
}

// isInUse reports whether there is anything to ask for.
func (r *recheck) isInUse() bool {
	r.mu.Lock()
	used := len(r.used)
	r.mu.Unlock()
	return used > 0 || !r.realm.streams.isIdle(r.realm)
}

// dataVersion is the database's, unless that is closed.
func (r *Realm) dataVersion() (int64, bool) {
	if r.db.hold() != nil {
		return 0, false
	}
	defer r.db.release()
	return r.db.DataVersion()
}
