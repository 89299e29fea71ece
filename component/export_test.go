package component

// TidyTarget is what a target is held to, for an app whose one category is approved.
func TidyTarget(t Target, category string) (Target, []TargetProblem) {
	wrong := t.tidy(map[string]bool{category: true})
	return t, wrong
}
