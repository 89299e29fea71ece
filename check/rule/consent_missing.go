package rule

var consentMissing = Rule{ID: "consent-missing", Clause: "3.1.1.consent"}
