package pattern

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"testing"
)

// shapes are expressions that the reading of an expression has to tell apart.
var shapes = []string{
	`手机|电话|联系方式`, `手机号?`, `(手机|电话)号码?`, `^手机$`, `(需要?|必须|请先|先)[^，。]{0,8}(绑定|授权)|才能|(以|后)继续`, `必填|(?i)\brequired\b`,
	`(?i)agree|privacy|task|is_?ok`, `(?i)(^|[^a-z])(is)?(required|must)([^a-z]|$)`, `[登录]+`, `先生|女士|[男女]`, `a*`, `(?:)`, `x|`, `(a|b|)c`, `(?i)k`, `(?i)ſ`,
	`(?i)手K机`, `a(?i)b`, `[^\p{Han}]+|的`, `(?s)/\*.*?\*/`, `^[\s*]*$`, `a.b|cd?`, `(ab){2,3}c`, `11\s*位`, "\ufffd", `[\x{fffd}a]`, `(?i)[sx]y`, `\.([\w-]+)`,
}

// expressions are the shapes, and all that the rooms of check are made with.
func expressions(t testing.TB) []string {
	list := shapes
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "MustCompile" {
				if s, ok := written(call.Args[0]); ok {
					list = append(list, s)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < len(shapes)+50 {
		t.Fatalf("only %d expressions were found", len(list))
	}
	return list
}

func written(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, ok1 := written(e.X)
		b, ok2 := written(e.Y)
		return a + b, ok1 && ok2
	}
	return "", false
}

// TestSameAsRegexp compares with package regexp on texts made of the parts of each
// expression, whole and cut, and of what could be taken for them.
func TestSameAsRegexp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	quick := 0
	for _, expr := range expressions(t) {
		p, want := MustCompile(expr), regexp.MustCompile(expr)
		if p.words != nil {
			quick++
		}
		parsed, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		parts := []string{"", " ", "，", "的", "a", "ſ", "\u212a", "\xe6", "\n", "手", "Required", "x-y", "=", "1"}
		gather(parsed, &parts)
		for range 300 {
			var b strings.Builder
			for range r.IntN(7) {
				s := parts[r.IntN(len(parts))]
				switch r.IntN(6) {
				case 0:
					s = s[:r.IntN(len(s)+1)]
				case 1:
					s = strings.ToUpper(s)
				}
				b.WriteString(s)
			}
			same(t, p, want, b.String())
		}
	}
	if quick < 60 {
		t.Errorf("only %d expressions are quick", quick)
	}
}

func gather(re *syntax.Regexp, parts *[]string) {
	if re.Op == syntax.OpLiteral {
		*parts = append(*parts, string(re.Rune))
	}
	for _, sub := range re.Sub {
		gather(sub, parts)
	}
}

func same(t *testing.T, p *Pattern, want *regexp.Regexp, s string) {
	t.Helper()
	if got := p.MatchString(s); got != want.MatchString(s) {
		t.Errorf("%q matches %q: %v", want, s, got)
	}
	if got := p.FindString(s); got != want.FindString(s) {
		t.Errorf("%q finds in %q: %q", want, s, got)
	}
}

// TestQuick tells which expressions need no regular expression at all.
func TestQuick(t *testing.T) {
	for expr, want := range map[string][2]bool{ // quick, exact
		`手机|电话|联系方式`:                    {true, true},
		`手机号?`:                          {true, true},
		`(?i)agree|privacy`:             {true, true},
		`(绑定|授权)[^，。]{0,6}(后|才)`:        {true, false},
		`^手机$`:                          {true, false},
		`(?i)(^|[^a-z])(tel)([^a-z]|$)`: {true, false},
		`a*`:                            {false, false},
		`x|`:                            {false, false},
		`\p{Han}{2}|[A-Za-z]{3}`:        {false, false},
		`[登录]+`:                         {true, false},
		`(手机|电话)(号码|号)?`:                {true, true},
		`(?i)a[bc]d|e`:                  {true, false},
		`(需要?|必须|先)[^，。]{0,8}(绑定|登录)|才能`: {true, false},
	} {
		p := MustCompile(expr)
		if got := [2]bool{p.words != nil, p.exact && p.words != nil}; got != want {
			t.Errorf("%q: quick and exact are %v, want %v", expr, got, want)
		}
	}
}

func FuzzSameAsRegexp(f *testing.F) {
	list := expressions(f)
	f.Add("请先授权手机号，才能继续", 3)
	f.Add("I agree to the Privacy policy", 6)
	f.Fuzz(func(t *testing.T, s string, i int) {
		expr := list[uint(i)%uint(len(list))]
		same(t, MustCompile(expr), regexp.MustCompile(expr), s)
	})
}

func BenchmarkShortText(b *testing.B) {
	p := MustCompile(`手机|电话|绑定|登录|登陆|注册|授权|换绑|账号|安全`)
	for b.Loop() {
		p.MatchString("商品详情查看全部评价")
	}
}
