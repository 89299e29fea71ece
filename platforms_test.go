package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Secrets and numbers travel to these hosts: anything but plain https is refused.
func TestHostsOfPlatformsAreChecked(t *testing.T) {
	for value, good := range map[string]bool{
		"https://open-sandbox.douyin.com": true, "https://open.douyin.com/": true,
		"http://open.douyin.com": false, "https://open.douyin.com/api": false, "https://u:p@open.douyin.com": false, "open.douyin.com": false,
	} {
		for _, key := range []string{"douyin_open", "douyin_legacy", "wechat"} {
			file := filepath.Join(t.TempDir(), "clew.toml")
			if err := os.WriteFile(file, []byte("[platforms]\n"+key+" = \""+value+"\"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := readConfig(file, func(string) string { return "" })
			if err != nil {
				t.Fatal(err)
			}
			err = c.check()
			if refused := err != nil && strings.Contains(err.Error(), "platforms."+key); refused == good {
				t.Errorf("%s = %q: %v", key, value, err)
			}
		}
	}
}

// The host app's adapter takes measures against apps: it is reached over TLS, and url and
// secret go together.
func TestHostAdapterIsConfiguredWhole(t *testing.T) {
	const secret = "whsec_Y29uZm9ybWFuY2UgdGVzdCBzZWNyZXQgb2YgMzIgYnl0ZXM="
	for h, good := range map[Host]bool{
		{}: true,
		{URL: "https://host.example/clew", Secret: secret}:    true,
		{URL: "http://127.0.0.1:9000/", Secret: secret}:       true,
		{URL: "http://host.example/", Secret: secret}:         false,
		{URL: "https://host.example/"}:                        false,
		{Secret: secret}:                                      false,
		{URL: "https://host.example/", Secret: "whsec_short"}: false,
	} {
		err := Config{Host: h}.check()
		if refused := err != nil && strings.Contains(err.Error(), "host"+":") || err != nil && strings.Contains(err.Error(), "host.url"); refused == good {
			t.Errorf("%+v: %v", h, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Error("the secret stands in the error")
		}
	}
}
