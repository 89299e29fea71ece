package rule

var repeatAsk = Rule{ID: "repeat-ask", Clause: "3.2.repeat"}
