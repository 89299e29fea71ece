package rule

var noticeDead = Rule{ID: "notice-dead", Clause: "3.1.2.notice"}
