package store

import "testing"

func BenchmarkRowSession(b *testing.B) {
	row := Row{Key: make([]byte, 32), user: "alice", claims: `{"email":"alice@example.com","groups":["admin","ops","staff"],"name":"Alice Liddell"}`}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := row.Session(); err != nil {
			b.Fatal(err)
		}
	}
}
