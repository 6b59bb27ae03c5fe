package payload

import (
	"math"
	"slices"
	"strconv"
)

// TextOf makes text of a string or a whole number. It makes none of a bool:
// PHP and Ruby write false for nobody, and "false" must not become a user.
func TextOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		// Beyond 2^53 a float is no longer one number.
		if v == math.Trunc(v) && math.Abs(v) <= 1<<53 {
			return strconv.FormatInt(int64(v), 10), true
		}
	}
	return "", false
}

// ListOf makes texts of a list, or one text of a scalar. A map whose keys are
// all indexes is a list with gaps: what PHP makes of a filtered array.
func ListOf(v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		if fields, isMap := v.(map[string]any); isMap {
			list, ok = gapped(fields)
		} else {
			list, ok = []any{v}, true
		}
	}
	texts := make([]string, 0, len(list))
	for _, item := range list {
		text, isText := TextOf(item)
		if !isText {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, ok
}

// gapped puts the values of a map in the order of their indexes.
func gapped(fields map[string]any) ([]any, bool) {
	indexes := make([]int, 0, len(fields))
	for key := range fields {
		i, ok := listIndex(key)
		if !ok {
			return nil, false
		}
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	list := make([]any, len(indexes))
	for at, i := range indexes {
		list[at] = fields[strconv.Itoa(i)]
	}
	return list, true
}

// listIndex reads an index in its one spelling: no sign, no zero before.
func listIndex(key string) (int, bool) {
	i, err := strconv.Atoi(key)
	return i, err == nil && i >= 0 && strconv.Itoa(i) == key
}
