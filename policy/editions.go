package policy

import (
	_ "embed"
	"sync"
)

//go:embed editions/2026-01.yaml
var first string

// First is the edition that ships: the project's own proposal. A text that does not
// parse keeps the program from starting.
var First = sync.OnceValue(func() *Edition {
	e, err := Parse(first)
	if err != nil {
		panic(err)
	}
	return e
})
