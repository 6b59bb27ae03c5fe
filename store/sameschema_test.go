package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-11312c3d/caddy-session/store/storetest"
)

// A new database and one that was upgraded have the same columns, keys and indexes.
func TestUpgradeMakesWhatANewDatabaseHas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, url string) {
		firstSchema(t, url, 1)
		fresh := freshURL(t, kindOf(url))
		old, now := describe(t, upgraded(t, url), url), describe(t, upgraded(t, fresh), fresh)
		if !slices.Equal(old, now) {
			t.Errorf("upgraded:\n%s\nnew:\n%s", strings.Join(old, "\n"), strings.Join(now, "\n"))
		}
	})
}

// describe lists the columns of all tables, and what is indexed.
func describe(t *testing.T, s *Store, url string) (lines []string) {
	t.Helper()
	text := map[string]string{
		"sqlite": `SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '') || ' ' || c.pk
			FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
			UNION ALL SELECT i.name || ': ' || c.name FROM sqlite_master i, pragma_index_info(i.name) c WHERE i.type = 'index'`,
		"postgres": `SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') || ' ' || coalesce(collation_name, '')
			FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT relname || coalesce(array_to_string(reloptions, ','), '') FROM pg_class WHERE relname LIKE 'caddy%'`,
		"mysql": `SELECT CONCAT(table_name, '.', column_name, ' ', column_type, ' ', is_nullable, ' ', COALESCE(column_default, ''), ' ', COALESCE(collation_name, ''))
			FROM information_schema.columns WHERE table_schema = DATABASE()
			UNION ALL SELECT CONCAT(table_name, ' ', index_name, ' ', seq_in_index, ' ', column_name) FROM information_schema.statistics WHERE table_schema = DATABASE()`,
	}[s.dialect.name]
	rows, err := storetest.Open(t, url).Query(text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.ToLower(line), "claims") && !strings.Contains(line, "client_addr") && !strings.Contains(line, "user_agent") { // of which schema 1 says a collation
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}
