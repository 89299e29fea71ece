package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"clew/outbox"
)

// Classes of what became of a try; "" is success. Stable codes, people read
// translations.
const (
	FailedURL      = "url"      // the URL is no longer acceptable
	FailedResolve  = "resolve"  // the name cannot be looked up
	FailedAddress  = "address"  // it leads to an address that is not public
	FailedConnect  = "connect"  // nobody answers there
	FailedTLS      = "tls"      // the certificate or the handshake failed
	FailedRequest  = "request"  // the connection broke or the answer was not HTTP
	FailedTimeout  = "timeout"  // no answer within the time allowed
	FailedRedirect = "redirect" // 3xx: redirects are not followed
	FailedStatus   = "status"   // any other status than 2xx
	FailedGone     = "gone"     // 410: the endpoint was disabled
	FailedPersonal = "personal" // the lead could not be read for the sealed mode
	NotEnabled     = "disabled" // the endpoint was disabled before the try
	NotThere       = "deleted"  // the endpoint was deleted before the try
)

const (
	maxAnswer   = 64 << 10 // bytes read of an answer
	keptAnswer  = 200      // bytes stored of it
	maxHeaders  = 16 << 10 // bytes of the answer's headers
	maxAskedFor = 24 * time.Hour
)

// answer is what one try brought.
type answer struct {
	status     int    // 0 when no answer came
	class      string // "" on success
	text       string
	retryAfter time.Duration
	took       time.Duration
}

// Hop is one stage of a try, in the order things happened.
type Hop struct {
	// Name is url, resolve, address, connect, tls, signature, request or status.
	Name string
	OK   bool
	// Detail is data, not prose: addresses, a version, a status, or an error class.
	Detail string
	Took   time.Duration
}

// course follows a try through its stages; the transport's goroutines report to it.
type course struct {
	mu    sync.Mutex
	stage string // class of the failure that would happen now
	hops  []Hop
	last  time.Time
}

type courseKey struct{}

func courseOf(ctx context.Context) *course {
	if c, ok := ctx.Value(courseKey{}).(*course); ok {
		return c
	}
	return &course{} // a dial that outlived the try it was for
}

func newCourse() *course { return &course{stage: FailedConnect, last: time.Now()} }

// in says what a failure from here on is to be called.
func (c *course) in(stage string) {
	c.mu.Lock()
	c.stage = stage
	c.mu.Unlock()
}

// passed notes a hop and what a failure from here on is to be called.
func (c *course) passed(hop, detail, stage string) {
	c.note(Hop{Name: hop, OK: true, Detail: detail}, stage)
}

func (c *course) note(h Hop, stage string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	h.Took = now.Sub(c.last)
	c.last = now
	c.hops = append(c.hops, h)
	c.stage = stage
}

func (c *course) now() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stage
}

// transport speaks to public addresses only and to nobody in between.
func (r *Room) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // a proxy would resolve the name itself
		DialContext:            r.dial,
		TLSClientConfig:        &tls.Config{RootCAs: r.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    r.timeout(),
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: maxHeaders,
	}
}

func newClient(t *http.Transport) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (r *Room) sharedClient() *http.Client {
	r.once.Do(func() { r.client = newClient(r.transport()) })
	return r.client
}

// dial resolves once, judges, and connects to the very address that was judged.
// TLS still checks the name.
func (r *Room) dial(ctx context.Context, _, hostport string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout())
	defer cancel()
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	t := target{host: host, port: uint16(n)}
	if addr, err := netip.ParseAddr(host); err == nil {
		t.addr = addr
	}
	c := courseOf(ctx)
	addrs, err := r.resolve(ctx, t)
	switch {
	case errors.Is(err, errClosed):
		c.passed("resolve", "", FailedAddress)
		return nil, err
	case err != nil:
		return nil, err
	}
	texts := make([]string, len(addrs))
	for i, a := range addrs {
		texts[i] = a.String()
	}
	c.passed("resolve", strings.Join(texts, " "), FailedAddress)
	c.passed("address", "", FailedConnect)
	var dialer net.Dialer
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = dialer.DialContext(ctx, "tcp", netip.AddrPortFrom(a, t.port).String()); err == nil {
			c.passed("connect", conn.RemoteAddr().String(), FailedRequest)
			return conn, nil
		}
	}
	return nil, err
}

