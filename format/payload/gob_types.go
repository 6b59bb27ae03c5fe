package payload

type gobKind int

const (
	gobUndefined gobKind = iota
	gobBool
	gobInt
	gobUint
	gobFloat
	gobBytes
	gobComplex
	gobInterface
	gobOpaque
	gobList
	gobMap
	gobStruct
)

// gobType is a type as a stream describes it.
type gobType struct {
	kind      gobKind
	name      string
	key, elem int64
	fields    []gobField
}

type gobField struct {
	name string
	id   int64
}

// gobFirstOwn is the first number that a stream may give to a type.
const gobFirstOwn = 64

// gobBuiltin are the types that every stream starts with. The later ones are
// those that definitions are written in, so that they need no reader of their
// own. Their numbers are encoding/gob's, but for the last: it has none there.
var gobBuiltin = map[int64]gobType{
	1: {kind: gobBool},
	2: {kind: gobInt},
	3: {kind: gobUint},
	4: {kind: gobFloat},
	5: {kind: gobBytes},
	6: {kind: gobBytes}, // a string
	7: {kind: gobComplex},
	8: {kind: gobInterface},
	16: {kind: gobStruct, fields: []gobField{
		{"ArrayT", 17},
		{"SliceT", 19},
		{"StructT", 20},
		{"MapT", 23},
		{"GobEncoderT", 24},
		{"BinaryMarshalerT", 24},
		{"TextMarshalerT", 24},
	}},
	17: {kind: gobStruct, fields: []gobField{{"Common", 18}, {"Elem", 2}, {"Len", 2}}},
	18: {kind: gobStruct, fields: []gobField{{"Name", 6}, {"Id", 2}}},
	19: {kind: gobStruct, fields: []gobField{{"Common", 18}, {"Elem", 2}}},
	20: {kind: gobStruct, fields: []gobField{{"Common", 18}, {"Field", 22}}},
	21: {kind: gobStruct, fields: []gobField{{"Name", 6}, {"Id", 2}}},
	22: {kind: gobList, elem: 21},
	23: {kind: gobStruct, fields: []gobField{{"Common", 18}, {"Key", 2}, {"Elem", 2}}},
	24: {kind: gobStruct, fields: []gobField{{"Common", 18}}},
}

// gobDefinition is the type of definitions.
const gobDefinition = 16

func (g *gobReader) typeOf(id int64) gobType {
	if id < gobFirstOwn {
		return gobBuiltin[id]
	}
	return g.types[id]
}

// define reads the definition of a type.
func (g *gobReader) define(id int64) {
	wire, _ := g.value(gobDefinition).(map[string]any)
	if g.err != nil {
		return
	}
	if _, twice := g.types[id]; twice || id < gobFirstOwn {
		g.fail("a type is defined twice")
		return
	}
	g.types[id] = gobTypeOf(wire)
}

// gobTypeOf makes a type of its definition. A field that is zero is not
// written, so what is missing is zero here as well.
func gobTypeOf(wire map[string]any) gobType {
	for kind, definition := range wire {
		body, _ := definition.(map[string]any)
		common, _ := body["Common"].(map[string]any)
		t := gobType{name: gobText(common, "Name"), key: gobNumber(body, "Key"), elem: gobNumber(body, "Elem")}
		switch kind {
		case "ArrayT", "SliceT":
			t.kind = gobList
		case "MapT":
			t.kind = gobMap
		case "StructT":
			t.kind, t.fields = gobStruct, gobFields(body)
		default:
			t.kind = gobOpaque
		}
		if len(wire) == 1 {
			return t
		}
	}
	// Nothing, or more than one thing at once.
	return gobType{}
}

func gobFields(body map[string]any) []gobField {
	list, _ := body["Field"].([]any)
	fields := make([]gobField, len(list))
	for i, v := range list {
		field, _ := v.(map[string]any)
		fields[i] = gobField{name: gobText(field, "Name"), id: gobNumber(field, "Id")}
	}
	return fields
}

func gobText(body map[string]any, name string) string {
	text, _ := body[name].(string)
	return text
}

func gobNumber(body map[string]any, name string) int64 {
	n, _ := body[name].(int64)
	return n
}
