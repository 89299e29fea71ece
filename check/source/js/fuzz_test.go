package js

import (
	"testing"
	"time"
)

// FuzzParse looks for sources that stop the parser, give a tree that does not lie
// on its source, or, if well formed, parts that read differently on their own.
func FuzzParse(f *testing.F) {
	for _, c := range wellFormed {
		f.Add([]byte(c.src), uint8(c.dialect))
	}
	for _, c := range broken {
		f.Add([]byte(c.src), uint8(c.dialect))
	}
	f.Fuzz(func(t *testing.T, src []byte, dialect uint8) {
		opts := Options{Dialect: Dialect(dialect % 3)}
		start := time.Now()
		file := Parse(src, opts)
		if d := time.Since(start); d > time.Second+time.Duration(len(src))*time.Microsecond*100 {
			t.Fatalf("%d bytes took %v", len(src), d)
		}
		sound(t, "fuzz", file)
		for offset := 0; offset <= len(src); offset += 1 + len(src)/16 {
			if p := file.Position(offset); p.Line < 1 || p.Column < 1 || p.UTF16 < 1 || p.UTF16 > p.Column {
				t.Fatalf("position of %d: %+v", offset, p)
			}
		}
		small := Parse(src, Options{Dialect: opts.Dialect, MaxDepth: 20, MaxNodes: 50})
		sound(t, "limited", small)
		for _, n := range file.Body {
			if len(file.Errors) > 0 {
				break
			}
			text := file.Text(n)
			again := Parse([]byte(text), opts)
			if len(again.Errors) > 0 || shapes(again) != shape(n) {
				t.Fatalf("%q read again as %q: %v, was %s", text, shapes(again), again.Errors, shape(n))
			}
		}
	})
}

// FuzzBlank checks that blanking keeps every offset and line end.
func FuzzBlank(f *testing.F) {
	for _, c := range conditionals {
		f.Add([]byte(c.src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		out, regions := Blank(src, []string{"MP-TOUTIAO", "VUE3"})
		if len(out) != len(src) {
			t.Fatalf("%d bytes became %d", len(src), len(out))
		}
		for i := range src {
			if out[i] != src[i] && (out[i] != ' ' || src[i] == '\n' || src[i] == '\r') {
				t.Fatalf("byte %d changed from %q to %q", i, src[i], out[i])
			}
		}
		for i := range regions {
			r := &regions[i]
			if r.Pos() > r.End() || r.End() > len(src) {
				t.Fatalf("region %+v", r)
			}
		}
	})
}
