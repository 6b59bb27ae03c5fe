package payload

import (
	"encoding/base64"
	"slices"
	"time"
)

// TowerRecord is a row's data in tower-sessions: rmp-serde's compact form of
// its struct Record.
type TowerRecord struct {
	// ID is the session's id in the byte order of the cookie. A reader compares
	// it with the row's key: a blob under another id was put there by hand.
	ID [16]byte
	// Data is what the program put into the session.
	Data map[string]any
	// Expiry is the same instant as the row's expiry_date, with nanoseconds.
	// The column decides; this is for tables without one.
	Expiry time.Time
}

// Key is the id as the cookie and the id column spell it.
func (t *TowerRecord) Key() string { return base64.RawURLEncoding.EncodeToString(t.ID[:]) }

// DecodeTower reads the data of a [TowerRecord].
func DecodeTower(data []byte) (any, error) {
	record, err := ParseTowerRecord(data)
	if err != nil {
		return nil, err
	}
	return record.Data, nil
}

// ParseTowerRecord reads a row's data in the form of tower-sessions 0.10 to 0.15.
func ParseTowerRecord(data []byte) (*TowerRecord, error) {
	m := msgpackReader{newReader("tower", data)}
	v := m.value()
	v, err := m.finish(v)
	if err != nil {
		return nil, err
	}
	if record := towerRecord(v); record != nil {
		return record, nil
	}
	return nil, undecodable("tower", "not a record")
}

func towerRecord(v any) *TowerRecord {
	parts, ok := v.([]any)
	if !ok || len(parts) != 3 {
		return nil
	}
	id, isID := parts[0].(string)
	data, isData := parts[1].(map[string]any)
	expiry, isExpiry := towerTime(parts[2])
	if !isID || !isData || !isExpiry || len(id) != 16 {
		return nil
	}
	record := &TowerRecord{Data: data, Expiry: expiry}
	// An i128 is written big end first, the cookie spells it little end first.
	copy(record.ID[:], id)
	slices.Reverse(record.ID[:])
	return record
}

// towerTime reads the time crate's compact form: year, day of the year, hour,
// minute, second, nanosecond, and the offset's hours, minutes and seconds.
func towerTime(v any) (time.Time, bool) {
	parts, ok := v.([]any)
	limits := [9][2]int64{
		{-9999, 9999},
		{1, 366},
		{0, 23},
		{0, 59},
		{0, 59},
		{0, 999_999_999},
		{-25, 25},
		{-59, 59},
		{-59, 59},
	}
	if !ok || len(parts) != len(limits) {
		return time.Time{}, false
	}
	var n [9]int
	for i, part := range parts {
		number, ok := part.(int64)
		if !ok || number < limits[i][0] || number > limits[i][1] {
			return time.Time{}, false
		}
		n[i] = int(number)
	}
	t := time.Date(n[0], time.January, n[1], n[2]-n[6], n[3]-n[7], n[4]-n[8], n[5], time.UTC)
	return t, true
}
