package rule

var tooMuchAsked = Rule{ID: "too-much-asked", Clause: "3.1.3.concise"}
