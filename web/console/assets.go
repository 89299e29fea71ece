package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"slices"
)

//go:embed style/*.css console.js chart.js
var files embed.FS

//go:generate go run ./script

// icon is the ball of thread.
const iconSVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 26 26"><rect width="26" height="26" rx="6" fill="#1557a8"/><g fill="none" stroke="#fff" stroke-width="1.7" stroke-linecap="round"><circle cx="12" cy="12.5" r="7"/><path d="M6.5 8.800c4 .3 8.5 4 10 9.200M9.6 6c4 .8 7.7 3.8 9.3 7.400M17.3 17.200c1 2 2.6 3.1 4.7 2.9"/></g></svg>`

// assets are the files a page loads. Their names hold their content, so they may
// be kept for ever.
type assets struct {
	Style, Script, Icon string
	Chart               string // for pages with charts alone
	body                map[string][]byte
}

func newAssets() *assets {
	a := &assets{body: map[string][]byte{}}
	sheets, err := fs.Glob(files, "style/*.css")
	if err != nil {
		panic(err)
	}
	slices.Sort(sheets)
	var style bytes.Buffer
	for _, name := range sheets {
		part, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		style.Write(part)
	}
	script, err := files.ReadFile("console.js")
	if err != nil {
		panic(err)
	}
	a.Style = a.add("css", style.Bytes())
	a.Script = a.add("js", script)
	chart, err := files.ReadFile("chart.js")
	if err != nil {
		panic(err)
	}
	a.Chart = a.add("js", chart)
	a.Icon = a.add("svg", []byte(iconSVG))
	return a
}

func (a *assets) add(ext string, body []byte) string {
	sum := sha256.Sum256(body)
	name := "/console/files/" + hex.EncodeToString(sum[:6]) + "." + ext
	a.body[name] = body
	return name
}

// files serves what pages load.
func (r *routes) files() {
	types := map[string]string{
		r.assets.Style: "text/css; charset=utf-8", r.assets.Script: "text/javascript; charset=utf-8", r.assets.Icon: "image/svg+xml",
		r.assets.Chart: "text/javascript; charset=utf-8",
	}
	for name, body := range r.assets.body {
		r.mux.HandleFunc("GET "+name, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", types[name])
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
			h.Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(body)
		})
	}
}
