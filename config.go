package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"clew/ledger"
	"clew/phone"
	"clew/webhook"

	"github.com/BurntSushi/toml"
)

// Config is how an installation is set up. Every key can stand in the file; those
// of [fromEnv] in the environment too, as CLEW_ and the key in capitals, secrets
// also as a file named by CLEW_…_FILE. The zero value of an optional key is usable.
type Config struct {
	// Listen is where the server listens; loopback unless told otherwise.
	Listen string `toml:"listen"`
	// BaseURL is scheme and host under which people reach the server; https.
	BaseURL string `toml:"base_url"`
	// Data is the folder of the embedded database; not needed with PostgreSQL.
	Data string `toml:"data"`
	// Database is a postgres:// URL; empty means SQLite in the data folder.
	Database string `toml:"database"`
	// KeyFile holds the root key and the epochs ("clew keys new"). It must not
	// stand in the data folder.
	KeyFile string `toml:"key_file"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []string `toml:"trusted_proxies"`
	// Storage says in consent records where data are kept.
	Storage string `toml:"storage_location"`
	// RequestsPerSecond bounds what one address may ask of the public API; 0 means
	// 20, a negative number bounds nothing.
	RequestsPerSecond float64 `toml:"requests_per_second"`
	// PasskeyDomain is what passkeys are bound to; empty means the host of BaseURL.
	PasskeyDomain string `toml:"passkey_domain"`

	SMS SMS `toml:"sms"`
	// Witness are asked to cosign the ledger's checkpoints (docs/manual/ledger.md).
	Witness []Witness `toml:"witness"`
	// Host is the host app's adapter, which takes measures in its systems; without it
	// they wait.
	Host Host `toml:"host"`
	// Platforms is where other platforms answer; empty members are the documented hosts.
	Platforms Platforms `toml:"platforms"`
}

// Host is where commands of cases are sent, and what they are signed with.
type Host struct {
	URL    string `toml:"url"`
	Secret string `toml:"secret"` // "whsec_" and the base64 of 24 to 64 bytes
}

// Platforms is where numbers are fetched from other platforms.
type Platforms struct {
	DouyinOpen   string `toml:"douyin_open"`
	DouyinLegacy string `toml:"douyin_legacy"`
	WeChat       string `toml:"wechat"`
	// WeChatOrdinaryToken asks for ordinary access tokens instead of stable ones.
	WeChatOrdinaryToken bool `toml:"wechat_ordinary_token"`
}

// Witness is somebody else who signs what continues the log they know.
type Witness struct {
	URL string `toml:"url"`
	Key string `toml:"key"` // cosignature key, "<name>+<hash>+<base64>"
}

func (c Config) witnesses() (list []ledger.Witness) {
	for _, w := range c.Witness {
		list = append(list, ledger.Witness{URL: w.URL, Verifier: w.Key})
	}
	return list
}

// SMS is the gateway that sends one-time codes.
type SMS struct {
	Driver         string            `toml:"driver"` // "http"; "none" sends nothing, for components that take typed numbers
	URL            string            `toml:"url"`
	Method         string            `toml:"method"`
	Header         map[string]string `toml:"header"`
	ContentType    string            `toml:"content_type"`
	Body           string            `toml:"body"`
	Secret         string            `toml:"secret"`
	SuccessPointer string            `toml:"success_pointer"`
	SuccessValue   string            `toml:"success_value"`
	Timeout        time.Duration     `toml:"timeout"`
}

func (s SMS) gateway() phone.HTTPConfig {
	return phone.HTTPConfig{
		URL: s.URL, Method: s.Method, Header: s.Header, ContentType: s.ContentType, Body: s.Body, Secret: s.Secret,
		SuccessPointer: s.SuccessPointer, SuccessValue: s.SuccessValue, Timeout: s.Timeout,
	}
}

// fromEnv are the keys the environment may set; secret ones may come as a file.
var fromEnv = []struct {
	key    string
	secret bool
	set    func(*Config, string)
}{
	{"LISTEN", false, func(c *Config, v string) { c.Listen = v }},
	{"BASE_URL", false, func(c *Config, v string) { c.BaseURL = v }},
	{"DATA", false, func(c *Config, v string) { c.Data = v }},
	{"DATABASE", true, func(c *Config, v string) { c.Database = v }},
	{"KEY_FILE", false, func(c *Config, v string) { c.KeyFile = v }},
	{"TRUSTED_PROXIES", false, func(c *Config, v string) { c.TrustedProxies = strings.Split(v, ",") }},
	{"STORAGE_LOCATION", false, func(c *Config, v string) { c.Storage = v }},
	{"PASSKEY_DOMAIN", false, func(c *Config, v string) { c.PasskeyDomain = v }},
	{"HOST_URL", false, func(c *Config, v string) { c.Host.URL = v }},
	{"HOST_SECRET", true, func(c *Config, v string) { c.Host.Secret = v }},
	{"SMS_DRIVER", false, func(c *Config, v string) { c.SMS.Driver = v }},
	{"SMS_URL", false, func(c *Config, v string) { c.SMS.URL = v }},
	{"SMS_SECRET", true, func(c *Config, v string) { c.SMS.Secret = v }},
}

// readConfig reads the file (none when path is empty) and then the environment,
// given as getenv. Unknown keys are refused: a misspelt limit must not be ignored.
func readConfig(path string, getenv func(string) string) (Config, error) {
	var c Config
	if path != "" {
		meta, err := toml.DecodeFile(path, &c)
		if err != nil {
			// The library's text may quote the file; only the place is shown.
			var parse toml.ParseError
			if errors.As(err, &parse) {
				return c, fmt.Errorf("%s line %d: not valid TOML", path, parse.Position.Line)
			}
			var missing *fs.PathError
			if errors.As(err, &missing) {
				return c, fmt.Errorf("read configuration: %w", err)
			}
			key := ""
			if _, rest, ok := strings.Cut(err.Error(), `last key "`); ok {
				key, _, _ = strings.Cut(rest, `"`)
			}
			return c, fmt.Errorf("%s: the value of %q is not of the kind that this key takes; see docs/manual/production.md", path, key)
		}
		if extra := meta.Undecoded(); len(extra) > 0 {
			return c, fmt.Errorf("%s: unknown key %q; see docs/manual/production.md", path, extra[0].String())
		}
	}
	for _, e := range fromEnv {
		if v := getenv("CLEW_" + e.key); v != "" {
			e.set(&c, v)
		}
		if !e.secret {
			continue
		}
		if file := getenv("CLEW_" + e.key + "_FILE"); file != "" {
			text, err := os.ReadFile(file)
			if err != nil {
				return c, fmt.Errorf("CLEW_%s_FILE: %w", e.key, err)
			}
			e.set(&c, strings.TrimSpace(string(text)))
		}
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8080"
	}
	if c.Storage == "" {
		c.Storage = "中国大陆"
	}
	return c, nil
}

