package rule

var errorGeneric = Rule{ID: "error-generic", Clause: "3.1.3.error"}
