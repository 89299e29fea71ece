package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestCheckJSON(t *testing.T) {
	for text, want := range map[string]error{
		`{}`: nil, `[1,"a",null,true,{"a":{"b":"c"}}]`: nil, ` {"a":1} ` + "\n": nil, `"\u0001"`: nil,
		`{"a":1,"a":1}`:             jsontext.ErrDuplicateName,
		`{"a":1,"\u0061":2}`:        jsontext.ErrDuplicateName,
		`[{"b":{"a":1,"a":1}}]`:     jsontext.ErrDuplicateName,
		`"\u0000"`:                  errNUL,
		`{"\u0000":1}`:              errNUL,
		strings.Repeat("[", 25):     errDepth,
		strings.Repeat(`{"a":`, 25): errDepth,
		`{} {}`:                     errTail,
		`1 x`:                       errTail,
	} {
		if err := checkJSON([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
	for _, text := range []string{"", "{", "x", "\"\xff\"", `"\ud800"`, `{"a":01}`, "{'a':1}", "NaN", "// c\n{}", "\ufeff{}"} {
		if checkJSON([]byte(text)) == nil {
			t.Errorf("%q passes", text)
		}
	}
}

func TestPlaceRepeatsNoText(t *testing.T) {
	number := "138" + strings.Repeat("0", 8)
	for in, want := range map[string]string{
		"body": "body", "body.consent.choices[3].id": "body.consent.choices[3].id", "query.limit": "query.limit",
		"body.answers." + number: "body.answers.…", "body.王小明": "body.…", "body.a b": "body.…", "body.x[" + number + "]": "body.…",
		"header.Idempotency-Key": "header.Idempotency-Key",
	} {
		if got := place(in); got != want {
			t.Errorf("place(%q) = %q, want %q", in, got, want)
		}
	}
}

// What passes has one meaning: the standard library reads it too, and what it
// writes of it passes again.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":"c"}]}`, `{"a":1,"a":2}`, `"\u0000"`, "[[[[", "{} {}", `1e999`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkJSON(data) != nil {
			return
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%q passes and is not JSON: %v", data, err)
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkJSON(again); err != nil {
			t.Fatalf("%q passes and, written again as %q, does not: %v", data, again, err)
		}
	})
}