// check finds what production must not start with; every fault at once.
func (c Config) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	u, err := url.Parse(c.BaseURL)
	switch {
	case c.BaseURL == "":
		fault("base_url is missing: give the https address people will use, like https://leads.example.com")
	case err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil:
		fault("base_url must be scheme and host only, like https://leads.example.com")
	case u.Scheme != "https":
		fault("base_url must be https: consent and numbers travel under it")
	}
	if c.Database == "" && c.Data == "" {
		fault("neither data (a folder, for the embedded database) nor database (a postgres:// URL) is set")
	}
	if u, err := url.Parse(c.Database); c.Database != "" && err == nil && u.Query().Get("sslmode") == "disable" && !local(u.Host) {
		fault("database: sslmode=disable sends everything in the clear to another machine; use sslmode=verify-full")
	}
	switch {
	case c.KeyFile == "":
		fault(`key_file is missing: make one with "clew keys new FILE", outside the data folder, and back it up apart from the data`)
	case c.Data != "" && inside(c.KeyFile, c.Data):
		fault("key_file stands in the data folder: whoever copies the folder could read every lead; move it elsewhere")
	}
	if _, err := c.proxies(); err != nil {
		faults = append(faults, err)
	}
	for i, w := range c.Witness {
		if _, err := ledger.NewCosigner(w.Key); err != nil {
			faults = append(faults, fmt.Errorf("witness %d: key: %w", i+1, err))
		}
		if u, err := url.Parse(w.URL); err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !local(u.Host)) {
			fault("witness %d: url must be https", i+1)
		}
	}
	if u, err := url.Parse(c.Host.URL); c.Host.URL != "" && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !local(u.Host))) {
		fault("host.url must be https: it takes measures against apps")
	}
	if c.Host.URL != "" || c.Host.Secret != "" {
		if err := webhook.Sign(http.Header{}, c.Host.Secret, "check", time.Time{}, nil); err != nil || c.Host.URL == "" {
			fault(`host: url and secret go together, and the secret is "whsec_" and the base64 of 24 to 64 bytes`)
		}
	}
	for key, host := range map[string]string{
		"douyin_open": c.Platforms.DouyinOpen, "douyin_legacy": c.Platforms.DouyinLegacy, "wechat": c.Platforms.WeChat,
	} {
		u, err := url.Parse(host)
		if host != "" && (err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil) {
			fault("platforms.%s must be scheme and host only, https: secrets and numbers travel to it", key)
		}
	}
	switch c.SMS.Driver {
	case "http":
		if _, err := phone.NewHTTPDriver(c.SMS.gateway()); err != nil {
			faults = append(faults, err)
		}
	case "none":
	case "log":
		fault(`sms.driver "log" prints codes and is for development only; set "http" and the gateway`)
	case "":
		fault(`sms.driver is missing: set "http" and the gateway that sends one-time codes, or "none" if no component verifies numbers`)
	default:
		fault(`sms.driver is unknown; there are "http" and "none"`)
	}
	return errors.Join(faults...)
}

