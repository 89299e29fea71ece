package markup

import (
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// The oracle reads XML, which every dialect contains: on a well-formed source the
// two must see the same names, attributes, texts and nesting at the same bytes.
func TestAgreesWithXML(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 4))
	for range 400 {
		var b strings.Builder
		grow(&b, random, 4)
		src := b.String()
		for _, dialect := range []Dialect{Mini, Vue} {
			if err := againstXML(src, dialect); err != nil {
				t.Fatalf("%v\n%s", err, src)
			}
		}
	}
}

func pick(random *rand.Rand, of ...string) string { return of[random.IntN(len(of))] }

// grow writes a random well-formed tree.
func grow(b *strings.Builder, random *rand.Rand, depth int) {
	name := pick(random, "view", "text", "Button", "my-card", "scroll-view", "block", "input", "textarea", "title")
	b.WriteString("<" + name)
	for i := range random.IntN(4) {
		quote := pick(random, `"`, `'`)
		other := map[string]string{`"`: `'`, `'`: `"`}[quote]
		b.WriteString(pick(random, " ", "\n  ", "\t") + pick(random, "class", "bindtap", "wx:if", "data-x", "openType") + string(rune('a'+i)) +
			pick(random, "=", " = ") + quote + pick(random, "", "a b", "{{ x > 1 }}", "{{"+other+"a"+other+"}}", "a>b", "/", "甲乙", "1\n2") + quote)
	}
	if random.IntN(4) == 0 {
		b.WriteString(pick(random, "/>", " />"))
		return
	}
	b.WriteString(">")
	if depth > 0 && name != "input" && name != "textarea" {
		for range random.IntN(4) {
			switch random.IntN(4) {
			case 0:
				b.WriteString(pick(random, "words", " \n ", "{{ y }}", "a > b", "甲"))
			case 1:
				b.WriteString("<!--" + pick(random, " c ", "<d>", "") + "-->")
			default:
				grow(b, random, depth-1)
			}
		}
	}
	b.WriteString("</" + name + ">")
}

func againstXML(src string, dialect Dialect) error {
	doc := Parse(src, dialect)
	if err := verify(doc); err != nil {
		return err
	}
	if len(doc.Problems) > 0 {
		return errors.New("a well-formed source has problem " + string(doc.Problems[0].Trouble))
	}
	nodes := doc.nodes
	var open []*Node
	x := xml.NewDecoder(strings.NewReader(src))
	x.Strict = false
	for {
		from := int(x.InputOffset())
		token, err := x.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		to := int(x.InputOffset())
		if end, ok := token.(xml.EndElement); ok {
			n := open[len(open)-1]
			open = open[:len(open)-1]
			if n.Name != full(end.Name) || n.Ending != SelfClosing && n.Close != (Span{from, to}) {
				return errors.New("end of " + n.Name + " differs")
			}
			continue
		}
		if len(nodes) == 0 {
			return errors.New("nodes are missing")
		}
		n := &nodes[0]
		nodes = nodes[1:]
		switch token := token.(type) {
		case xml.StartElement:
			if n.Kind != Element || n.Name != full(token.Name) || n.Open != (Span{from, to}) || len(n.Attrs()) != len(token.Attr) {
				return errors.New("start of " + full(token.Name) + " differs")
			}
			for i, a := range n.Attrs() {
				if a.Name != full(token.Attr[i].Name) || a.Value != token.Attr[i].Value {
					return errors.New("attribute " + a.Name + " differs")
				}
			}
			if p := n.Parent(); len(open) > 0 && p != open[len(open)-1] || len(open) == 0 && p != nil {
				return errors.New(n.Name + " hangs elsewhere")
			}
			open = append(open, n)
		case xml.CharData:
			if n.Kind != Text || n.Src() != string(token) {
				return errors.New("text differs")
			}
		case xml.Comment:
			if n.Kind != Comment || n.Span != (Span{from, to}) {
				return errors.New("comment differs")
			}
		}
	}
	if len(nodes) != 0 {
		return errors.New("nodes too many")
	}
	return nil
}

func full(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

func BenchmarkParse(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	var s strings.Builder
	for s.Len() < 1<<20 {
		grow(&s, random, 5)
	}
	src := s.String()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(src, Mini)
	}
}
