package rule

var requiredUnmarked = Rule{ID: "required-unmarked", Clause: "3.1.3.required"}
