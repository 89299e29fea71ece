package web

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"clew/db"
)

type requestIDKey struct{}

// RequestID is the id under which a request stands in the log.
func RequestID(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey{}).(string)
	return id
}

// answer remembers what was answered.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += n
	return n, err
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// method is what log and metrics call a request's method: clients make up their
// own, and whatever they write there.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// Logged gives every request an id, writes one log line per request, counts it,
// and turns a panic into an answer, or breaks the answer off where it had begun.
// The line holds the route's pattern, never the path or the query: both may carry
// a secret of a person.
func Logged(log *slog.Logger, m *Metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := db.NewID("req")
		a := &answer{ResponseWriter: w}
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		defer func() {
			v := recover()
			if v != nil && v != http.ErrAbortHandler {
				// The value may be an error text with data in it; its type and the
				// stack are enough to find the fault.
				log.Error("panic", "request", id, "route", r.Pattern, "type", typeName(v), "stack", string(debug.Stack()))
				if a.status == 0 {
					// What the handler had meant to send does not describe this answer.
					for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag"} {
						w.Header().Del(name)
					}
					WriteProblem(a, r, errPanic)
					v = nil
				}
			}
			took := time.Since(began)
			m.request(r.Pattern, method(r), a.status, took)
			log.Info("request", "request", id, "method", method(r), "route", r.Pattern, "status", a.status, "bytes", a.bytes,
				"ms", took.Milliseconds(), "broken_off", v != nil)
			if v != nil {
				panic(http.ErrAbortHandler) // half an answer must not look whole
			}
		}()
		next.ServeHTTP(a, r)
	})
}
