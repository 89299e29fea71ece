// Package settings keeps one promise: whatever a project decided about being
// checked is written in the project, with a reason, and is counted.
//
// Three places hold such decisions: clew.check.yaml at the top ([Parse]), comments
// beside the code ([Scan], [Apply]) and a list of what was there before ([Baseline]).
// A decision that is misspelt, gives no reason or no longer applies is said; none
// is guessed. The package reads what it is handed and runs nothing.
package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"clew/check/source"
	"clew/finding"
)

// Names are what the file may be called, at the top of what is checked.
func Names() []string { return []string{"clew.check.yaml", "clew.check.yml"} }

// RuleIDs is every rule there is, switched on or not.
type RuleIDs []string

// Has reports whether id is one of them.
func (r RuleIDs) Has(id string) bool { return slices.Contains(r, id) }

// Reading is how far clause 3.3 reaches; "" is [Platform].
type Reading string

// The readings.
const (
	Platform Reading = "platform" // the lead component only; other phone buttons have the platform's own allow-list
	Strict   Reading = "strict"   // any use of a phone number in the project
)

// String is the reading's name, also of "".
func (r Reading) String() string {
	if r == "" {
		return string(Platform)
	}
	return string(r)
}

// Act is what a function of the project's own does.
type Act string

// The acts.
const (
	Request  Act = "request"  // sends something to a server
	Navigate Act = "navigate" // goes to another page
	Toast    Act = "toast"    // shows a short message that leaves by itself
	Phone    Act = "phone"    // asks for the phone number
)

// Purpose is what a function of the project's own asks or sends for, in the words
// of clause 3.3; "" leaves it to the code.
type Purpose string

// The purposes. Lead is the only one that a lead component may serve.
const (
	Login   Purpose = "login"
	Binding Purpose = "binding"
	Order   Purpose = "order"
	Benefit Purpose = "benefit"
	Lead    Purpose = "lead"
	Other   Purpose = "other"
)

// Settings is what clew.check.yaml says. The zero Settings is a project that
// decided nothing: everything is read, every rule is on.
type Settings struct {
	// File is the name it was read from; "" without one.
	File    string          `yaml:"-"`
	Reading Reading         `yaml:"reading"`
	Paths   Paths           `yaml:"paths"`
	Rules   map[string]Rule `yaml:"rules"`
	Dialogs Dialogs         `yaml:"dialogs"`
	APIs    []API           `yaml:"apis"`
	// Platforms replaces what the project itself says it is built for; empty is
	// what it says.
	Platforms []source.Platform `yaml:"platforms"`
	// Baseline is slash-separated, from the top of what is checked; "" is none.
	Baseline string `yaml:"baseline"`
}

// Paths are globs over slash-separated paths from the top, "**" for any folders. A
// glob that matches a folder covers all that is in it.
type Paths struct {
	// Include is where findings may stand; empty is everywhere. What is outside is
	// still read, because a path may lead through it.
	Include []string `yaml:"include"`
	// Ignore is what is not read at all.
	Ignore []string `yaml:"ignore"`
}

// Rule is a decision about one rule. Reason is there whenever Off is.
type Rule struct {
	Off    bool
	Reason string
}

// Dialogs are the project's own.
type Dialogs struct {
	Tags  []string `yaml:"tags"`  // of components that are dialogs, as my-sheet
	Calls []string `yaml:"calls"` // of functions that open one, as dialog.open
}

// API is a function of the project's own, by the name it is called by.
type API struct {
	Name    string  `yaml:"name"`
	Does    Act     `yaml:"does"`
	Purpose Purpose `yaml:"purpose"`
}

// Off is the rules that are switched off, sorted.
func (s Settings) Off() RuleIDs {
	var off RuleIDs
	for id, r := range s.Rules {
		if r.Off {
			off = append(off, id)
		}
	}
	slices.Sort(off)
	return off
}

// Find is the name of the settings file at the top of fsys, "" if there is none.
// Two of them are an [*Error]: nobody could say which counts.
func Find(fsys fs.FS) (string, error) {
	var there []string
	for _, name := range Names() {
		switch info, err := fs.Stat(fsys, name); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return "", fmt.Errorf("settings: %w", err)
		case info.Mode().IsRegular():
			there = append(there, name)
		}
	}
	switch len(there) {
	case 0:
		return "", nil
	case 1:
		return there[0], nil
	}
	return "", &Error{Wrongs: []Wrong{{
		Place: finding.Place{File: there[1]},
		What:  finding.Say(there[0]+" 与 "+there[1]+" 同时存在", "both "+there[0]+" and "+there[1]+" are there"),
		Fix:   finding.Say("只保留一个", "keep one of them"),
	}}}
}

// Load finds and parses the settings of a tree; without a file they are zero. What
// is wrong inside the file is an [*Error].
func Load(fsys fs.FS, known RuleIDs) (Settings, error) {
	name, err := Find(fsys)
	if err != nil || name == "" {
		return Settings{}, err
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return Settings{}, fmt.Errorf("settings: %w", err)
	}
	return Parse(name, data, known)
}
