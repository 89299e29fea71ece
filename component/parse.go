package component

import (
	"math"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"clew/phone"
	"clew/words"
)

// Answer is one answer in its one normal form.
type Answer struct {
	Field string
	Kind  Kind
	// Value is the normal form. It is empty for a phone number, which is in Phone
	// and nowhere else.
	Value string
	Phone phone.Number
}

// Problem is one thing wrong with what a person entered. It never holds the value.
type Problem struct {
	Field   string `json:"field"` // "" when it is about no field of this component
	Code    string `json:"code"`
	Message string `json:"message"` // says how to put it right, in the person's language
}

// The codes of problems. They are stable.
const (
	CodeRequired     = "required"
	CodeUnknownField = "field_unknown"
	CodeCharacters   = "characters"
	CodeTooLong      = "too_long"
	CodePhone        = "phone_invalid"
	CodeChoice       = "choice_unknown"
	CodeDate         = "date_invalid"
	CodeNumber       = "number_invalid"
	CodeRange        = "number_range"
	CodeEmail        = "email_invalid"
	CodeRegion       = "region_invalid"
)

// Parse reads what a person entered, by field id. It returns the answers in the
// order of the fields, without the ones left empty, or every problem at once.
func (d Definition) Parse(answers map[string]string, lang words.Lang) ([]Answer, []Problem) {
	lang = d.Speaks(lang)
	var out []Answer
	var problems []Problem
	known := 0
	for _, f := range d.Fields {
		raw, given := answers[f.ID]
		if given {
			known++
		}
		a, code := f.parse(raw)
		switch {
		case code != "":
			problems = append(problems, Problem{f.ID, code, f.message(code, lang)})
		case a.Value != "" || a.Kind == KindPhone:
			out = append(out, a)
		}
	}
	if known < len(answers) {
		// The id itself may be somebody's number: it is not repeated.
		problems = append(problems, Problem{"", CodeUnknownField, standard(CodeUnknownField, lang)})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}

// message is the component's own text, except where that cannot help.
func (f Field) message(code string, lang words.Lang) string {
	own := strings.TrimSpace(f.Texts[lang].Error)
	switch {
	case own == "", code == CodeCharacters, code == CodeTooLong:
		return strings.ReplaceAll(standard(code, lang), "{n}", strconv.Itoa(f.Limit()))
	}
	return own
}

func standard(code string, lang words.Lang) string {
	t := map[string][2]string{
		CodeRequired:     {"请填写这一项。", "Please fill this in."},
		CodeUnknownField: {"提交的内容里有这个表单没有的项目。请刷新页面后重新填写。", "What was sent holds a field this form does not have. Please reload the page and fill it in again."},
		CodeCharacters:   {"请去掉看不见的特殊字符，重新输入。", "Please remove invisible special characters and type it again."},
		CodeTooLong:      {"请缩短到 {n} 个字以内。", "Please shorten it to at most {n} characters."},
		CodePhone:        {"请填写 11 位中国大陆手机号。", "Please enter a mobile number of mainland China, 11 digits."},
		CodeChoice:       {"请从列出的选项中选择一项。", "Please choose one of the choices listed."},
		CodeDate:         {"请填写真实的日期，例如 2026-01-31。", "Please enter a real date, for example 2026-01-31."},
		CodeNumber:       {"请只填写数字，例如 12 或 12.5。", "Please enter digits only, for example 12 or 12.5."},
		CodeRange:        {"请填写范围之内的数字。", "Please enter a number within the range."},
		CodeEmail:        {"请填写完整的邮箱地址，例如 name@example.com。", "Please enter a whole e-mail address, for example name@example.com."},
		CodeRegion:       {"请填写省和市的名称，例如 浙江省 杭州市。", "Please enter the province and city by name, for example Zhejiang, Hangzhou."},
	}[code]
	return in(lang, t[0], t[1])
}

// parse gives the answer, empty when there is none, or the code of what is wrong.
func (f Field) parse(raw string) (Answer, string) {
	a := Answer{Field: f.ID, Kind: f.Kind}
	text := strings.ReplaceAll(raw, "\r\n", "\n")
	if f.Kind == KindText {
		text = strings.ReplaceAll(text, "\t", " ")
	}
	text = strings.TrimSpace(text)
	if !plain(text) || f.Kind != KindText && strings.Contains(text, "\n") {
		return a, CodeCharacters
	}
	if text == "" {
		if f.IsRequired() {
			return a, CodeRequired
		}
		return a, ""
	}
	if utf8.RuneCountInString(text) > f.Limit() {
		return a, CodeTooLong
	}
	var code string
	switch f.Kind {
	case KindPhone:
		n, err := phone.Normalize(text, phone.DefaultRegion)
		if err != nil {
			return a, CodePhone
		}
		a.Phone = n
	case KindName:
		a.Value = oneSpace(text)
	case KindRegion:
		a.Value, code = regionName(text)
	case KindChoice:
		if !slices.ContainsFunc(f.Choices, func(o Option) bool { return o.ID == text }) {
			return a, CodeChoice
		}
		a.Value = text
	case KindText:
		a.Value = text
	case KindDate:
		day, err := time.Parse(time.DateOnly, narrow(text))
		if err != nil {
			return a, CodeDate
		}
		a.Value = day.Format(time.DateOnly)
	case KindNumber:
		a.Value, code = f.number(narrow(text))
	case KindEmail:
		a.Value, code = email(narrow(text))
	}
	return a, code
}

var numberShape = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,6})?$`)

func (f Field) number(text string) (value, code string) {
	if !numberShape.MatchString(text) {
		return "", CodeNumber
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) {
		return "", CodeNumber
	}
	if f.Min != nil && n < *f.Min || f.Max != nil && n > *f.Max {
		return "", CodeRange
	}
	// The digits stay as they are, without needless zeros: a float would lose some.
	sign := ""
	if strings.HasPrefix(text, "-") && n != 0 {
		sign = "-"
	}
	whole, part, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	whole, part = strings.TrimLeft(whole, "0"), strings.TrimRight(part, "0")
	if whole == "" {
		whole = "0"
	}
	if part != "" {
		part = "." + part
	}
	return sign + whole + part, ""
}

// email takes one plain address (RFC 5322 addr-spec) whose domain has a dot.
func email(text string) (value, code string) {
	a, err := mail.ParseAddress(text)
	if err != nil || a.Name != "" || a.Address != text || strings.ContainsAny(text, "\"()<>[],; ") {
		return "", CodeEmail
	}
	local, domain, _ := strings.Cut(text, "@")
	dot := strings.LastIndexByte(domain, '.')
	if len(local) > 64 || dot < 1 || dot > len(domain)-3 || strings.Contains(domain, "@") {
		return "", CodeEmail
	}
	return local + "@" + strings.ToLower(domain), ""
}

// regionName takes a name as people write it, "浙江省 杭州市" or "Hangzhou". Digits are
// refused: an address or a number is more than was asked for.
func regionName(text string) (value, code string) {
	text = oneSpace(strings.NewReplacer("\u3001", " ", "\uff0c", " ", ",", " ", "/", " ").Replace(text))
	if text == "" || strings.ContainsFunc(narrow(text), func(c rune) bool { return c >= '0' && c <= '9' }) {
		return "", CodeRegion
	}
	return text, ""
}

func oneSpace(text string) string { return strings.Join(strings.Fields(text), " ") }

// narrow turns full-width digits, letters and signs (U+FF01 to U+FF5E), which
// Chinese keyboards write, into the ordinary ones.
func narrow(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '\uff01' && c <= '\uff5e':
			return c - 0xFEE0
		case c == '\u3002': // 。
			return '.'
		case c == '\u3000':
			return ' '
		}
		return c
	}, text)
}
