package console

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"clew/access"
	"clew/app"
	"clew/web"
)

const (
	// maxUpload bounds a form with files, in bytes. It is above what the papers of an
	// application may have together, so that a file too many or too large is named on
	// the page instead of breaking the upload off.
	maxUpload = 96 << 20
	// uploadTime is how long such a form may take; other requests have less.
	uploadTime = 5 * time.Minute
	maxParts   = 200
)

// upload is a [routes.staff] route whose form may carry files. Only those who may do
// act are let send them; the caller reads them with [visit.files].
func (r *routes) upload(pattern string, act access.Act, fn func(*visit) error) {
	r.mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
		body := req.Body
		r.signedIn(w, req, act, func(v *visit) error {
			v.r.Body = http.MaxBytesReader(w, body, maxUpload)
			// A server without deadlines has none to move.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
			return fn(v)
		})
	})
}

// files reads a form with files: texts go where every form's are, files are
// returned. Of a file no more is kept than a paper may have and one byte, of files
// one more than an application may have: enough for the room to say what is wrong.
// A form without files is fine.
func (v *visit) files() ([]app.NewPaper, error) {
	form, err := v.r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	} else if err != nil {
		return nil, web.New(v.Lang, "bad_request")
	}
	if v.r.PostForm == nil {
		v.r.PostForm = url.Values{}
	}
	var files []app.NewPaper
	for range maxParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			if !storable(v.r) {
				return nil, web.New(v.Lang, "bad_request")
			}
			return files, nil
		} else if err != nil {
			return nil, broken(v, err)
		}
		most := int64(maxBody + 1)
		if part.FileName() != "" {
			most = app.MaxPaper + 1
		}
		content, err := io.ReadAll(io.LimitReader(part, most))
		if err == nil {
			_, err = io.Copy(io.Discard, part)
		}
		switch {
		case err != nil:
			return nil, broken(v, err)
		case part.FileName() == "" && len(content) > maxBody:
			return nil, web.New(v.Lang, "body_too_large", "bytes", maxBody)
		case part.FileName() == "":
			v.r.PostForm.Add(part.FormName(), string(content))
		case len(files) <= app.MaxPapers:
			files = append(files, app.NewPaper{Name: part.FileName(), Content: content})
		}
	}
	return nil, web.New(v.Lang, "bad_request")
}

// broken is a form that ended too early, or that is too large.
func broken(v *visit, err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return web.New(v.Lang, "bad_request")
}

// attach answers with a paper to be kept, never to be shown by the browser: whatever
// it holds must not run as a page of this site.
func (v *visit) attach(p app.Paper, content []byte) error {
	h := v.w.Header()
	h.Set("Content-Type", p.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": p.Name}))
	h.Set("Content-Length", strconv.Itoa(len(content)))
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(content)
	return nil
}
