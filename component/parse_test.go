package component

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"clew/words"
)

// number makes a Chinese mobile number that belongs to nobody in this text.
func number(n int) string { return fmt.Sprintf("138%08d", n) }

func allKinds() Definition {
	d := Sample("app_x")
	no, low, high := false, 1.0, 99.5
	add := func(id string, k Kind) *Field {
		d.Fields = append(d.Fields, Field{ID: id, Kind: k, Required: &no})
		return &d.Fields[len(d.Fields)-1]
	}
	add("note", KindText)
	add("day", KindDate)
	n := add("rooms", KindNumber)
	n.Min, n.Max = &low, &high
	add("mail", KindEmail)
	return d
}

func TestAnswersTakeOneForm(t *testing.T) {
	d := allKinds()
	for field, cases := range map[string][][2]string{
		"name":     {{"  王  小明 ", "王 小明"}, {"O'Neil", "O'Neil"}, {"", ""}, {"   ", ""}},
		"city":     {{"浙江省 杭州市", "浙江省 杭州市"}, {"浙江省/杭州市", "浙江省 杭州市"}, {"浙江省\uff0c杭州市", "浙江省 杭州市"}, {"Hangzhou", "Hangzhou"}},
		"question": {{"work", "work"}},
		"note":     {{"一\r\n二\t三", "一\n二 三"}, {"=1+1", "=1+1"}, {"好👨\u200d👩\u200d👧", "好👨\u200d👩\u200d👧"}},
		"day":      {{"2024-02-29", "2024-02-29"}, {"２０２６\uff0d０１\uff0d３１", "2026-01-31"}},
		"rooms":    {{"3", "3"}, {"003.50", "3.5"}, {"\uff11\uff12", "12"}, {"99.5", "99.5"}, {"1.000001", "1.000001"}},
		"mail":     {{"A.b+c@Example.COM", "A.b+c@example.com"}},
	} {
		for _, c := range cases {
			answers, problems := d.Parse(map[string]string{"phone": number(1), field: c[0]}, words.ZH)
			if problems != nil {
				t.Errorf("%s %q: %v", field, c[0], problems)
				continue
			}
			i := slices.IndexFunc(answers, func(a Answer) bool { return a.Field == field })
			if c[1] == "" {
				if i >= 0 {
					t.Errorf("%s %q: an empty answer was kept", field, c[0])
				}
				continue
			}
			if i < 0 || answers[i].Value != c[1] {
				t.Errorf("%s %q: %+v, want %q", field, c[0], answers, c[1])
			}
		}
	}
}

func TestThePhoneNumberIsInOnePlace(t *testing.T) {
	n := number(7)
	for _, typed := range []string{n, "+86 " + n, n[:3] + "-" + n[3:7] + " " + n[7:]} {
		answers, problems := Sample("x").Parse(map[string]string{"phone": typed, "name": "王"}, words.ZH)
		if problems != nil || len(answers) != 2 || answers[0].Field != "phone" {
			t.Fatalf("%d answers, problems %v", len(answers), problems)
		}
		if answers[0].Value != "" || answers[0].Phone.E164() != "+86"+n {
			t.Error("the number is not the one typed, or stands in Value too")
		}
	}
}

