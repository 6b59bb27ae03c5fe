package payload

// backrefs are the values that later parts of a payload may point back to.
type backrefs []backref

type backref struct {
	value  any
	weight int
	done   bool
}

// open numbers a value before it is read, as the writers do.
func (b *backrefs) open() int {
	*b = append(*b, backref{})
	return len(*b) - 1
}

func (b backrefs) close(slot int, v any, weight int) {
	b[slot] = backref{value: v, weight: weight, done: true}
}

// resolve returns the value in a slot and charges it again, as if it had been
// written twice: a few bytes of references to references would otherwise
// unfold to more than any memory. A reference into a value that is still being
// read is a cycle; it is cut to nil, for a tree has none.
func (b backrefs) resolve(r *reader, slot uint64) any {
	if slot >= uint64(len(b)) {
		r.fail("a reference points nowhere")
		return nil
	}
	ref := b[slot]
	if !ref.done {
		return nil
	}
	r.charge(ref.weight)
	if r.err != nil {
		return nil
	}
	if r.depth+height(ref.value) > maxDepth {
		r.fail("nested deeper than 64 levels")
		return nil
	}
	return ref.value
}

// height counts the levels below a value.
func height(v any) int {
	tallest := -1
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			tallest = max(tallest, height(child))
		}
	case map[string]any:
		for _, child := range v {
			tallest = max(tallest, height(child))
		}
	}
	return tallest + 1
}
