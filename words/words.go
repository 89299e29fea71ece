// Package words keeps one promise: every sentence a person reads exists in
// Chinese and in English, and is written down once.
//
// Texts live in zh*.json and en*.json, a pair per room; a test holds the two
// languages to the same keys and the same {names}.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language people are spoken to in.
type Lang string

// The languages there are. Chinese is the default everywhere.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// Langs is every language, the default first.
func Langs() []Lang { return []Lang{ZH, EN} }

// Valid reports whether l is one of [Langs].
func (l Lang) Valid() bool { return l == ZH || l == EN }

// BCP47 is the tag for an HTML lang attribute.
func (l Lang) BCP47() string {
	if l == EN {
		return "en"
	}
	return "zh-CN"
}

var matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// Parse reads a language tag or an Accept-Language header; what it does not know
// becomes Chinese.
func Parse(accept string) Lang {
	if l := Lang(accept); l.Valid() {
		return l
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return ZH
	}
	if _, i, conf := matcher.Match(tags...); i == 1 && conf > language.No {
		return EN
	}
	return ZH
}

//go:embed *.json
var files embed.FS

var texts = load()

func load() map[Lang]map[string]string {
	out := map[Lang]map[string]string{ZH: {}, EN: {}}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		lang := Lang(name[:2])
		if !lang.Valid() {
			panic("words: " + name + ": a file name begins with its language")
		}
		raw, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		var part map[string]string
		if err := json.Unmarshal(raw, &part); err != nil {
			panic(fmt.Sprintf("words: %s: %v", name, err))
		}
		for key, text := range part {
			if _, twice := out[lang][key]; twice {
				panic("words: " + name + ": " + key + " is written twice")
			}
			out[lang][key] = text
		}
	}
	return out
}

// T is the text under key, with each {name} replaced: T(EN, "greet", "who", x).
// A missing key is shown as itself in brackets, so that it is seen and nothing
// breaks; the tests of the rooms that use keys look for it.
func T(lang Lang, key string, args ...any) string {
	if !lang.Valid() {
		lang = ZH
	}
	text, ok := texts[lang][key]
	if !ok {
		return "[" + key + "]"
	}
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(args[i])+"}", fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Has reports whether key is written down.
func Has(key string) bool { _, ok := texts[ZH][key]; return ok }

// Keys is every key, sorted.
func Keys() []string { return slices.Sorted(maps.Keys(texts[ZH])) }
