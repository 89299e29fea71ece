package web

import (
	"time"

	"clew/seal"
)

// previewLife is how long a test link works.
const previewLife = 7 * 24 * time.Hour

type preview struct {
	Component string `json:"c"`
}

// IssuePreview signs a link under which a published component may be tried: what
// comes of it is marked as a test from end to end.
func IssuePreview(ring *seal.Ring, component string, now time.Time) (string, error) {
	return ring.SignToken("component preview", preview{component}, now.Add(previewLife))
}

// OpenPreview reports whether a form is to be a test. An empty token is no test;
// one that does not open is an error, since a test must not become a real lead.
func OpenPreview(ring *seal.Ring, token, component string, now time.Time) (bool, error) {
	if token == "" {
		return false, nil
	}
	var p preview
	if err := ring.OpenToken("component preview", token, now, &p); err != nil {
		return false, err
	}
	if p.Component != component {
		return false, seal.ErrToken
	}
	return true, nil
}
