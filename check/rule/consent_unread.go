package rule

var consentUnread = Rule{ID: "consent-unread", Clause: "3.1.1.consent"}
