package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"clew/check/source"
	"clew/finding"
)

// maxSettings is how many bytes of settings are read; nobody writes more by hand.
const maxSettings = 64 << 10

// maxWrong is how much is said of one file; more is another kind of file.
const maxWrong = 50

func platforms() []string {
	var names []string
	for _, p := range []source.Platform{
		source.Douyin, source.WeChat, source.Alipay, source.Kuaishou, source.Baidu,
		source.QQ, source.JD, source.Xhs, source.Web, source.Phone,
	} {
		names = append(names, string(p))
	}
	return names
}

// Parse reads clew.check.yaml. It is strict: an unknown key, a key written twice, a
// rule that is not among known, a rule that is off without a reason, a glob that
// cannot match or a word that is none of those allowed is an [*Error], which names
// all of them at once. An empty file is the zero Settings, apart from File.
func Parse(name string, data []byte, known RuleIDs) (Settings, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	r := reader{name: name, data: data, known: known}
	root := r.document()
	if root != nil {
		r.object(root, declared(), "")
		r.pairs(root)
	}
	if len(r.wrong) > 0 {
		slices.SortStableFunc(r.wrong, func(a, b Wrong) int { return a.Place.Compare(b.Place) })
		return Settings{}, &Error{r.wrong}
	}
	s := Settings{File: name}
	if root == nil {
		return s, nil
	}
	if err := root.Decode(&s); err != nil {
		// The reader has seen every value; whatever the library still minds is its.
		return Settings{}, fmt.Errorf("settings: %s: %w", name, err)
	}
	s.File = name
	return s, nil
}

// UnmarshalYAML takes "on", "off" or a state with its reason.
func (r *Rule) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		r.Off = n.Value == "off"
		return nil
	}
	var long struct{ State, Reason string }
	if err := n.Decode(&long); err != nil {
		return err
	}
	r.Off, r.Reason = long.State == "off", strings.TrimSpace(long.Reason)
	return nil
}

// reader walks the nodes of one file and collects what is wrong.
type reader struct {
	name  string
	data  []byte
	known RuleIDs
	wrong []Wrong
}

func (r *reader) refuse(line, column int, what, fix finding.Text) {
	if len(r.wrong) < maxWrong {
		r.wrong = append(r.wrong, Wrong{r.place(line, column), what, fix})
	}
}

func (r *reader) at(n *yaml.Node, what, fix finding.Text) { r.refuse(n.Line, n.Column, what, fix) }

// place turns a line and a column in characters, both from 1, into a place.
func (r *reader) place(line, column int) finding.Place {
	p := finding.Place{File: r.name, Line: line, Column: 1}
	if line < 1 {
		return finding.Place{File: r.name}
	}
	rest, from := string(r.data), 0
	for range line - 1 {
		i := strings.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		from += i + 1
		rest = rest[i+1:]
	}
	for _, c := range rest {
		if column <= 1 || c == '\n' || c == '\r' {
			break
		}
		column--
		from += utf8.RuneLen(c)
		if p.Column++; c > 0xFFFF {
			p.Column++
		}
	}
	p.Start, p.End, p.EndLine, p.EndColumn = from, from, line, p.Column
	return p
}

var atLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// document is the top of the file, nil if it is empty or broken.
func (r *reader) document() *yaml.Node {
	if len(r.data) > maxSettings {
		r.refuse(0, 0, finding.Say("设置文件超过 64 KB", "the file is larger than 64 KB"), finding.Say("确认文件没有放错", "see whether it is the right file"))
		return nil
	}
	if !utf8.Valid(r.data) {
		line := 1
		for rest := r.data; len(rest) > 0; {
			c, n := utf8.DecodeRune(rest)
			if c == utf8.RuneError && n == 1 {
				break
			}
			if c == '\n' {
				line++
			}
			rest = rest[n:]
		}
		r.refuse(line, 1, finding.Say("文件不是 UTF-8 编码", "the file is not UTF-8"), finding.Say("另存为 UTF-8", "save it as UTF-8"))
		return nil
	}
	d := yaml.NewDecoder(bytes.NewReader(r.data))
	var doc, more yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		r.broken(err)
		return nil
	}
	switch err := d.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		r.broken(err)
		return nil
	default:
		r.at(&more, finding.Say("文件里有第二份文档", "a second document begins here"), finding.Say("删除 --- 及其后的内容", "remove --- and what follows"))
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" && root.Value == "" {
		return nil
	}
	return root
}

