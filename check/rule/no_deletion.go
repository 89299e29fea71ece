package rule

var noDeletion = Rule{ID: "no-deletion", Clause: "3.1.2.delete"}
