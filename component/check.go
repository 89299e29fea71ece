package component

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"clew/norm"
	"clew/words"
)

// Verdict says what a shortfall does to publishing.
type Verdict string

const (
	// Violation keeps the component from being published.
	Violation Verdict = "violation"
	// Review lets it be published; a person should look at it.
	Review Verdict = "review"
)

// Shortfall is one thing the norm asks and a definition does not give.
type Shortfall struct {
	Clause  string                `json:"clause"`
	Path    string                `json:"path"` // JSON pointer (RFC 6901) into the definition
	Code    string                `json:"code"` // stable
	Verdict Verdict               `json:"verdict"`
	Message map[words.Lang]string `json:"message"` // what is missing
	Fix     map[words.Lang]string `json:"fix"`     // how to mend it
}

// Check holds a definition against an edition of the norm. It answers everything
// at once, in the order of the norm's topics; no violation among the shortfalls
// means that the component may be published. A clause the edition does not have
// asks nothing.
func Check(def Definition, ed *norm.Edition) []Shortfall {
	c := &checking{def: def, edition: ed}
	for _, topic := range []func(*checking){
		checkScene, checkLanguages, checkTexts, checkPrivacy, checkRetention, checkRecipients,
		checkPhone, checkFieldTexts, checkFieldCount, checkOrder,
		checkSensitive, checkUse, checkTrigger, checkConsent, checkHurry,
	} {
		topic(c)
	}
	return c.found
}

// Blocks reports whether any of the shortfalls is a violation.
func Blocks(found []Shortfall) bool {
	for _, s := range found {
		if s.Verdict == Violation {
			return true
		}
	}
	return false
}

type checking struct {
	def     Definition
	edition *norm.Edition
	found   []Shortfall
}

// say notes a shortfall; args are pairs of a {name} in the catalogue's texts and
// a value, which is a string or a [2]string of zh and en.
func (c *checking) say(clause, path, code string, args ...any) {
	if _, there := c.edition.Clause(clause); !there {
		return
	}
	e, ok := catalogue[code]
	if !ok {
		panic("component: no texts for " + code)
	}
	fill := func(text string, lang int) string {
		for i := 0; i+1 < len(args); i += 2 {
			v := args[i+1]
			if both, ok := v.([2]string); ok {
				v = both[lang]
			}
			text = strings.ReplaceAll(text, "{"+args[i].(string)+"}", fmt.Sprint(v))
		}
		return text
	}
	c.found = append(c.found, Shortfall{
		Clause: clause, Path: path, Code: code, Verdict: e.verdict,
		Message: map[words.Lang]string{words.ZH: fill(e.message[0], 0), words.EN: fill(e.message[1], 1)},
		Fix:     map[words.Lang]string{words.ZH: fill(e.fix[0], 0), words.EN: fill(e.fix[1], 1)},
	})
}

// written calls fn for every listed language that has texts at all.
func (c *checking) written(fn func(l words.Lang, t Texts)) {
	for _, l := range c.def.Langs {
		if t, ok := c.def.Texts[l]; ok {
			fn(l, t)
		}
	}
}

func textPath(l words.Lang, member string) string { return "/texts/" + string(l) + "/" + member }

// checkScene is norm 3.3: the other uses are refused by their names.
func checkScene(c *checking) {
	const at = "/scene"
	switch c.def.Scene {
	case SceneLead:
	case "login", "binding", "order", "benefit":
		c.say("3.3.scope", at, "scene_"+string(c.def.Scene))
	default:
		c.say("3.3.scope", at, "scene_unknown")
	}
	if c.def.App == "" {
		c.say("2.scope", "/app", "app_missing")
	}
}

// checkLanguages: what is offered in a language is written in it.
func checkLanguages(c *checking) {
	zh := false
	for _, l := range c.def.Langs {
		zh = zh || l == words.ZH
		if _, ok := c.def.Texts[l]; !ok {
			c.say("3.1.1.purpose", "/texts/"+string(l), "language_missing", "lang", [2]string{
				map[words.Lang]string{words.ZH: "中文", words.EN: "英文"}[l],
				map[words.Lang]string{words.ZH: "Chinese", words.EN: "English"}[l],
			})
		}
	}
	if !zh {
		c.say("3.1.1.purpose", "/langs", "chinese_missing")
	}
}

// textKind is one of the texts every component has in every language.
type textKind struct {
	member   string
	name     [2]string
	clause   string
	get      func(Texts) string
	min, max [2]int // units in zh and en, see measure
}

