package rule

var hintMissing = Rule{ID: "hint-missing", Clause: "3.1.3.hint"}
