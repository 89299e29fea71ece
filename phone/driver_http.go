package phone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// HTTPConfig describes an SMS gateway that takes one HTTPS request per message.
// HTTP was chosen over SMPP because every gateway a Chinese or other operator can
// buy has it, and a long-lived SMPP session would be a second thing to keep alive.
// A gateway that wants signed requests needs a small relay in front.
type HTTPConfig struct {
	// URL must be https and hold no placeholder: numbers never stand in URLs.
	URL string
	// Method is POST when empty; PUT is the other one possible.
	Method string
	// Header may use {secret}.
	Header map[string]string
	// ContentType is application/json (the default) or
	// application/x-www-form-urlencoded; values are escaped for it.
	ContentType string
	// Body is a template: {to} is +86 and the number, {national} the number without
	// +86, {text} the message, {secret} the secret. In JSON they stand inside quotes.
	Body string
	// Secret is the gateway's key.
	Secret string
	// SuccessPointer is a JSON pointer (RFC 6901) into the answer, whose value must
	// equal SuccessValue when written as text; empty means that any 2xx is success.
	SuccessPointer, SuccessValue string
	// Timeout is 8 seconds when zero.
	Timeout time.Duration
	// RootCAs replaces the system's, for a gateway inside.
	RootCAs *x509.CertPool
}

// HTTPDriver sends through a gateway. It tries once: a gateway that timed out may
// have sent the message.
type HTTPDriver struct {
	cfg    HTTPConfig
	client *http.Client
	escape func(string) string
}

const maxAnswer = 64 << 10 // bytes read of a gateway's answer

// NewHTTPDriver checks the configuration.
func NewHTTPDriver(cfg HTTPConfig) (*HTTPDriver, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("sms gateway: url must be https://…")
	}
	if strings.ContainsAny(cfg.URL, "{}") {
		return nil, errors.New("sms gateway: url must hold no placeholder; put the number into the body")
	}
	if cfg.Method == "" {
		cfg.Method = http.MethodPost
	}
	if cfg.Method != http.MethodPost && cfg.Method != http.MethodPut {
		return nil, errors.New("sms gateway: method must be POST or PUT")
	}
	for name, value := range cfg.Header {
		if strings.Contains(value, "{to}") || strings.Contains(value, "{national}") || strings.Contains(value, "{text}") {
			return nil, fmt.Errorf("sms gateway: header %s may use {secret} only", name)
		}
	}
	if !strings.Contains(cfg.Body, "{text}") || !strings.Contains(cfg.Body, "{to}") && !strings.Contains(cfg.Body, "{national}") {
		return nil, errors.New("sms gateway: body must hold {text} and {to} or {national}")
	}
	if cfg.SuccessPointer != "" && cfg.SuccessPointer[0] != '/' {
		return nil, errors.New("sms gateway: success pointer must begin with /")
	}
	if cfg.ContentType == "" {
		cfg.ContentType = "application/json"
	}
	d := &HTTPDriver{cfg: cfg}
	kind, _, err := mime.ParseMediaType(cfg.ContentType)
	switch {
	case err == nil && kind == "application/json":
		d.escape = escapeJSON
		if !json.Valid([]byte(d.fill(cfg.Body, "+0", "0", "t"))) {
			return nil, errors.New("sms gateway: body is not JSON; write placeholders inside quotes")
		}
	case err == nil && kind == "application/x-www-form-urlencoded":
		d.escape = url.QueryEscape
	default:
		return nil, errors.New("sms gateway: content type must be application/json or application/x-www-form-urlencoded")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 8 * time.Second
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // the environment is read by main alone
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs}
	d.client = &http.Client{
		Transport: transport,
		Timeout:   cfg.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect is no 2xx, and the number goes nowhere else
		},
	}
	return d, nil
}

// Send posts one message. Errors hold neither number, text nor the gateway's words.
func (d *HTTPDriver) Send(ctx context.Context, to Number, text string) error {
	body := d.fill(d.cfg.Body, to.E164(), to.National(), text)
	req, err := http.NewRequestWithContext(ctx, d.cfg.Method, d.cfg.URL, strings.NewReader(body))
	if err != nil {
		return errors.New("sms gateway: request could not be made")
	}
	req.Header.Set("Content-Type", d.cfg.ContentType)
	for name, value := range d.cfg.Header {
		req.Header.Set(name, strings.ReplaceAll(value, "{secret}", d.cfg.Secret))
	}
	resp, err := d.client.Do(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) || isTimeout(err) {
			return errors.New("sms gateway: no answer in time")
		}
		return errors.New("sms gateway: not reached")
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return errors.New("sms gateway: answer broke off")
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("sms gateway: status %d", resp.StatusCode)
	}
	if d.cfg.SuccessPointer == "" {
		return nil
	}
	if got, ok := jsonAt(answer, d.cfg.SuccessPointer); !ok || got != d.cfg.SuccessValue {
		return fmt.Errorf("sms gateway: answer does not say success at %s", d.cfg.SuccessPointer)
	}
	return nil
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

func (d *HTTPDriver) fill(template, to, national, text string) string {
	return strings.NewReplacer(
		"{to}", d.escape(to), "{national}", d.escape(national), "{text}", d.escape(text), "{secret}", d.escape(d.cfg.Secret),
	).Replace(template)
}

// escapeJSON is the inside of a JSON string.
func escapeJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(b[1 : len(b)-1])
}

// jsonAt reads a scalar by JSON pointer, as text.
func jsonAt(doc []byte, pointer string) (string, bool) {
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	dec.UseNumber()
	var at any
	if dec.Decode(&at) != nil {
		return "", false
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for step := range strings.SplitSeq(pointer[1:], "/") {
		step = unescape.Replace(step)
		switch v := at.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok {
				return "", false
			}
			at = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return "", false
			}
			at = v[i]
		default:
			return "", false
		}
	}
	switch v := at.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}
