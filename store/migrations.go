package store

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed migrations
var migrationFiles embed.FS

// migration is one step from a version of the tables to the next.
type migration struct {
	version    int
	name       string
	statements []string
}

// migrationsOf reads the files of a dialect. They are named NNNN_what.sql.
func migrationsOf(dialect string) ([]migration, error) {
	dir := "migrations/" + dialect
	files, err := fs.ReadDir(migrationFiles, dir) // in the order of their names
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, file := range files {
		text, err := fs.ReadFile(migrationFiles, dir+"/"+file.Name())
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(file.Name(), ".sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, err
		}
		all = append(all, migration{version, name, split(string(text))})
	}
	return all, nil
}

// split cuts a file into statements, for not every driver takes several at once.
func split(text string) []string {
	var statements []string
	for statement := range strings.SplitSeq(text, ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			statements = append(statements, statement)
		}
	}
	return statements
}
