package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds how deep a body nests; a component's definition needs six levels.
const maxDepth = 24

var (
	errDepth = errors.New("nested too deeply")
	errNUL   = errors.New("a text holds the character NUL")
	errTail  = errors.New("something follows the JSON value")
)

// strictJSON reads bodies as what they say and nothing else. Two readers must not
// come to different answers about what somebody agreed to, so a member written
// twice is refused, and so is text that is not UTF-8. NUL is a character that
// PostgreSQL cannot keep.
var strictJSON = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if err := checkJSON(data); err != nil {
			return err
		}
		return json.Unmarshal(data, v)
	},
}

func checkJSON(data []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(data)) // refuses duplicate names and bad UTF-8
	for {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		if d.StackDepth() > maxDepth {
			return errDepth
		}
		if token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
			return errNUL
		}
		if d.StackDepth() == 0 {
			break
		}
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errTail
	}
	return nil
}
