package view

import (
	"strings"
	"testing"
)

func TestJSX(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"and", `const P = () => <A>{x && <B/>}</A>`, `a / b if(x)`},
		{"or", `const P = () => <A>{x || <B/>}</A>`, `a / b if!(x)`},
		{"either", `const P = () => <A>{x ? <B/> : <C/>}</A>`, `a / b if(x) / c if!(x)`},
		{"not", `const P = () => <A>{!x && <B/>}</A>`, `a / b if!(x)`},
		{"nothing", `const P = () => <A>{x ? <B/> : null}{y && 'text'}</A>`, `a / b if(x) / text {y&&'text'}`},
		{"early return", `function P() { if (!x) return <Gate/>; return <A/> }`, `gate if!(x) | a if(x)`},
		{"map", `const P = () => <A>{list.map((it, i) => <B key={i} a={it}/>)}</A>`, `a / b for(it,i in list) a={it}`},
		{"filtered map", `const P = () => <A>{list.filter(f).map(it => it.ok && <B/>)}</A>`, `a / b if(it.ok) for(it, in list.filter(f))`},
		{"two loops", `const P = () => <A>{a.map(x => x.l.map(y => <B/>))}</A>`, `a / fragment for(x, in a) / b for(y, in x.l)`},
		{"variable", `function P() { const b = <B/>; return <A>{b}</A> }`, `a / b`},
		{"two values", `function P() { let b = null; if (x) { b = <B/> } return <A>{b}</A> }`, `a / b if(?0)`},
		{"helper", `function P() { const row = (x) => <B a={x}/>; return <A>{row(1)}</A> }`, `a / b a={x}`},
		{"own helper", `class P extends Component { render() { return <A>{this.row(1)}{this.other()}</A> } row() { return x && <B/> } }`, `a / b if(x) / text {other()}`},
		{"fragment", `const P = () => <A>{x && <><B/><C/></>}</A>`, `a / b if(x) / c if(x)`},
		{"memo", `function P() { const b = useMemo(() => <B/>, []); return <A>{b}</A> }`, `a / b`},
		{"portal", `const P = () => <A>{x && createPortal(<B/>, document.body)}</A>`, `a / b if(x)`},
		{"slot", `const P = (props) => <A>{props.children}</A>`, `a / slot`},
		{"inside an attribute", `const P = () => <A footer={<B/>} render={() => <C/>}><D/></A>`, `a footer={<B>} render={=>} / d / b / c`},
		{"attributes", `const P = () => <A disabled x={true} {...r} className="a" onClick={go} hidden={h} style={{display: s ? '' : 'none'}}/>`, `a if~!(h) if~(s) disabled x={true} ={r} class="a" style={{display:s?'':'none'}} @tap=go`},
		{"itself", `function row() { return <B>{row()}</B> } `, `b`},
		{"text", "const P = () => <A>  a  b {x} {`c${y}`} {1}</A>", `a / text "a b" / text {x} / text "c" {y} / text "1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := oneLine(dump(jsx(t, c.src)))
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestJSXRender(t *testing.T) {
	src := `class P extends Component {
  render() { const { x } = this.state; if (x) { return <A ref={this.box} onGetPhoneNumber={this.grant}></A> } return null } }`
	roots := jsx(t, src)
	if got := oneLine(dump(roots)); !strings.HasPrefix(got, "a if(") || !strings.Contains(got, "@getphonenumber=grant") {
		t.Error(got)
	}
	if roots[0].Ref != "box" {
		t.Error(roots[0].Ref)
	}
}

// Places in JSX are those of the source too.
func TestJSXPlaces(t *testing.T) {
	src := `const P = () => <View className="a b" onClick={go} disabled>{x ? <Text id='t'>hello</Text> : null}</View>`
	roots := jsx(t, src)
	for e := range All(roots) {
		if e.Name != "" && !strings.HasPrefix(e.Open.Of(src), "<"+e.Name) {
			t.Errorf("%s at %q", e.Name, e.Open.Of(src))
		}
		for _, a := range e.Attrs {
			if !strings.HasPrefix(a.Span.Of(src), a.Raw) || a.ValueSpan.Of(src) != a.Value {
				t.Errorf("%s: %q, %q at %q", a.Raw, a.Span.Of(src), a.Value, a.ValueSpan.Of(src))
			}
		}
		for _, ev := range e.Events {
			if ev.Span.Of(src) != "onClick={go}" {
				t.Errorf("%q", ev.Span.Of(src))
			}
		}
		for _, c := range e.When {
			if c.Span.Of(src) != "x" {
				t.Errorf("%q", c.Span.Of(src))
			}
		}
	}
}

// Variables that hold each other many times over end at the limits.
func TestJSXGrowth(t *testing.T) {
	var b strings.Builder
	b.WriteString("function P() {\nconst v0 = <A/>;\n")
	for i := 1; i < 40; i++ {
		n := string(rune('0'+(i-1)/10)) + string(rune('0'+(i-1)%10))
		if i == 1 {
			n = "0"
		}
		m := string(rune('0'+i/10)) + string(rune('0'+i%10))
		b.WriteString("const v" + m + " = <B>{v" + n + "}{v" + n + "}{v" + n + "}</B>;\n")
	}
	b.WriteString("return v39 }")
	n := 0
	for range All(jsx(t, b.String())) {
		n++
	}
	if n == 0 || n > maxElements+16 {
		t.Error(n)
	}
}