// local reports whether every host of a database URL is this machine; no host is
// a socket.
func local(hosts string) bool {
	for host := range strings.SplitSeq(hosts, ",") {
		name, _, err := net.SplitHostPort(host)
		if err != nil {
			name = strings.Trim(host, "[]")
		}
		addr, err := netip.ParseAddr(name)
		if name != "" && name != "localhost" && (err != nil || !addr.IsLoopback()) {
			return false
		}
	}
	return true
}

// inside reports whether file lies in folder, links resolved as far as they exist.
func inside(file, folder string) bool {
	real := func(p string) string {
		p, _ = filepath.Abs(p)
		if r, err := filepath.EvalSymlinks(p); err == nil {
			return r
		}
		if r, err := filepath.EvalSymlinks(filepath.Dir(p)); err == nil {
			return filepath.Join(r, filepath.Base(p))
		}
		return p
	}
	rel, err := filepath.Rel(real(folder), real(file))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func (c Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("trusted_proxies: %q is not a network like 10.0.0.0/8", text)
		}
		if p.Bits() < 8 {
			return nil, fmt.Errorf("trusted_proxies: %s is wider than /8: anybody in it could say they come from anywhere", p)
		}
		out = append(out, p)
	}
	return out, nil
}

// databaseURL is what db.Open is given.
func (c Config) databaseURL() string {
	if c.Database != "" {
		return c.Database
	}
	return "sqlite:" + filepath.Join(c.Data, "clew.db")
}

// print says what was decided, without secrets.
func (c Config) print(w io.Writer) {
	database := "SQLite in " + c.Data
	if u, err := url.Parse(c.Database); c.Database != "" && err == nil {
		database = "PostgreSQL at " + u.Host + u.Path
	}
	lines := map[string]string{
		"listen": c.Listen, "base_url": c.BaseURL, "database": database, "key_file": c.KeyFile,
		"trusted_proxies": strings.Join(c.TrustedProxies, ", "), "storage_location": c.Storage, "sms.driver": c.SMS.Driver,
	}
	keys := make([]string, 0, len(lines))
	for k := range lines {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		if lines[k] == "" {
			lines[k] = "-"
		}
		_, _ = fmt.Fprintf(w, "  %-18s %s\n", k, lines[k])
	}
}
