package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestTargets(t *testing.T) {
	r := &Room{AllowHosts: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8081")}}
	for url, code := range map[string]string{
		"https://hooks.customer.com/clew":       "",
		"https://hooks.customer.com:8443/a?b=c": "",
		"https://HOOKS.customer.com.":           "",
		"https://xn--fiqs8s.xn--fiqs8s/":        "",
		"https://8.8.8.8/":                      "",
		"https://[2606:4700::1111]/":            "",
		"http://127.0.0.1:8081/inbox":           "",
		"https://127.0.0.1:8081/inbox":          "",

		"":                                             "malformed",
		"hooks.customer.com":                           "malformed",
		"https:hooks.customer.com":                     "malformed",
		"https://":                                     "malformed",
		"https://[::1":                                 "malformed",
		"https://a%00b.com/":                           "malformed",
		"/relative":                                    "malformed",
		"http://hooks.customer.com/":                   "scheme",
		"http://8.8.8.8/":                              "scheme",
		"ftp://hooks.customer.com/":                    "scheme",
		"javascript://hooks.customer.com/%0a":          "scheme",
		"https://user@hooks.customer.com/":             "userinfo",
		"https://u:p@hooks.customer.com/":              "userinfo",
		"https://@hooks.customer.com/":                 "userinfo",
		"https://hooks.customer.com/#x":                "fragment",
		"https://hooks.customer.com/#":                 "fragment",
		"https://hooks.customer.com/ x":                "characters",
		"https://hooks.customer.com\\@a.b/":            "characters",
		"https://hooks.customer.com/\r\nX:":            "characters",
		"https://客户.com/":                              "characters",
		"https://hooks.customer.com:0/":                "port",
		"https://hooks.customer.com:65536/":            "port",
		"https://hooks.customer.com:/":                 "port",
		"https://hooks.customer.com:25/":               "port",
		"https://hooks.customer.com:6379/":             "port",
		"https://localhost/":                           "host",
		"https://intranet/":                            "host",
		"https://a.localhost/":                         "host",
		"https://db.internal/":                         "host",
		"https://printer.local./":                      "host",
		"https://127.1/":                               "host",
		"https://2130706433/":                          "host",
		"https://0x7f.1/":                              "host",
		"https://0x7f000001/":                          "host",
		"https://0177.0.0.1/":                          "host",
		"https://a..b/":                                "host",
		"https://-a.com/":                              "host",
		"https://127.0.0.1/":                           "address",
		"https://127.0.0.1:8082/":                      "address",
		"http://127.0.0.1:8082/":                       "address",
		"https://10.1.2.3/":                            "address",
		"https://100.64.0.1/":                          "address",
		"https://100.100.100.200/":                     "address",
		"https://169.254.169.254/latest":               "address",
		"https://168.63.129.16/":                       "address",
		"https://172.31.255.255/":                      "address",
		"https://192.168.0.1/":                         "address",
		"https://192.0.2.1/":                           "address",
		"https://198.51.100.1/":                        "address",
		"https://203.0.113.1/":                         "address",
		"https://224.0.0.1/":                           "address",
		"https://255.255.255.255/":                     "address",
		"https://0.0.0.0/":                             "address",
		"https://[::]/":                                "address",
		"https://[::1]/":                               "address",
		"https://[::ffff:127.0.0.1]/":                  "address",
		"https://[::ffff:8.8.8.8]/":                    "address",
		"https://[64:ff9b::7f00:1]/":                   "address",
		"https://[64:ff9b:1::1]/":                      "address",
		"https://[fe80::1]/":                           "address",
		"https://[fe80::1%25eth0]/":                    "address",
		"https://[fd00:ec2::254]/":                     "address",
		"https://[ff02::1]/":                           "address",
		"https://[2001:db8::1]/":                       "address",
		"https://[2001::1]/":                           "address",
		"https://[2002:7f00:1::]/":                     "address",
		"https://[3fff::1]/":                           "address",
		"https://h.com/" + strings.Repeat("x", maxURL): "long",
	} {
		_, p := r.parseTarget(url)
		got := ""
		if p != nil {
			got = p.Code
		}
		if got != code {
			t.Errorf("%.60q: %q, want %q", url, got, code)
		}
	}
}

// One closed address among good ones condemns the name; mapped addresses are
// judged as what they map.
func TestResolvedAddresses(t *testing.T) {
	r := &Room{}
	for list, fine := range map[string]bool{
		"8.8.8.8":                 true,
		"8.8.8.8 2606:4700::1111": true,
		"::ffff:8.8.8.8":          true, // how Go's resolver may write an A record
		"8.8.8.8 127.0.0.1":       false,
		"::ffff:10.0.0.1":         false,
		"64:ff9b::808:808":        false,
		"2606:4700::1111 fd00::1": false,
		"":                        false,
	} {
		r.Resolve = func(context.Context, string) (out []netip.Addr, err error) {
			for _, text := range strings.Fields(list) {
				out = append(out, netip.MustParseAddr(text))
			}
			return out, nil
		}
		addrs, err := r.resolve(t.Context(), target{host: "a.com", port: 443})
		if (err == nil) != fine {
			t.Errorf("%s: %v, %v", list, addrs, err)
		}
		for _, a := range addrs {
			if a.Is4In6() {
				t.Errorf("%s: %v is still mapped", list, a)
			}
		}
	}
	r.Resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }
	if _, err := r.resolve(t.Context(), target{host: "a.com", port: 443}); !errors.Is(err, errResolve) {
		t.Errorf("unknown host: %v", err)
	}
}

