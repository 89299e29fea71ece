package rule

var forcedPhone = Rule{ID: "forced-phone", Clause: "3.2.forced"}
