package rule

var presetAnswer = Rule{ID: "preset-answer", Clause: "3.1.3.hint"}
