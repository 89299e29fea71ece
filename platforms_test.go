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
