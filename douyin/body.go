package douyin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds how deep a body nests; none needs more than four levels.
const maxDepth = 12

// parameters is a body or a query that says what is wrong with itself.
type parameters[T any] interface {
	*T
	check() []problem
}

// decode reads a body of JSON. Members that are not known are left alone, since SDKs
// send more than is documented; one that is written twice, and text that is not
// UTF-8 or holds NUL, is refused. The error is *[badParams].
func decode[T any, P parameters[T]](raw []byte) (T, error) {
	var v T
	if !sound(raw) {
		return v, bad("body", "malformed")
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		field := "body"
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" {
			field = wrong.Field // a name of ours, never of the sender's
		}
		return v, bad(field, "shape")
	}
	if problems := P(&v).check(); problems != nil {
		return v, &badParams{problems}
	}
	return v, nil
}

// sound reports whether raw is one JSON object that two readers read alike.
func sound(raw []byte) bool {
	d := jsontext.NewDecoder(bytes.NewReader(raw)) // refuses duplicate names and bad UTF-8
	for first := true; ; first = false {
		token, err := d.ReadToken()
		if err != nil || first && token.Kind() != '{' || d.StackDepth() > maxDepth ||
			token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
			return false
		}
		if d.StackDepth() == 0 {
			break
		}
	}
	_, err := d.ReadToken()
	return errors.Is(err, io.EOF)
}

// whole is an int64 that comes as a number or, from SDKs that type it so, as a
// string of digits.
type whole struct {
	N   int64
	Set bool // it came at all
	Bad bool // it is no whole number
}

// UnmarshalJSON reads both spellings; null and "" are none. What is wrong is for
// [whole.within] to say, with the name of the field.
func (v *whole) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	*v = whole{n, true, err != nil}
	return nil
}

// number reads a whole number of a query.
func number(q url.Values, name string) (v whole) {
	_ = v.UnmarshalJSON([]byte(q.Get(name)))
	return v
}

// or is the number, or a default where it did not come.
func (v whole) or(n int64) int64 {
	if v.Set {
		return v.N
	}
	return n
}

// within is a problem unless the number is one, and least ≤ v ≤ most. A number that
// did not come is none; see [whole.needed].
func (v whole) within(field string, least, most int64) []problem {
	switch {
	case v.Bad:
		return []problem{{field, "shape"}}
	case v.Set && (v.N < least || v.N > most):
		return []problem{{field, "range"}}
	}
	return nil
}

// needed is within for a number that must come.
func (v whole) needed(field string, least, most int64) []problem {
	if !v.Set {
		return []problem{{field, "missing"}}
	}
	return v.within(field, least, most)
}

// missing is a problem for each pair of name and value whose value is empty.
func missing(pairs ...string) (out []problem) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			out = append(out, problem{pairs[i], "missing"})
		}
	}
	return out
}
