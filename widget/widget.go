// Package widget keeps one promise: the file it serves as a major version is
// exactly the one in git, built from the TypeScript beside it, and pages that
// carry an old major keep working.
//
// The element is <clew-lead component="cmp_…">; README.md is its manual and
// src/api.ts the shape of what the server must answer. To add a major version,
// copy src and dist/v1 beside themselves and bundle both in build/.
package widget

//go:generate go run ./build

import (
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/json"
	"io/fs"
)

//go:embed dist/v*/clew.js dist/v*/clew.d.ts
var dist embed.FS

//go:embed words.json
var wordsFile []byte

// Files holds VERSION/clew.js and VERSION/clew.d.ts for every major version, to be
// served under /widget/ with "Access-Control-Allow-Origin: *", which pages that
// pin the file by its hash need.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant
	}
	return files
}

// Integrity is the value of a script tag's integrity attribute for a major
// version such as "v1": "sha384-" and a hash. It is empty for a version there is none of.
func Integrity(version string) string {
	data, err := fs.ReadFile(Files(), version+"/clew.js")
	if err != nil {
		return ""
	}
	sum := sha512.Sum384(data)
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Words is every text the element shows that does not come from the component, in
// "zh" or "en": the definition's words, which the server serves. {n} and {operator}
// are filled in by the element.
func Words(lang string) map[string]string {
	var all map[string]map[string]string
	if err := json.Unmarshal(wordsFile, &all); err != nil {
		panic(err) // embedded, and read by a test
	}
	texts := make(map[string]string, len(all))
	for key, by := range all {
		texts[key] = by[lang]
	}
	return texts
}
