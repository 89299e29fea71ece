package rule

var purposeMissing = Rule{ID: "purpose-missing", Clause: "3.1.1.purpose"}