var textKinds = []textKind{
	{"operator", [2]string{"经营者名称", "operator's name"}, "3.1.1.purpose", func(t Texts) string { return t.Operator }, [2]int{2, 1}, [2]int{40, 14}},
	{"title", [2]string{"标题", "title"}, "3.1.1.purpose", func(t Texts) string { return t.Title }, [2]int{2, 1}, [2]int{24, 12}},
	{"trigger", [2]string{"按钮文字", "trigger label"}, "3.2.entry-popup", func(t Texts) string { return t.Trigger }, [2]int{2, 1}, [2]int{10, 6}},
	{"purpose", [2]string{"收集目的", "purpose"}, "3.1.1.purpose", func(t Texts) string { return t.Purpose }, [2]int{6, 4}, [2]int{120, 80}},
	{"scope", [2]string{"收集范围", "scope"}, "3.1.1.purpose", func(t Texts) string { return t.Scope }, [2]int{4, 3}, [2]int{120, 80}},
	{"manner", [2]string{"收集和使用方式", "manner"}, "3.1.1.purpose", func(t Texts) string { return t.Manner }, [2]int{6, 4}, [2]int{120, 80}},
	{"benefit", [2]string{"用户的收益", "benefit"}, "3.1.1.purpose", func(t Texts) string { return t.Benefit }, [2]int{4, 3}, [2]int{80, 50}},
	{"complaint", [2]string{"投诉联系方式", "complaint contact"}, "3.1.2.notice", func(t Texts) string { return t.Complaint }, [2]int{1, 1}, [2]int{60, 40}},
	{"deletion", [2]string{"删除方式", "way to delete"}, "3.1.2.delete", func(t Texts) string { return t.Deletion }, [2]int{6, 4}, [2]int{120, 80}},
}

// maxWords bounds all of a component's own texts together, in units of zh and en.
var maxWords = [2]int{420, 300}

// checkTexts: each text is there, says something, and is no longer than a person
// will read (3.1.3.concise).
func checkTexts(c *checking) {
	c.written(func(l words.Lang, t Texts) {
		total := 0
		for _, k := range textKinds {
			total += measure(k.get(t))
			c.text(k.get(t), textPath(l, k.member), k.clause, k.name, k.min[index(l)], k.max[index(l)])
		}
		if total > maxWords[index(l)] {
			c.say("3.1.3.concise", "/texts/"+string(l), "texts_long", "have", total, "max", maxWords[index(l)])
		}
		if t.Complaint != "" && !placeholder(t.Complaint) && !reachable(t.Complaint) {
			c.say("3.1.2.notice", textPath(l, "complaint"), "contact_unusable", "what", [2]string{"投诉联系方式", "complaint contact"})
		}
	})
}

func index(l words.Lang) int {
	if l == words.EN {
		return 1
	}
	return 0
}

// text judges one text and says at most one thing about it.
func (c *checking) text(text, path, clause string, name [2]string, least, most int) {
	n := measure(text)
	switch {
	case strings.TrimSpace(text) == "":
		c.say(clause, path, "text_missing", "what", name)
	case placeholder(text):
		c.say(clause, path, "text_placeholder", "what", name)
	case n < least:
		c.say(clause, path, "text_short", "what", name, "min", least)
	case n > most:
		c.say("3.1.3.concise", path, "text_long", "what", name, "have", n, "max", most)
	}
}

// measure counts what a reader reads: each Chinese character, each word or number
// in letters.
func measure(text string) int {
	n, word := 0, false
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Han, r):
			n, word = n+1, false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || r == '\u2019':
			if !word {
				n++
			}
			word = true
		default:
			word = false
		}
	}
	return n
}

var (
	wholePlaceholder = regexp.MustCompile(`^(无|没有|暂无|略|同上|待定|测试|示例|占位|文本|文字|内容|标题|none|n/?a|test(ing)?|example|placeholder|text|title|same|asdf\w*|qwer\w*|foo|bar|abc|null|undefined|-+|\d{1,3})$`)
	partPlaceholder  = regexp.MustCompile(`待补充|待填写|待完善|此处填写|请在此|lorem ipsum|\btodo\b|\btbd\b|\bfixme\b|x{3,}|\{\{|\}\}|\$\{|<[^>]{0,40}>|【[^】]{0,12}】|\[(your|insert|name|company)[^\]]*\]`)
)

// placeholder reports whether a text only keeps a place free.
func placeholder(text string) bool {
	text = fold(text)
	if wholePlaceholder.MatchString(strings.Trim(text, " .!。")) || partPlaceholder.MatchString(text) {
		return true
	}
	// One character over and over.
	runes := []rune(text)
	for _, r := range runes {
		if r != runes[0] {
			return false
		}
	}
	return len(runes) > 2
}

