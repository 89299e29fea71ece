package rule

var requiredMismatch = Rule{ID: "required-mismatch", Clause: "3.1.3.required"}