func TestProblemsAreFoundAndSayNothingOfTheValue(t *testing.T) {
	d := allKinds()
	for _, c := range []struct{ field, value, code string }{
		{"phone", "", CodeRequired},
		{"phone", "12345", CodePhone},
		{"phone", number(1) + "9", CodePhone},
		{"phone", strings.Repeat("1", 41), CodeTooLong},
		{"name", strings.Repeat("王", 31), CodeTooLong},
		{"name", "a\nb", CodeCharacters},
		{"name", "a\x00b", CodeCharacters},
		{"name", "a\u202eb", CodeCharacters},
		{"name", "a\xffb", CodeCharacters},
		{"city", "杭州市文三路 138 号", CodeRegion},
		{"city", "/", CodeRegion},
		{"city", strings.Repeat("杭", 61), CodeTooLong},
		{"question", "divorce", CodeChoice},
		{"question", "劳动争议", CodeChoice},
		{"note", strings.Repeat("长", 1001), CodeTooLong},
		{"note", "a\x1bb", CodeCharacters},
		{"day", "2026-02-29", CodeDate},
		{"day", "31.01.2026", CodeDate},
		{"day", "2026-1-3", CodeDate},
		{"rooms", "three", CodeNumber},
		{"rooms", "1e3", CodeNumber},
		{"rooms", "NaN", CodeNumber},
		{"rooms", "0x1", CodeNumber},
		{"rooms", "1,000", CodeNumber},
		{"rooms", "0", CodeRange},
		{"rooms", "-1", CodeRange},
		{"rooms", "99.51", CodeRange},
		{"mail", "nobody", CodeEmail},
		{"mail", "a@b", CodeEmail},
		{"mail", "A <a@example.com>", CodeEmail},
		{"mail", "a@example.com, b@example.com", CodeEmail},
		{"mail", `"a b"@example.com`, CodeEmail},
		{"mail", "a@[127.0.0.1]", CodeEmail},
		{"mail", "a@example.com\r\nBcc: b@example.com", CodeCharacters},
	} {
		for _, l := range words.Langs() {
			in := map[string]string{"phone": number(1)}
			in[c.field] = c.value
			answers, problems := d.Parse(in, l)
			if answers != nil || len(problems) != 1 || problems[0].Field != c.field || problems[0].Code != c.code {
				t.Errorf("%s %q: %+v, want %s", c.field, c.value, problems, c.code)
				continue
			}
			m := problems[0].Message
			if m == "" || strings.Contains(m, "{") || len(c.value) > 3 && strings.Contains(m, c.value) {
				t.Errorf("%s %q: message %q", c.field, c.value, m)
			}
		}
	}
	_, problems := d.Parse(map[string]string{"phone": "1", "mail": "x", "day": "y", number(5): "z", number(6): "z"}, words.EN)
	var codes []string
	for _, p := range problems {
		codes = append(codes, p.Field+" "+p.Code)
		if strings.Contains(p.Field+p.Message, "138") {
			t.Error("a problem repeats what was sent")
		}
	}
	if !slices.Equal(codes, []string{"phone phone_invalid", "day date_invalid", "mail email_invalid", " field_unknown"}) {
		t.Errorf("problems %q", codes)
	}
}

func TestMessagesAreTheComponentsOwn(t *testing.T) {
	d := Sample("x")
	for l, own := range map[words.Lang]string{words.ZH: d.Fields[0].Texts[words.ZH].Error, words.EN: d.Fields[0].Texts[words.EN].Error} {
		_, problems := d.Parse(map[string]string{"phone": "1"}, l)
		if len(problems) != 1 || problems[0].Message != own {
			t.Errorf("%s: %v, want %q", l, problems, own)
		}
	}
	_, problems := d.Parse(map[string]string{"phone": number(1), "name": strings.Repeat("a", 31)}, words.EN)
	if len(problems) != 1 || problems[0].Message != "Please shorten it to at most 30 characters." {
		t.Errorf("%v", problems)
	}
	d.Langs = d.Langs[:1]
	_, problems = d.Parse(map[string]string{"phone": "1"}, words.EN)
	if len(problems) != 1 || problems[0].Message != d.Fields[0].Texts[words.ZH].Error {
		t.Errorf("a component written in Chinese alone answers %v", problems)
	}
}

func FuzzParse(f *testing.F) {
	d := allKinds()
	for _, field := range d.Fields {
		for _, v := range []string{"", "1", "2026-01-31", "a@example.com", "浙江省 杭州市", "work", "\uff11。\uff15", "-0.0"} {
			f.Add(field.ID, v)
		}
	}
	f.Fuzz(func(t *testing.T, field, value string) {
		answers, problems := d.Parse(map[string]string{"phone": number(1), field: value}, words.EN)
		if (len(answers) > 0) == (len(problems) > 0) {
			t.Fatal("neither answers nor problems, or both")
		}
		for _, p := range problems {
			if p.Code == "" || p.Message == "" || p.Field != "" && p.Field != field {
				t.Fatalf("problem %+v", p)
			}
		}
		again := map[string]string{}
		for _, a := range answers {
			if !plain(a.Value) || len([]rune(a.Value)) > maxAnswer {
				t.Fatalf("%s: kept %q", a.Field, a.Value)
			}
			again[a.Field] = a.Value
			if a.Kind == KindPhone {
				again[a.Field] = a.Phone.E164()
			}
		}
		// The normal form is a form that is accepted and stays as it is.
		if len(answers) > 0 {
			twice, problems := d.Parse(again, words.EN)
			if problems != nil || !slices.Equal(twice, answers) {
				t.Fatalf("%+v read again: %+v, %v", answers, twice, problems)
			}
		}
	})
}
