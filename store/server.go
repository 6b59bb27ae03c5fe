//go:build !nopostgres || (!nomariadb && (!nomysql || (nobadger && nopgx)))

package store

import (
	"runtime"
	"time"
)

// connectPatience bounds one attempt to connect. The driver would wait for two
// minutes, and a lookup that comes meanwhile finds no free connection.
const connectPatience = 5 * time.Second

// minServerConns is how many connections a server gets at least, if nobody says
// how many.
const minServerConns = 8

// ages are how long connections are kept.
type ages struct {
	// idle is for those that nobody uses. With the pause between two looks for them,
	// half of it at most, they are gone within a minute: a node that was busy for a
	// moment must not keep connections that another one lacks.
	idle time.Duration
	// most is for all: a server that a balancer sends nobody to any more is left.
	// Half of it at random comes on top, so that not all are made anew at once.
	most time.Duration
}

// connAges is changed by tests only.
var connAges = ages{idle: 30 * time.Second, most: 5 * time.Minute}

// serverConns is the number of connections to a database server.
func (s Settings) serverConns() int {
	if s.MaxConns > 0 {
		return s.MaxConns
	}
	return max(minServerConns, 2*runtime.GOMAXPROCS(0))
}
