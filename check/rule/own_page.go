package rule

var ownPage = Rule{ID: "own-page", Clause: "3.2.own-page"}
