//go:build !nopostgres || (!nomariadb && (!nomysql || (nobadger && nopgx)))

package store

import "time"

// KeepConnections has connections made from now on kept for so long at most, until
// the function that it returns is called.
func KeepConnections(most time.Duration) (restore func()) {
	was := connAges
	connAges.most = most
	return func() { connAges = was }
}