// try posts body once and says what came of it. It never returns an error: a
// failure to deliver is an answer too.
func (r *Room) try(ctx context.Context, client *http.Client, url string, id string, keys [][]byte, body []byte, c *course) answer {
	start := time.Now()
	t, problem := r.parseTarget(url)
	if problem != nil {
		c.note(Hop{Name: "url", Detail: problem.Code}, FailedURL)
		return answer{class: FailedURL}
	}
	c.passed("url", t.url.Scheme+"://"+t.url.Host, FailedConnect)
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, courseKey{}, c), r.timeout())
	defer cancel()
	now := r.DB.Now()
	signed := signatures(keys, id, now, body)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { c.in(FailedTLS) },
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			if err == nil {
				c.passed("tls", tls.VersionName(s.Version), FailedRequest)
			}
		},
		GotConn: func(httptrace.GotConnInfo) { c.in(FailedRequest) },
		WroteRequest: func(i httptrace.WroteRequestInfo) {
			if i.Err == nil {
				c.passed("signature", HeaderSignature+": "+signed, FailedRequest)
				c.passed("request", strconv.Itoa(len(body))+" B", FailedRequest)
			}
		},
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url.String(), bytes.NewReader(body))
	if err != nil {
		c.note(Hop{Name: "url", Detail: FailedURL}, FailedURL)
		return answer{class: FailedURL}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Clew-Webhook/1")
	req.Header.Set(HeaderID, id)
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(HeaderSignature, signed)
	resp, err := client.Do(req)
	if err != nil {
		a := answer{class: c.now(), took: time.Since(start)}
		switch {
		case errors.Is(err, errClosed):
			a.class = FailedAddress
		case errors.Is(err, errResolve):
			a.class = FailedResolve
		case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
			a.class = FailedTimeout
		}
		c.note(Hop{Name: c.missing(), Detail: a.class}, a.class)
		return a
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode, retryAfter: retryAfter(resp.Header.Get("Retry-After"), now)}
	switch {
	case a.status >= 200 && a.status <= 299:
	case a.status >= 300 && a.status <= 399:
		a.class = FailedRedirect
	case a.status == http.StatusGone:
		a.class = FailedGone
	default:
		a.class = FailedStatus
	}
	// What was said by then counts, however slowly the rest comes: the status is
	// the answer, the body is for people.
	read, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	a.text = keep(read)
	a.took = time.Since(start)
	c.note(Hop{Name: "status", OK: a.class == "", Detail: strconv.Itoa(a.status)}, a.class)
	return a
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// hopOrder is the order in which hops are told; a receiver that answers before
// it has read the request makes them happen in another.
var hopOrder = []string{"url", "resolve", "address", "connect", "tls", "signature", "request", "status"}

// missing names the hop that did not come about.
func (c *course) missing() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := -1
	for _, h := range c.hops {
		if h.OK {
			last = max(last, slices.Index(hopOrder, h.Name))
		}
	}
	next := hopOrder[min(last+1, len(hopOrder)-1)]
	if next == "tls" && c.stage != FailedTLS {
		return "signature" // plain http
	}
	return next
}

// told is the hops so far.
func (c *course) told() []Hop {
	c.mu.Lock()
	defer c.mu.Unlock()
	hops := slices.Clone(c.hops)
	slices.SortStableFunc(hops, func(a, b Hop) int {
		return slices.Index(hopOrder, a.Name) - slices.Index(hopOrder, b.Name)
	})
	return hops
}

// keep makes an answer fit to be stored: a line of text without numbers that
// could be somebody's, cut after they were hidden so that no part of one stays.
func keep(raw []byte) string {
	text := strings.ToValidUTF8(string(raw[:min(len(raw), 8*keptAnswer)]), "�")
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, text)
	text = outbox.HideNumbers(text)
	if len(text) > keptAnswer {
		text = strings.ToValidUTF8(text[:keptAnswer], "")
	}
	return text
}

// retryAfter reads the header (RFC 9110 10.2.3): seconds or a date. What is
// malformed or past is zero, what is far off is cut to a day.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(seconds, 0), int64(maxAskedFor/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxAskedFor)
}
