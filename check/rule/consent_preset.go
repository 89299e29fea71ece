package rule

var consentPreset = Rule{ID: "consent-preset", Clause: "3.1.1.consent"}
