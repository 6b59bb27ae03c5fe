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

// serverConns is the number of connections to a database server.
func (s Settings) serverConns() int {
	if s.MaxConns > 0 {
		return s.MaxConns
	}
	return max(minServerConns, 2*runtime.GOMAXPROCS(0))
}
