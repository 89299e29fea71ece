package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"clew/words"
)

// Lang is the language a request asks for: ?lang= first, then Accept-Language.
func Lang(r *http.Request) words.Lang {
	if l := words.Lang(r.URL.Query().Get("lang")); l.Valid() {
		return l
	}
	return words.Parse(r.Header.Get("Accept-Language"))
}

// Proxies are the networks whose X-Forwarded-For is believed; empty believes none.
type Proxies []netip.Prefix

// Address is the client's address: the nearest one that is not a trusted proxy.
// It is for keyed tags and caps only, and is never stored as it is.
func (p Proxies) Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	if len(p) == 0 {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trusts(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.Unmap().String()
	}
	return host
}

func (p Proxies) trusts(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// SetHeaders puts the headers that every page has. csp is the page's own policy.
func SetHeaders(w http.ResponseWriter, csp string) {
	h := w.Header()
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
}