// A proxy would resolve names by itself, behind the guard. net/http reads the
// environment once per process, so the field is what can be tested.
func TestNoProxy(t *testing.T) {
	if (&Room{}).transport().Proxy != nil {
		t.Error("the transport may use a proxy")
	}
}

// FuzzTarget holds that what is accepted is https to a public address or to a
// name that is not an address in disguise, and that dialling a name which leads
// to a closed address never connects.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"https://hooks.customer.com:8443/a?b=c", "https://127.1/", "https://[::ffff:10.0.0.1]/", "https://0x7f.1/", "http://8.8.8.8",
		"https://u:p@h.com", "https://[fe80::1%25lo]/", "https://2130706433", "https://h.com:443:443/", "https://１２７.0.0.1/",
	} {
		f.Add(seed)
	}
	numeric := regexp.MustCompile(`(^|\.)(0x[0-9a-f]*|[0-9]+)\.?$`)
	r := &Room{}
	f.Fuzz(func(t *testing.T, raw string) {
		target, p := r.parseTarget(raw)
		if p != nil {
			if p.Code == "" || strings.Contains(p.Message, raw) && len(raw) > 20 {
				t.Errorf("%q: refused as %+v", raw, p)
			}
			return
		}
		u := target.url
		switch {
		case u.Scheme != "https", u.User != nil, u.Fragment != "", target.port == 0, u.Opaque != "":
			t.Errorf("%q accepted as %+v", raw, target)
		case target.addr.IsValid() && (!public(target.addr) || target.addr.Is4In6()):
			t.Errorf("%q accepted with address %v", raw, target.addr)
		case !target.addr.IsValid() && (numeric.MatchString(target.host) || !strings.Contains(strings.TrimSuffix(target.host, "."), ".")):
			t.Errorf("%q accepted with host %q", raw, target.host)
		}
		// What net/http will dial is what was judged.
		req, err := http.NewRequest(http.MethodPost, u.String(), nil)
		if err != nil {
			t.Fatalf("%q accepted and then: %v", raw, err)
		}
		if got := strings.ToLower(req.URL.Hostname()); got != target.host {
			t.Errorf("%q: judged %q, would dial %q", raw, target.host, got)
		}
	})
}

func FuzzPublic(f *testing.F) {
	for _, a := range []string{"8.8.8.8", "10.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::1", "fe80::1", "2001:db8::1"} {
		f.Add(netip.MustParseAddr(a).AsSlice())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, ok := netip.AddrFromSlice(raw)
		if !ok || !public(a) {
			return
		}
		u := a.Unmap()
		if u.IsPrivate() || u.IsLoopback() || u.IsLinkLocalUnicast() || u.IsMulticast() || u.IsUnspecified() ||
			netip.MustParsePrefix("100.64.0.0/10").Contains(u) || netip.MustParsePrefix("64:ff9b::/96").Contains(u) {
			t.Errorf("%v passes for public", a)
		}
	})
}

func FuzzKeep(f *testing.F) {
	f.Add([]byte("taken: " + fmt.Sprintf("138%08d", 1)))
	f.Add(bytes.Repeat([]byte("1"), 300))
	f.Add([]byte("\xff\x00\r\n１２３４５６７"))
	run := regexp.MustCompile(`\p{Nd}{7}`)
	f.Fuzz(func(t *testing.T, raw []byte) {
		text := keep(raw)
		if len(text) > keptAnswer || run.MatchString(text) || strings.ContainsAny(text, "\x00\r\n") {
			t.Errorf("%q was kept as %q", raw, text)
		}
	})
}

func FuzzVerify(f *testing.F) {
	now := time.Unix(1_700_000_000, 0)
	key := newSecret()
	f.Add("msg_1", "1700000000", signature(key, "msg_1", now, []byte("{}")), []byte("{}"))
	f.Add("", "x", "v1,", []byte(nil))
	f.Fuzz(func(t *testing.T, id, stamp, given string, body []byte) {
		h := http.Header{}
		h.Set(HeaderID, id)
		h.Set(HeaderTimestamp, stamp)
		h.Set(HeaderSignature, given)
		if err := Verify(h, body, now, secretText(key)); err == nil && !strings.Contains(given, signature(key, id, now, body)) {
			// Only another timestamp within the tolerance could be genuine, and
			// nobody but the holder of this run's key can have made one.
			t.Errorf("accepted %q %q %q", id, stamp, given)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              0,
		"120":                           2 * time.Minute,
		"-5":                            0,
		"999999999999":                  24 * time.Hour,
		"99999999999999999999999":       0,
		"soon":                          0,
		"Mon, 02 Mar 2026 03:00:00 GMT": time.Hour,
		"Mon, 02 Mar 2020 03:00:00 GMT": 0,
		"Mon, 02 Mar 2099 03:00:00 GMT": 24 * time.Hour,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