var (
	emailInside = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]{2,}`)
	digits      = regexp.MustCompile(`[0-9]`)
)

// reachable reports whether a contact can be used: a number to ring, an e-mail
// address or an https address.
func reachable(contact string) bool {
	contact = narrow(contact)
	return len(digits.FindAllString(contact, 5)) == 5 || emailInside.MatchString(contact) || strings.Contains(contact, "https://")
}

// checkPrivacy is 3.1.2.notice: a statement in words or behind a safe link.
func checkPrivacy(c *checking) {
	c.written(func(l words.Lang, t Texts) {
		hasURL := strings.TrimSpace(t.PrivacyURL) != ""
		if hasURL && !secureURL(t.PrivacyURL) {
			c.say("3.1.2.notice", textPath(l, "privacy_url"), "privacy_url")
		}
		switch text := strings.TrimSpace(t.PrivacyText); {
		case text == "" && !hasURL:
			c.say("3.1.2.notice", textPath(l, "privacy_url"), "privacy_missing")
		case text != "":
			c.text(text, textPath(l, "privacy_text"), "3.1.2.notice", [2]string{"隐私保护说明", "privacy statement"},
				[2]int{20, 12}[index(l)], [2]int{600, 400}[index(l)])
		}
	})
}

func secureURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && strings.Contains(u.Hostname(), ".") && u.User == nil && !strings.ContainsFunc(text, unicode.IsSpace)
}

// MaxRetentionDays is the longest a lead may be kept: three years, the ordinary
// limitation period (Civil Code 188), after which no claim needs it.
const MaxRetentionDays = 1095

func checkRetention(c *checking) {
	const at = "/retention_days"
	switch days := c.def.RetentionDays; {
	case days <= 0:
		c.say("3.1.2.delete", at, "retention_missing", "max", MaxRetentionDays)
	case days > MaxRetentionDays:
		c.say("3.1.2.delete", at, "retention_long", "max", MaxRetentionDays)
	}
}

var (
	unnamed = regexp.MustCompile(`^(我们的|我司的?|其他|相关|指定|our |other |selected |trusted )*(商业|业务|第三方|third[- ]party |business )*` +
		`(合作伙伴|合作方|合作机构|合作商家?|合作公司|第三方|关联公司|关联方|关联企业|服务商|供应商|广告主|partners?|third[- ]?part(y|ies)|affiliates?|vendors?|suppliers?|advertisers?|service providers?)(等|们)?$`)
	givenAway = regexp.MustCompile(`(提供给|共享给|分享给|转给|交给|披露给|发送给|转让给)[^。;,]{0,8}(合作伙伴|合作方|合作机构|合作商|第三方|关联公司)|与[^。;,]{0,6}(合作伙伴|合作方|合作机构|第三方|关联公司)[^。;,]{0,4}(共享|分享)|` +
		`\b(shared?|give|given|provided?|disclosed?|pass(ed)?|sold|sell)\b[^.;]{0,40}\b(partners|third[- ]part(y|ies)|affiliates|vendors)\b`)
)

// checkRecipients: whoever is given leads is named and can be reached (PIPL 23).
func checkRecipients(c *checking) {
	most := 0
	c.written(func(_ words.Lang, t Texts) { most = max(most, len(t.Recipients)) })
	c.written(func(l words.Lang, t Texts) {
		at := textPath(l, "recipients")
		if len(t.Recipients) < most {
			c.say("3.1.1.purpose", at, "recipients_differ")
		}
		for i, r := range t.Recipients {
			at := at + "/" + strconv.Itoa(i)
			if unnamed.MatchString(strings.TrimSpace(fold(r.Name))) {
				c.say("3.1.1.purpose", at+"/name", "recipient_unnamed")
			} else {
				c.text(r.Name, at+"/name", "3.1.1.purpose", [2]string{"接收方名称", "recipient's name"}, [2]int{2, 1}[index(l)], 40)
			}
			c.text(r.Purpose, at+"/purpose", "3.1.1.purpose", [2]string{"接收方用途", "recipient's purpose"}, [2]int{4, 3}[index(l)], 80)
			c.text(r.Contact, at+"/contact", "3.1.1.purpose", [2]string{"接收方联系方式", "recipient's contact"}, 1, 40)
			if r.Contact != "" && !placeholder(r.Contact) && !reachable(r.Contact) {
				c.say("3.1.1.purpose", at+"/contact", "contact_unusable", "what", [2]string{"接收方联系方式", "recipient's contact"})
			}
		}
		if len(t.Recipients) > 0 {
			return
		}
		for _, s := range []struct{ member, text string }{{"purpose", t.Purpose}, {"scope", t.Scope}, {"manner", t.Manner}} {
			if means(givenAway, s.text) {
				c.say("3.1.1.purpose", textPath(l, s.member), "recipient_unnamed")
			}
		}
	})
}
