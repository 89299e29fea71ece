package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"clew/words"
)

// Every code that handling violations gives has a sentence in both languages.
func TestEveryCodeOfACaseHasWords(t *testing.T) {
	files, err := filepath.Glob("../casework/*.go")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`&Bad(Step|Decision|Report)\{[^,{}]*, "([a-z_]+)"`)
	kinds := map[string]string{"Step": "case", "Decision": "decision", "Report": "report"}
	n := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range made.FindAllStringSubmatch(string(text), -1) {
			if key := "problem." + kinds[m[1]] + "." + m[2]; !words.Has(key) {
				t.Errorf("%s: %s has no words", filepath.Base(name), key)
			}
			n++
		}
	}
	if n < 40 {
		t.Errorf("only %d codes found", n)
	}
}
