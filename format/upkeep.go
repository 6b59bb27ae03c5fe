package format

// Upkeep are the statements that give a table the column by which its sessions
// are listed, where the program's own newer versions do the same; for others
// there are none. They write, so they are for whoever may change the table.
func (f *Foreign) Upkeep() []string {
	column := f.listedBy
	if column == "" || f.o.Query != "" {
		return nil
	}
	table := f.dialect.Table(f.o.Schema, f.o.Table)
	return []string{
		"ALTER TABLE " + table + " ADD COLUMN " + f.dialect.Quote(column) + " text",
		"CREATE INDEX IF NOT EXISTS " + f.dialect.Quote("idx_"+f.o.Table+"_"+column) + " ON " + table + " (" + f.dialect.Quote(column) + ")",
	}
}
