//go:build race

package store

// The race detector makes pools forget on purpose, so nothing can be said of
// allocations under it.
const raceEnabled = true
