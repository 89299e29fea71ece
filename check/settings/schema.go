package settings

import (
	"encoding/json"
	"slices"

	"clew/words"
)

// Schema is the JSON Schema (2020-12) of clew.check.yaml, for editors. With rule ids
// it completes and checks them; without, as in clew.check.schema.json, any word
// that could be one will do. It accepts whatever [Parse] accepts, and refuses all
// that Parse refuses apart from globs, paths and repeated functions.
func Schema(known RuleIDs) []byte {
	top := declared().schema(known)
	top["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	top["title"] = "clew.check.yaml"
	// Marshal writes keys in order and cannot fail on maps of strings and lists.
	out, err := json.MarshalIndent(top, "", "  ")
	if err != nil {
		panic("settings: " + err.Error())
	}
	return append(out, '\n')
}

func (s shape) schema(known RuleIDs) map[string]any {
	m := map[string]any{}
	if len(s.about) > 0 {
		m["description"] = s.about[words.ZH] + " / " + s.about[words.EN]
	}
	switch s.kind {
	case text:
		m["type"], m["minLength"] = "string", 1
		if s.pattern != "" {
			m["pattern"] = s.pattern
		}
	case choice:
		m["enum"] = s.choices
	case list:
		m["type"], m["items"], m["uniqueItems"] = []string{"array", "null"}, s.item.schema(known), true
	case object:
		m["type"], m["additionalProperties"] = []string{"object", "null"}, false
		properties, must := map[string]any{}, []string{}
		for _, f := range s.keys {
			properties[f.key] = f.schema(known)
			if f.must {
				must = append(must, f.key)
			}
		}
		m["properties"] = properties
		if len(must) > 0 {
			// What must have something in it cannot be left empty.
			m["required"], m["type"] = must, "object"
		}
	case rules:
		m["type"] = []string{"object", "null"}
		m["additionalProperties"] = decided()
		if known == nil {
			m["propertyNames"] = map[string]any{"pattern": idPattern}
		} else {
			m["propertyNames"] = map[string]any{"enum": slices.Sorted(slices.Values(known))}
		}
	}
	return m
}

// decided is an entry of rules: on, or a state, off only with a reason.
func decided() map[string]any {
	long := decision().schema(nil)
	long["if"] = map[string]any{"properties": map[string]any{"state": map[string]any{"const": "off"}}}
	long["then"] = map[string]any{"required": []string{"state", "reason"}}
	return map[string]any{"anyOf": []any{map[string]any{"const": "on"}, long}}
}
