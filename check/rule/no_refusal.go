package rule

var noRefusal = Rule{ID: "no-refusal", Clause: "3.1.2.refuse"}
