// Package js turns any bytes that claim to be JavaScript, TypeScript, JSX or TSX
// into a tree whose every node says exactly where it stands: src[n.Pos():n.End()]
// is the text of n, whatever state the source is in.
//
// It is made for reading code, not for running it. Broken code gives a tree with
// [Bad] nodes and a list of [Error]; nothing makes it panic or loop, and what
// stands before, after and around the broken place is kept. Early errors of the
// language (two declarations of one name, return outside a function, await where
// it may not stand) are not looked for: a parser that says yes has only found a
// shape.
//
// Grammar after ECMA-262 (edition 2025) clauses 12 to 16 and annex B, the stage 3
// decorators, JSX as drafted by its authors, and TypeScript as its handbook
// describes it. Of types only the extent is kept.
//
// Patterns are written with the nodes of expressions: in a binding or a
// destructuring assignment [Object], [Array], [Assign] (a default) and [Spread]
// (a rest) mean what the position makes of them. Parentheses leave no node; the
// parenthesised expression keeps its own range and the node around it begins at
// the parenthesis.
package js
