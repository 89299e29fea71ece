package component

import (
	"regexp"
	"strings"
	"unicode"
)

// fold makes texts comparable: small letters, full-width signs narrowed,
// invisible characters gone, spaces between Chinese characters gone (身 份 证 reads
// as 身份证), and the traditional forms of the words looked for made simple.
func fold(text string) string {
	text = traditional.Replace(strings.ToLower(narrowSigns(text)))
	runes := []rune(text)
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if unicode.Is(unicode.Cf, r) {
			continue
		}
		if r == ' ' && len(out) > 0 && unicode.Is(unicode.Han, out[len(out)-1]) && nextIsHan(runes[i+1:]) {
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

func nextIsHan(runes []rune) bool {
	for _, r := range runes {
		if r != ' ' && !unicode.Is(unicode.Cf, r) {
			return unicode.Is(unicode.Han, r)
		}
	}
	return false
}

// narrowSigns is narrow without the Chinese full stop, which ends a sentence.
func narrowSigns(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= '\uff01' && c <= '\uff5e' {
			return c - 0xFEE0
		}
		if c == '\u3000' {
			return ' '
		}
		return c
	}, text)
}

var traditional = strings.NewReplacer("證", "证", "號", "号", "銀", "银", "賬", "账", "帳", "账", "帐", "账", "戶", "户",
	"護", "护", "碼", "码", "診", "诊", "斷", "断", "歷", "历", "軌", "轨", "跡", "迹", "臉", "脸", "紋", "纹", "黨", "党",
	"齡", "龄", "歲", "岁", "號碼", "号码", "綁", "绑", "訂", "订", "單", "单", "領", "领", "換", "换", "錄", "录")

// means reports whether pattern is said in text and not denied: 请勿填写身份证号 and
// "never used to log in" say the opposite. Patterns are matched on folded text.
func means(pattern *regexp.Regexp, text string) bool {
	text = fold(text)
	for _, at := range pattern.FindAllStringIndex(text, -1) {
		before := text[max(0, at[0]-reach):at[0]]
		if !denied(before) && !denied(untilDenial(before, text[at[0]:at[1]])) {
			return true
		}
	}
	return false
}

// reach is how far back, in bytes, a denial is looked for. It also keeps a long
// hostile text from costing the square of its length.
const reach = 240

// untilDenial gives denied a look at a denial inside a long match.
func untilDenial(before, match string) string {
	if at := denialInside.FindStringIndex(match); at != nil {
		return before + match[:at[1]]
	}
	return before
}

var (
	denial = regexp.MustCompile(`请勿|切勿|勿填|不要|不需要|无需|无须|不必|不用|不用于|不会|不得|不可|不能|不作|不做|不为|不是|并非|绝不|从不|不涉及|不收集|不含|不包括|不包含|不$|` +
		`\b(do not|don't|don\x{2019}t|does not|doesn't|never|not|no need|without|nor|cannot|can't|no|avoid|leave out)\b`)
	// denialInside leaves out what is part of a name: "passport no".
	denialInside = regexp.MustCompile(`请勿|切勿|不要|不需要|无需|无须|不必|不用|不会|不得|不可|并非|绝不|从不|\b(do not|don't|don\x{2019}t|never|not|without)\b`)
	// turn takes a denial back: 无需注册，请填写身份证号.
	turn = regexp.MustCompile(`[。;!?\n,]|但|而是|只是|请填|请输入|请提供|请写|\b(but|instead|rather|please|only|just)\b`)
	// turnEN: commas join lists in English, and end clauses in Chinese.
	turnEN = regexp.MustCompile(`[.;!?\n]|\b(but|instead|rather|please|only|just)\b`)
)

// denied reports whether what follows before is denied by it.
func denied(before string) bool {
	all := denial.FindAllStringIndex(before, -1)
	if len(all) == 0 {
		return false
	}
	last := all[len(all)-1]
	between := before[last[1]:]
	if before[last[0]] < 0x80 {
		return !turnEN.MatchString(between)
	}
	return !turn.MatchString(between)
}
