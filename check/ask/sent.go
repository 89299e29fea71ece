package ask

import (
	"path"
	"strings"

	"clew/check/program"
)

// sentTo reads the names on the way of a call that carries the number: its address,
// what is asked of the address, and the functions that lead there.
func (f *flow) sentTo(e *program.Effect, weaken, most int) bool {
	strong, weak := proven, 4
	if e.Kind == program.Outside {
		strong, weak = 6, 3
	}
	if most > 0 {
		strong, weak = 6, 2
	}
	said := false
	put := func(r reading, name string, strong, weak int) {
		if r.word == "signup" && f.password() {
			r.sense = sense{Login, true}
		}
		if r.purpose != UnknownPurpose {
			said = true
			f.add(r.purpose, Sent, max(1, strength(r, strong, weak)-weaken), name, e)
		}
	}
	segments := f.address(e)
	looks, bare := false, true
	for i := len(segments) - 1; i >= 0; i-- {
		r := read(segments[i])
		if i > 0 && entered[r.word] && eventish.MatchString(strings.ToLower(segments[i-1])) {
			r = reading{sense: sense{Lead, true}, word: r.word}
		}
		if r.looks && i >= len(segments)-2 {
			looks = true
		}
		if i > 0 && r.purpose == UnknownPurpose && !r.looks && f.ask.Grant != nil {
			r = amended(segments[i-1], segments[i])
		}
		if i == len(segments)-1 || bare && !said && !looks {
			put(r, segments[i], strong, weak)
		} else { // a folder of the address
			put(r, segments[i], weak, 2)
		}
		bare = bare && plainWord(segments[i])
	}
	for _, name := range f.functions(e) {
		r := read(name)
		if looks && r.strong { // a decrypting address under a name that says more
			put(r, name, 8, 2)
			continue
		}
		put(r, name, strong, weak)
	}
	if e.Kind == program.Outside {
		put(read(lastDot(e.Name)), e.Name, strong, weak)
	}
	if most == 0 && weaken == 0 && f.ask.Grant != nil && f.entry.Entry.Node == f.ask.Button {
		if r, base := f.module(e); r.strong && (r.purpose == Login || r.purpose == Binding) {
			f.add(r.purpose, Called, 4, base, e)
		}
	}
	return said
}

// amended reads the end of an address that says only what is done, as in user/update,
// together with whose data it is done to.
func amended(owner, done string) reading {
	words := lowered(owner)
	if !personish.MatchString(words) || !changing.MatchString(lowered(done)) {
		return reading{}
	}
	return reading{sense: sense{Binding, false}, word: owner + "/" + done}
}

// module is what the file says in which the project keeps the call, where that is one
// of the files that hold calls by subject.
func (f *flow) module(e *program.Effect) (reading, string) {
	for s := e.Steps; s != nil; s = s.Up {
		switch s.Kind {
		case program.Callback, program.Then, program.Timer, program.Event, program.Watch:
			return reading{}, ""
		}
		if s.File == nil || !callsFolder[strings.ToLower(path.Base(path.Dir(s.File.Path)))] {
			continue
		}
		base := strings.TrimSuffix(path.Base(s.File.Path), path.Ext(s.File.Path))
		if r := read(base); r.strong {
			return r, base
		}
	}
	return reading{}, ""
}

// callsFolder is what folders are called in which projects keep their calls.
var callsFolder = map[string]bool{"api": true, "apis": true, "service": true, "services": true, "server": true, "request": true, "requests": true, "http": true}

// address is the words of the place that a call sends to: the path's parts, the
// values of the query, and the action that the data names.
func (f *flow) address(e *program.Effect) []string {
	text := e.Text
	if strings.Trim(text, "…/") == "" && len(e.Args) > 0 && e.Kind == program.Request {
		text = ""
		for _, k := range f.p.Keys(e.Args[0], 0) {
			if k.Name == "url" || k.Name == "path" {
				k.Value.Walk(func(t *program.Term) bool {
					if s, ok := t.Const(); ok && len(s) > len(text) && strings.Contains(s, "/") {
						text = s
					}
					return true
				})
				if text == "" { // a constant that was not found: its name
					text = strings.ReplaceAll(k.Written, ".", "/")
				}
			}
		}
	}
	var list []string
	if _, rest, ok := strings.Cut(text, "://"); ok {
		_, text, _ = strings.Cut(rest, "/")
	}
	route, query, _ := strings.Cut(text, "?")
	for _, s := range strings.FieldsFunc(route, func(r rune) bool { return r == '/' || r == ' ' }) {
		s = strings.TrimSuffix(s, path.Ext(s))
		if s != "" && s != "api" && s != "…" {
			list = append(list, s)
		}
	}
	for _, kv := range strings.Split(query, "&") {
		if k, v, ok := strings.Cut(kv, "="); ok && v != "…" && k != "token" {
			list = append(list, strings.FieldsFunc(v, func(r rune) bool { return r == '/' || r == '.' })...)
		}
	}
	for _, x := range e.Args {
		for _, k := range f.p.Keys(x, 2) {
			switch strings.ToLower(k.Name) {
			case "action", "act", "cmd", "service", "func", "method", "op", "do", "opt", "$url", "apiname", "interface", "fn":
				if s, ok := k.Value.Const(); ok && s != "" && !httpMethod[strings.ToUpper(s)] && len(s) < 60 {
					list = append(list, strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '.' })...)
				}
			}
		}
	}
	if e.Kind == program.Outside && e.Callee != nil { // db.collection('reserve').add(…)
		e.Callee.Walk(func(t *program.Term) bool {
			if t.Kind == program.String && len(t.Str) < 40 && !strings.Contains(t.Str, " ") {
				list = append(list, t.Str)
			}
			return len(list) < 12
		})
		for _, x := range e.Args { // dispatch('user/login', …)
			if s, ok := x.Const(); ok && x.Kind == program.String && len(s) < 40 && s != "" {
				list = append(list, strings.Split(s, "/")...)
			}
		}
	}
	return list
}

var httpMethod = map[string]bool{"GET": true, "POST": true, "PUT": true, "DELETE": true, "PATCH": true}

// functions is the names of the functions that lead to a call, from the last thing
// that waited on.
func (f *flow) functions(e *program.Effect) []string {
	var list []string
	steps := e.Path()
	for i, s := range steps {
		switch s.Kind {
		case program.Callback:
			if s.Name != "" {
				list = list[:0]
			}
		case program.Then, program.Timer, program.Event, program.Watch:
			list = list[:0]
		case program.Calls, program.Commit:
			if i > 0 && s.Name != "" {
				list = append(list, s.Name)
			}
		}
	}
	return list
}
