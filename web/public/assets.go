package public

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed assets/*
var assetFiles embed.FS

// assetNames are the addresses of the files: each has a part of its own hash in
// it, so that it may be kept for ever and a new one is fetched at once.
var assetNames = hashed()

func hashed() map[string]string {
	names := map[string]string{}
	files, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		body, err := assetFiles.ReadFile("assets/" + f.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(f.Name())
		names[f.Name()] = strings.TrimSuffix(f.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
	}
	return names
}

// asset is the address of an embedded file. An unknown name is a mistake in a
// template and panics in every test that shows it.
func asset(name string) string {
	hashed, ok := assetNames[name]
	if !ok {
		panic("public: no asset " + name)
	}
	return "/assets/" + hashed
}

func serveAsset(w http.ResponseWriter, r *http.Request) error {
	for name, hashed := range assetNames {
		if hashed != r.PathValue("file") {
			continue
		}
		body, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, err = w.Write(body)
		return err
	}
	return errLost
}
