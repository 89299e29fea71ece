package webhook

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// target is a URL that may be posted to, as far as can be said before its name
// is resolved.
type target struct {
	url  *url.URL
	host string // lower case, without brackets and port
	port uint16
	// addr is set when the host is an address; the zero Addr means a name.
	addr netip.Addr
}

const maxURL = 2000

// deadNames can never be public hosts (RFC 6761, 6762, 7686, 8375, 9476 and ICANN's .internal).
var deadNames = []string{"localhost", "local", "internal", "home.arpa", "onion", "test", "invalid", "example", "alt"}

// badPorts speak something else than HTTP; to post there is to talk to a mail
// server or a database with a caller's text (https://fetch.spec.whatwg.org/#port-blocking,
// and some databases).
var badPorts = []uint16{
	1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
	111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
	540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 2375, 2379, 3306, 3389, 3659,
	4045, 4190, 5060, 5061, 5432, 5984, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9200, 10080, 10250,
	11211, 27017,
}

// parseTarget checks everything about a URL that needs no network. The error is
// a code for people's texts and a sentence for developers.
func (r *Room) parseTarget(raw string) (target, *Problem) {
	bad := func(code, message string) (target, *Problem) {
		return target{}, &Problem{Field: "url", Code: code, Message: message}
	}
	if len(raw) > maxURL {
		return bad("long", "the URL has more than 2000 bytes")
	}
	for _, c := range []byte(raw) {
		if c <= ' ' || c >= 0x7f || c == '\\' {
			return bad("characters", "the URL has blanks, a backslash or characters that are not ASCII: percent-encode them, and write the host in its xn-- form")
		}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return bad("malformed", "this is not a URL of the form https://host/path")
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("scheme", "the URL must begin with https://")
	case u.User != nil:
		return bad("userinfo", "the URL must not carry a user name or a password; the signature says who sends")
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return bad("fragment", "the URL must not have a fragment; it would not be sent")
	}
	t := target{url: u, host: strings.ToLower(u.Hostname()), port: 443}
	if u.Scheme == "http" {
		t.port = 80
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return bad("port", "the port must be a number from 1 to 65535")
		}
		t.port = uint16(n)
	} else if strings.HasSuffix(u.Host, ":") {
		return bad("port", "the URL has a colon and no port")
	}
	if addr, err := netip.ParseAddr(t.host); err == nil {
		t.addr = addr
		if r.allowed(netip.AddrPortFrom(addr, t.port)) {
			return t, nil
		}
		if addr.Zone() != "" || addr.Is4In6() || !public(addr) {
			return bad("address", "the URL names an address that is not on the public internet")
		}
	} else if problem := checkName(t.host); problem != "" {
		return bad("host", problem)
	}
	if u.Scheme != "https" {
		return bad("scheme", "the URL must begin with https://")
	}
	if slices.Contains(badPorts, t.port) {
		return bad("port", "this port belongs to another protocol than HTTP")
	}
	return t, nil
}

func (r *Room) allowed(a netip.AddrPort) bool { return slices.Contains(r.AllowHosts, a) }

// checkName refuses names that cannot belong to a public host, among them the
// many ways to write 127.0.0.1 that some resolvers understand (127.1, 0x7f.1,
// 2130706433): no public name ends in a label that is a number.
func checkName(host string) string {
	name := strings.TrimSuffix(host, ".")
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	switch {
	case len(name) > 253 || slices.ContainsFunc(labels, func(l string) bool { return !labelFine(l) }):
		return "the host is not a name that can be looked up"
	case len(labels) < 2:
		return "the host must be a full name with a dot, reachable from the internet"
	case last[0] >= '0' && last[0] <= '9':
		return "the host is a malformed address"
	}
	for _, dead := range deadNames {
		if name == dead || strings.HasSuffix(name, "."+dead) {
			return "names under ." + dead + " are not on the public internet"
		}
	}
	return ""
}

func labelFine(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	return !strings.ContainsFunc(l, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_'
	})
}

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// What is not public, after IANA's special-purpose registries. IPv6 is the other
// way round: only 2000::/3 is given out, all else (unique local, link-local,
// multicast, mapped, 64:ff9b::/96 of NAT64, …) is refused without naming it.
var (
	closed4 = prefixes(
		"0.0.0.0/8",        // this network (RFC 791)
		"10.0.0.0/8",       // private (RFC 1918)
		"100.64.0.0/10",    // carrier NAT (RFC 6598); Alibaba Cloud's metadata
		"127.0.0.0/8",      // loopback
		"168.63.129.16/32", // Azure's metadata
		"169.254.0.0/16",   // link-local (RFC 3927); other clouds' metadata
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // protocol assignments (RFC 6890); Oracle's metadata
		"192.0.2.0/24",     // documentation (RFC 5737)
		"192.88.99.0/24",   // 6to4 relay (RFC 7526)
		"192.168.0.0/16",   // private
		"198.18.0.0/15",    // benchmarks (RFC 2544)
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast
		"240.0.0.0/4",      // reserved, broadcast
	)
	open6   = netip.MustParsePrefix("2000::/3")
	closed6 = prefixes(
		"2001::/23",     // protocol assignments (RFC 2928): Teredo, ORCHID, benchmarks
		"2001:db8::/32", // documentation (RFC 3849)
		"2002::/16",     // 6to4 (RFC 3056): an IPv4 address in disguise
		"3fff::/20",     // documentation (RFC 9637)
	)
)

// public reports whether an address is one of the internet's. A mapped IPv4
// address is judged as that IPv4 address: resolvers write them so.
func public(a netip.Addr) bool {
	a = a.Unmap()
	in := func(p netip.Prefix) bool { return p.Contains(a) }
	switch {
	case !a.IsValid() || a.Zone() != "":
		return false
	case a.Is4():
		return !slices.ContainsFunc(closed4, in)
	}
	return open6.Contains(a) && !slices.ContainsFunc(closed6, in)
}

// errClosed says that a name leads where Clew does not go.
var errClosed = errors.New("the host resolves to an address that is not on the public internet")

// resolve asks once and returns addresses that may be connected to. One closed
// address among them condemns all: no honest public host mixes them.
func (r *Room) resolve(ctx context.Context, t target) ([]netip.Addr, error) {
	if t.addr.IsValid() {
		if !public(t.addr) && !r.allowed(netip.AddrPortFrom(t.addr, t.port)) {
			return nil, errClosed
		}
		return []netip.Addr{t.addr}, nil
	}
	look := r.Resolve
	if look == nil {
		look = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	addrs, err := look(ctx, t.host)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errResolve, err)
	}
	if len(addrs) == 0 {
		return nil, errResolve
	}
	for i, a := range addrs {
		addrs[i] = a.Unmap()
		if !public(a) && !r.allowed(netip.AddrPortFrom(addrs[i], t.port)) {
			return nil, errClosed
		}
	}
	return addrs, nil
}

var errResolve = errors.New("the host name cannot be resolved")
