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

// Logged gives every request an id, writes one log line per request, counts it,
// and turns a panic into an answer. The line holds the route's pattern, never the
// path or the query: both may carry a secret of a person.
func Logged(log *slog.Logger, m *Metrics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := db.NewID("req")
		a := &answer{ResponseWriter: w}
		w.Header().Set("X-Request-Id", id)
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				// The value may be an error text with data in it; its type and the
				// stack are enough to find the fault.
				log.Error("panic", "request", id, "route", r.Pattern, "type", typeName(v), "stack", string(debug.Stack()))
				if a.status == 0 {
					WriteProblem(a, r, errPanic)
				}
			}
			took := time.Since(began)
			m.request(r.Pattern, r.Method, a.status, took)
			log.Info("request", "request", id, "method", r.Method, "route", r.Pattern, "status", a.status, "bytes", a.bytes, "ms", took.Milliseconds())
		}()
		next.ServeHTTP(a, r)
	})
}
