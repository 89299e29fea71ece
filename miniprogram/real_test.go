package miniprogram_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What the stories' server takes for granted holds on the real one: the built
// component is told of a token that gives no number, and leaves a lead with a code,
// on a "clew dev" of its own.
func TestRealServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "clew")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("build clew: %v\n%s", err, out)
	}
	dev := exec.CommandContext(t.Context(), program, "dev", "--json", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"))
	dev.Cancel = func() error { return dev.Process.Signal(syscall.SIGTERM) }
	dev.WaitDelay = 10 * time.Second
	out, err := dev.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	terminal, said := io.Pipe()
	dev.Stderr = said
	if err := dev.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dev.Process.Signal(syscall.SIGTERM); err != nil {
			t.Log(err)
		}
		go func() { _, _ = io.Copy(io.Discard, terminal) }()
		_ = dev.Wait()
	})
	codes := make(chan string, 16)
	go func() {
		for lines := bufio.NewScanner(terminal); lines.Scan(); {
			if m := regexp.MustCompile(`SMS to .*?(\d{6})\D`).FindStringSubmatch(lines.Text()); m != nil {
				codes <- m[1]
			}
		}
	}()
	stdout := bufio.NewReader(out)
	line, err := stdout.ReadBytes('\n')
	if err != nil {
		t.Fatalf("clew dev did not get ready: %v", err)
	}
	var ready struct {
		Component string `json:"component_id"`
		BaseURL   string `json:"url"`
	}
	if err := json.Unmarshal(line, &ready); err != nil || ready.Component == "" || ready.BaseURL == "" {
		t.Fatalf("clew dev said %s: %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()

	for _, platform := range platforms {
		story := exec.CommandContext(t.Context(), "node", "test/real.mjs", platform, ready.BaseURL, ready.Component)
		in, err := story.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		told, err := story.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var wrong strings.Builder
		story.Stderr = &wrong
		if err := story.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(told)
		if !lines.Scan() {
			t.Fatalf("%s: no code was asked for: %v %s", platform, story.Wait(), &wrong)
		}
		select {
		case code := <-codes:
			if _, err := io.WriteString(in, code+"\n"); err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: no code came", platform)
		}
		var done struct {
			Receipt string
			URL     string
			Told    string
			Refused [][]any
		}
		if !lines.Scan() {
			t.Fatalf("%s: no receipt: %v %s", platform, story.Wait(), &wrong)
		}
		if err := json.Unmarshal(lines.Bytes(), &done); err != nil {
			t.Fatal(err)
		}
		if err := story.Wait(); err != nil {
			t.Errorf("%s: %v %s", platform, err, &wrong)
		}
		if done.Receipt == "" || !strings.HasPrefix(done.URL, ready.BaseURL+"/r/") {
			t.Errorf("%s: the receipt is %+v", platform, done)
		}
		// The token of nobody, and nothing else.
		if len(done.Refused) != 1 || done.Refused[0][0] != "leads" || done.Told == "" {
			t.Errorf("%s: refused on the way: %v, told %q", platform, done.Refused, done.Told)
		}
	}
}
