// Package preset knows how programs keep their sessions: a file for each, as data
// over the options of package format.
//
// A preset is what an operator would have to write if there were none, in the
// same words (docs/formats.md lists them): the cookie's name, the steps from a
// cookie to a key, the table and what its columns hold, when a row has ended, how
// its payload is read and where the user stands in it. What it holds was read in
// the program's source or seen in its database; where neither is told, a comment
// says what the value follows from.
//
// # The life of a configuration
//
//	format.Options{Name: "django", Secret: ...} ──Complete──> format.Program ──format.New──> *format.Foreign
//
// [Complete] finds the preset, refuses what the program cannot do without (its
// secret, a variant, a cookie that each site names itself), asks the preset to
// fill in its options for this kind of database, and lays the operator's words
// over them: word by word, and within columns, claims and users name by name. The
// word off takes a part away. What the program does besides (how many cookies of
// one name it tries, whether its sessions can be listed) goes into the Program.
//
// # Where things are
//
//	preset.go    the table of programs, Names, Complete
//	merge.go     the operator's words over a preset's
//	secret.go    programs that sign, and what is to be done without the secret
//	users.go dialect.go    what several presets share
//	custom.go    a table that no preset is for
//	django.go laravel.go express.go ...    one program each
//
// # Adding a program
//
// Write its file: a preset whose fill returns the options. Name it in preset.go's
// table. Put rows and cookies that the program itself made into vectortest, and
// test with them on each database that the program knows: that the user is let
// in, that each way of being nobody has its reason, and that another user, an
// expired row, a changed cookie and a disabled account are nobody. Tests fail
// until its tables are in index_test.go, whose lookups must use an index, and
// until docs/formats.md tells of it. If it needs more than the words can say, it
// needs a token step, a codec or a check first.
package preset
