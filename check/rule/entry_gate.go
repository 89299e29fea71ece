package rule

var entryGate = Rule{ID: "entry-gate", Clause: "3.2.entry-popup"}
