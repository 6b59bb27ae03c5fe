package store

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"
)

// Beside the steps from one version to the next there is schema.sql, which makes the
// tables of the latest in an empty database.
//
//go:embed migrations
var migrationFiles embed.FS

// migration is one step from a version of the tables to the next.
type migration struct {
	version    int
	name       string
	compatible int // the oldest version that a program may know to use what this makes
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
		if file.Name() == schemaFile {
			continue
		}
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
		all = append(all, migration{version, name, compatibleFrom(string(text)), split(string(text))})
	}
	return all, nil
}

const schemaFile = "schema.sql"

// wholeSchema makes what all steps together make, in an empty database.
func wholeSchema(dialect string, steps []migration) (migration, error) {
	text, err := fs.ReadFile(migrationFiles, "migrations/"+dialect+"/"+schemaFile)
	last := steps[len(steps)-1]
	last.statements = split(string(text))
	return last, err
}

// compatibleFrom reads the line that says it. Without one only the same version is.
func compatibleFrom(text string) int {
	_, rest, _ := strings.Cut(text, "\n-- compatible_from: ")
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.Atoi(line)
	return n
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
