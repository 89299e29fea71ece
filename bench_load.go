package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load is one run of the load generator. It runs in a process of its own, so that
// its cost can be told from the server's.
type load struct {
	URL string // http only
	// Body is sent with each request: {n} becomes 12 digits that no other request
	// has, {phone} a mobile number of mainland China made from them.
	Body    string
	Clients int // connections, kept alive
	Seconds float64
	// Rate is how many requests arrive each second, at random, whether or not the
	// ones before were answered; 0 lets each client send when it was answered.
	Rate  float64
	First int // where {n} begins
}

// loadResult is what came of it. Times are milliseconds; those of an open loop
// begin when the request arrived, also where it had to wait for a connection.
type loadResult struct {
	Sent     int            `json:"sent"`
	Accepted int            `json:"accepted"` // answered 200 or 201
	Seconds  float64        `json:"seconds"`
	P50      float64        `json:"p50_ms"`
	P99      float64        `json:"p99_ms"`
	Max      float64        `json:"max_ms"`
	Status   map[string]int `json:"status"`
	CPU      float64        `json:"cpu_seconds"` // of this process
}

func (r loadResult) rate() float64 { return float64(r.Accepted) / r.Seconds }

func benchLoad(ctx context.Context, w world, args []string) error {
	f := flags(w, "bench load")
	var l load
	f.StringVar(&l.URL, "url", "", "http address to post to")
	f.StringVar(&l.Body, "body", "", "JSON with {n} and {phone}")
	f.IntVar(&l.Clients, "clients", 16, "connections")
	f.Float64Var(&l.Seconds, "seconds", 2, "how long")
	f.Float64Var(&l.Rate, "rate", 0, "requests per second; 0: as fast as answers come")
	f.IntVar(&l.First, "first", 0, "where {n} begins")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	r, err := l.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(w.stdout).Encode(r)
}

// runLoad runs the generator as a child process.
func runLoad(ctx context.Context, l load) (r loadResult, err error) {
	exe, err := os.Executable()
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, exe, "bench", "load", "--url", l.URL, "--body", l.Body,
		"--clients", strconv.Itoa(l.Clients), "--seconds", fmt.Sprint(l.Seconds), "--rate", fmt.Sprint(l.Rate), "--first", strconv.Itoa(l.First))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("load generator: %w", err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, err
	}
	r.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return r, nil
}

// generator is the state its clients share.
type generator struct {
	load
	u    *url.URL
	next atomic.Int64
	due  chan time.Time // open loop only
	end  time.Time
}

// sender is one connection.
type sender struct {
	conn   net.Conn
	in     *bufio.Reader
	took   []time.Duration
	status map[string]int
	sent   int
}

func (l load) run(ctx context.Context) (r loadResult, err error) {
	u, err := url.Parse(l.URL)
	if err != nil || u.Scheme != "http" || u.Host == "" {
		return r, errors.New("--url must be an http address with host and path")
	}
	g := &generator{load: l, u: u}
	g.next.Store(int64(l.First))
	senders := make([]*sender, l.Clients)
	for i := range senders {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", u.Host)
		if err != nil {
			return r, err
		}
		defer func() { _ = conn.Close() }()
		senders[i] = &sender{conn: conn, in: bufio.NewReader(conn), status: map[string]int{}}
	}
	began := time.Now()
	g.end = began.Add(time.Duration(l.Seconds * float64(time.Second)))
	if l.Rate > 0 {
		g.due = make(chan time.Time, 1<<16)
		go g.arrive(ctx)
	}
	errs := make([]error, len(senders))
	var all sync.WaitGroup
	for i, s := range senders {
		all.Go(func() { errs[i] = g.send(ctx, s) })
	}
	all.Wait()
	r.Seconds = time.Since(began).Seconds()
	r.Status = map[string]int{}
	var took []time.Duration
	for _, s := range senders {
		took = append(took, s.took...)
		r.Sent += s.sent
		for code, n := range s.status {
			r.Status[code] += n
		}
	}
	r.Accepted = r.Status["200"] + r.Status["201"]
	r.P50, r.P99, r.Max = percentiles(took)
	return r, errors.Join(errs...)
}

// arrive makes requests due at random, on average Rate each second. A generator
// that woke late counts from when it woke: the server is not to blame for that.
func (g *generator) arrive(ctx context.Context) {
	defer close(g.due)
	random := rand.New(rand.NewPCG(1, uint64(g.First))) //nolint:gosec // arrival times
	at := time.Now()
	for ctx.Err() == nil && at.Before(g.end) {
		at = at.Add(time.Duration(random.ExpFloat64() / g.Rate * float64(time.Second)))
		if wait := time.Until(at); wait > 0 {
			time.Sleep(wait)
		}
		g.due <- time.Now()
	}
}

func (g *generator) send(ctx context.Context, s *sender) error {
	if g.due != nil {
		for at := range g.due {
			if err := g.post(s, at); err != nil {
				return err
			}
		}
		return nil
	}
	for now := time.Now(); now.Before(g.end) && ctx.Err() == nil; now = time.Now() {
		if err := g.post(s, now); err != nil {
			return err
		}
	}
	return nil
}

// post sends one request and reads its answer. net/http's client would cost more
// than the server under test.
func (g *generator) post(s *sender, since time.Time) error {
	n := g.next.Add(1)
	id := fmt.Sprintf("%012d", n)
	// 7,919 is prime to 10^8: a permutation, so that neighbours are far apart.
	body := strings.NewReplacer("{n}", id, "{phone}", fmt.Sprintf("138%08d", n*7_919%100_000_000)).Replace(g.Body)
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nIdempotency-Key: bench-%s\r\nContent-Length: %d\r\n\r\n%s",
		g.u.RequestURI(), g.u.Host, id, len(body), body)
	s.sent++
	if err := s.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	if _, err := s.conn.Write(b.Bytes()); err != nil {
		return err
	}
	code, err := readAnswer(s.in)
	if err != nil {
		return err
	}
	s.took = append(s.took, time.Since(since))
	s.status[code]++
	return nil
}

// readAnswer reads one HTTP/1.1 answer with a Content-Length and gives its status.
func readAnswer(in *bufio.Reader) (code string, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return "", errors.New("not an HTTP/1.1 answer")
	}
	code = string(line[9:12])
	length := -1
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return "", err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return "", err
			}
		}
	}
	if length < 0 {
		return "", errors.New("the answer has no Content-Length")
	}
	_, err = in.Discard(length)
	return code, err
}

// percentiles are the median, the 99th percentile and the maximum, in milliseconds.
func percentiles(took []time.Duration) (p50, p99, most float64) {
	if len(took) == 0 {
		return 0, 0, 0
	}
	slices.Sort(took)
	at := func(q float64) float64 {
		return float64(took[int(math.Ceil(q*float64(len(took))))-1]) / float64(time.Millisecond)
	}
	return at(.5), at(.99), at(1)
}
