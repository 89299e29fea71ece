package rule

var categoryClosed = Rule{ID: "category-closed", Clause: "2.scope"}
