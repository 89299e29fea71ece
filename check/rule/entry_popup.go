package rule

var entryPopup = Rule{ID: "entry-popup", Clause: "3.2.entry-popup"}
