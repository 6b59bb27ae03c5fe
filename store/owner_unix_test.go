//go:build unix && !nosqlite

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What root makes beside what is Caddy's user's must be that user's as well, or
// Caddy does not start. Elsewhere nothing changes hands.
func TestOwner_WhatRootMakesIsTheDirectoryOwners(t *testing.T) {
	const user, group = 4711, 4712
	wantUser, wantGroup := user, group
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		wantUser, wantGroup = os.Geteuid(), os.Getegid() // nobody else can give things away
	} else if err := os.Chown(dir, user, group); err != nil {
		t.Fatal(err)
	}
	inner := filepath.Join(dir, "a", "b")
	if err := MakeDir(inner); err != nil {
		t.Fatal(err)
	}
	file, err := createFile(filepath.Join(inner, "session.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Dir(inner), inner, file} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		owner := info.Sys().(*syscall.Stat_t)
		if int(owner.Uid) != wantUser || int(owner.Gid) != wantGroup || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %d:%d %v, want %d:%d", path, owner.Uid, owner.Gid, info.Mode(), wantUser, wantGroup)
		}
	}
	if err := MakeDir(inner); err != nil {
		t.Error(err)
	}
	if err := MakeDir(file); err == nil {
		t.Error("a file was taken for a directory")
	}
}
