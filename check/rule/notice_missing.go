package rule

var noticeMissing = Rule{ID: "notice-missing", Clause: "3.1.2.notice"}
