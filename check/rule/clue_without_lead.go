package rule

var clueWithoutLead = Rule{ID: "clue-without-lead", Clause: "3.3.scope"}
