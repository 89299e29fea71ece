package exchange

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer bounds what is read of a platform's answer, in bytes.
const maxAnswer = 64 << 10

// platformError is a call that brought no answer to read. It holds no URL: WeChat
// wants its token in one.
type platformError struct {
	code string // codeTimeout, codeNetwork or codeAnswer
	// again says that the platform did not take the request up, so that asking once
	// more costs nothing.
	again bool
}

func (e *platformError) Error() string { return "platform: " + e.code }

// http is the one client to the platforms: no proxy, no redirect, no plain TLS of old.
func (r *Room) http() *http.Client {
	r.once.Do(func() {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.Proxy = nil // the environment is read by main alone
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: r.Roots}
		t.MaxResponseHeaderBytes = 16 << 10
		t.MaxIdleConnsPerHost = 16
		t.IdleConnTimeout = 30 * time.Second
		r.client = &http.Client{
			Transport:     t,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
	return r.client
}

// call sends body as JSON (nil sends a GET) and decodes the answer into out.
// Errors are *platformError.
func (r *Room) call(ctx context.Context, at string, query url.Values, header map[string]string, body, out any) error {
	method, text := http.MethodGet, []byte(nil)
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
		method = http.MethodPost
	}
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(text))
	if err != nil {
		return &platformError{code: codeNetwork}
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	// A redirect would carry codes elsewhere: it is no answer.
	resp, err := r.http().Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			return &platformError{code: codeTimeout}
		}
		return &platformError{code: codeNetwork, again: true}
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil && (errors.Is(err, context.DeadlineExceeded) || isTimeout(err)):
		return &platformError{code: codeTimeout}
	case err != nil:
		return &platformError{code: codeNetwork}
	case resp.StatusCode >= 500:
		return &platformError{code: codeAnswer, again: true}
	case len(raw) > maxAnswer, json.Unmarshal(raw, out) != nil:
		return &platformError{code: codeAnswer}
	}
	return nil
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// twice asks again where the first try cost nothing.
func twice(try func() error) error {
	err := try()
	var p *platformError
	if errors.As(err, &p) && p.again {
		return try()
	}
	return err
}

// failed turns a call's error into what callers see.
func failed(p Platform, err error) error {
	var call *platformError
	var known *Failed
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &call):
		return &Failed{p, Unavailable, call.code}
	}
	return &Failed{p, Unavailable, codeNetwork}
}
