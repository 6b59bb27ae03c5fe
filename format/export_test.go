package format

// What tests look at besides what others may: the words of configurations, and
// what a row's columns are called.
var (
	WordNames  = wordNames
	StepNames  = stepNames
	CheckNames = checkNames
	Bound      = bound
)

// ResultNames are the columns that a format reads, in their order.
func (f *Foreign) ResultNames() []string {
	names := make([]string, len(f.columns))
	for i, c := range f.columns {
		names[i] = c.name
	}
	return names
}