// broken explains a syntax error. The library gives a line at best; tabs, which
// YAML forbids where people like them most, get their own words.
func (r *reader) broken(err error) {
	m := atLine.FindStringSubmatch(err.Error())
	line, says := 0, err.Error()
	if m != nil {
		line, _ = strconv.Atoi(m[1])
		says = m[2]
	}
	for i, l := range strings.Split(string(r.data), "\n") {
		if white := l[:len(l)-len(strings.TrimLeft(l, " \t"))]; strings.Contains(white, "\t") {
			r.refuse(i+1, 1+strings.Index(white, "\t"), finding.Say("缩进用了制表符", "the line is indented with a tab"), finding.Say("改用空格缩进", "indent with blanks"))
			return
		}
	}
	r.refuse(line, 1, finding.Say("YAML 格式有误（"+says+"）", "this is not YAML: "+says),
		finding.Say("检查这一行及上一行的缩进、冒号和引号", "look at blanks, colons and quotes in this line and the one before"))
}

func where(path string) (zh, en string) {
	if path == "" {
		return "顶层", "the top"
	}
	return path, path
}

// plain refuses what would make the file say something else than it shows.
func (r *reader) plain(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		r.at(n, finding.Say("不支持锚点、引用和类型标签", "anchors, references and tags are not read"), finding.Say("直接写出内容", "write the value out"))
		return false
	}
	return true
}

func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// each walks the entries of a mapping whose keys are plain and there once.
func (r *reader) each(n *yaml.Node, path string, entry func(key, value *yaml.Node)) bool {
	if !r.plain(n) {
		return false
	}
	if n.Kind != yaml.MappingNode {
		zh, en := where(path)
		r.at(n, finding.Say(zh+" 应为“键: 值”", en+" must be keys with values"), finding.Say("每行写一个 键: 值", "write one key: value a line"))
		return false
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !r.plain(key) {
			continue
		}
		if key.Kind != yaml.ScalarNode {
			r.at(key, finding.Say("键应为文字", "a key must be a word"), finding.Say("写成 键: 值", "write key: value"))
			continue
		}
		if first, twice := seen[key.Value]; twice {
			r.at(key, finding.Say(key.Value+" 写了两次，第一次在第 "+strconv.Itoa(first)+" 行", key.Value+" is written twice, first on line "+strconv.Itoa(first)),
				finding.Say("合并成一处", "join them"))
			continue
		}
		seen[key.Value] = key.Line
		entry(key, value)
	}
	return true
}

func (r *reader) object(n *yaml.Node, s shape, path string) {
	var names, there []string
	for _, f := range s.keys {
		names = append(names, f.key)
	}
	whole := r.each(n, path, func(key, value *yaml.Node) {
		i := slices.Index(names, key.Value)
		if i < 0 {
			zh, en := where(path)
			r.at(key, finding.Say(zh+" 没有 "+key.Value+" 这个键", "there is no key "+key.Value+" in "+en), meant(key.Value, names))
			return
		}
		there = append(there, key.Value)
		r.value(value, s.keys[i].shape, strings.TrimPrefix(path+"."+key.Value, "."))
	})
	if !whole {
		return
	}
	for _, f := range s.keys {
		if f.must && !slices.Contains(there, f.key) {
			r.at(n, finding.Say("缺少 "+f.key, f.key+" is missing"), finding.Say("补上 "+f.key, "add "+f.key))
		}
	}
}

func (r *reader) value(n *yaml.Node, s shape, path string) {
	if !r.plain(n) {
		return
	}
	if empty(n) && (s.kind == list || s.kind == object || s.kind == rules) {
		return
	}
	switch s.kind {
	case object:
		r.object(n, s, path)
	case rules:
		r.rules(n, path)
	case list:
		if n.Kind != yaml.SequenceNode {
			r.at(n, finding.Say(path+" 应为列表", path+" must be a list"), finding.Say("每行写一个 - 开头的项", "write one item a line, each after - "))
			return
		}
		seen := map[string]bool{}
		for i, item := range n.Content {
			r.value(item, *s.item, path+"["+strconv.Itoa(i)+"]")
			if item.Kind == yaml.ScalarNode && seen[item.Value] {
				r.at(item, finding.Say(item.Value+" 在 "+path+" 里写了两次", item.Value+" is twice in "+path), finding.Say("删去一个", "remove one"))
			}
			seen[item.Value] = true
		}
	case text, choice:
		r.scalar(n, s, path)
	}
}

