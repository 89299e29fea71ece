package rule

var consentForged = Rule{ID: "consent-forged", Clause: "3.1.1.consent"}
