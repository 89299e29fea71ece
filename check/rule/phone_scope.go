package rule

var phoneScope = Rule{ID: "phone-scope", Clause: "3.3.scope"}