func (r *reader) scalar(n *yaml.Node, s shape, path string) {
	if n.Kind != yaml.ScalarNode || s.kind == text && n.ShortTag() != "!!str" {
		fix := finding.Say("写一段文字，需要时加引号", "write text, in quotes if need be")
		if s.kind == choice {
			fix = meant("", s.choices)
		}
		r.at(n, finding.Say(path+" 应为文字", path+" must be text"), fix)
		return
	}
	if s.kind == choice {
		if !slices.Contains(s.choices, n.Value) {
			r.at(n, finding.Say(path+" 不能是 "+quoted(n.Value), path+" cannot be "+quoted(n.Value)), meant(n.Value, s.choices))
		}
		return
	}
	if s.fault != nil {
		if f := s.fault(n.Value); f != nil {
			r.at(n, finding.Say(path+" 的 "+quoted(n.Value)+" 无效："+f.what["zh"], path+" cannot be "+quoted(n.Value)+": "+f.what["en"]), f.fix)
			return
		}
	}
	if !s.matches(n.Value) {
		r.at(n, finding.Say(path+" 不能是 "+quoted(n.Value), path+" cannot be "+quoted(n.Value)), s.hint)
	}
}

// quoted keeps a message short whatever was in the file.
func quoted(s string) string {
	if c := []rune(s); len(c) > 60 {
		s = string(c[:60]) + "…"
	}
	return strconv.Quote(s)
}

func (r *reader) rules(n *yaml.Node, path string) {
	r.each(n, path, func(key, value *yaml.Node) {
		id := path + "." + key.Value
		if !r.known.Has(key.Value) {
			fix := meant(key.Value, r.known)
			if near := nearest(key.Value, r.known); near == "" {
				fix = finding.Say("用 clew explain 查看全部规则", "clew explain lists all rules")
			}
			r.at(key, finding.Say("没有名为 "+quoted(key.Value)+" 的规则", "there is no rule "+quoted(key.Value)), fix)
			return
		}
		if !r.plain(value) {
			return
		}
		example := key.Value + ": {state: off, reason: …}"
		needs := func(at *yaml.Node) {
			r.at(at, finding.Say("关闭 "+key.Value+" 没有写理由", key.Value+" is off without a reason"),
				finding.Say("写成 "+example, "write "+example))
		}
		switch {
		case value.Kind == yaml.MappingNode:
			before := len(r.wrong)
			r.object(value, decision(), id)
			var long struct{ State, Reason string }
			if len(r.wrong) == before && value.Decode(&long) == nil && long.State == "off" && long.Reason == "" {
				needs(value)
			}
		case value.Kind == yaml.ScalarNode && value.Value == "off":
			needs(value)
		case value.Kind == yaml.ScalarNode && value.Value == "on":
		default:
			r.at(value, finding.Say(id+" 不能是 "+quoted(value.Value), id+" cannot be "+quoted(value.Value)),
				finding.Say("写 on，或写 {state: off, reason: …}", "write on, or {state: off, reason: …}"))
		}
	})
}

// pairs refuses a function that is declared twice for the same act, which may give
// it two purposes.
func (r *reader) pairs(root *yaml.Node) {
	if len(r.wrong) > 0 {
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != "apis" {
			continue
		}
		first := map[API]int{}
		for _, item := range root.Content[i+1].Content {
			var a API
			if item.Decode(&a) != nil {
				continue
			}
			a.Purpose = ""
			if line, twice := first[a]; twice {
				r.at(item, finding.Say(a.Name+" 写了两次，第一次在第 "+strconv.Itoa(line)+" 行", a.Name+" is declared twice, first on line "+strconv.Itoa(line)),
					finding.Say("只保留一处", "keep one of them"))
			}
			first[a] = item.Line
		}
	}
}
