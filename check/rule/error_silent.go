package rule

var errorSilent = Rule{ID: "error-silent", Clause: "3.1.3.error"}
