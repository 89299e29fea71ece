package component

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"clew/consent"
	"clew/norm"
	"clew/words"
)

func TestDecodeReadsWhatEncodeWrote(t *testing.T) {
	d := Sample("app_x")
	low := 1.5
	d.Fields = append(d.Fields, Field{ID: "rooms", Kind: KindNumber, Min: &low})
	raw := d.Encode()
	got, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, d) {
		t.Errorf("read back %+v", got)
	}
	if string(got.Encode()) != string(raw) || !json.Valid(raw) {
		t.Error("the same definition has two texts")
	}
	if empty, err := Decode([]byte(`{}`)); err != nil || len(Check(empty, edition(t))) == 0 {
		t.Errorf("an empty draft: %v", err)
	}
}

func TestDecodingIsStrict(t *testing.T) {
	good := string(Sample("app_x").Encode())
	for name, c := range map[string]struct{ from, to, path string }{
		"unknown member":        {`"scene":`, `"skin":"red","scene":`, "/skin"},
		"member in other case":  {`"scene":`, `"Scene":`, "/Scene"},
		"member twice":          {`"scene":`, `"scene":"lead","scene":`, "/scene"},
		"unknown in texts":      {`"operator":`, `"owner":"x","operator":`, "/texts/en/owner"},
		"unknown in a field":    {`"kind":"phone"`, `"kind":"phone","regex":".*"`, "/fields/0/regex"},
		"unknown kind":          {`"kind":"name"`, `"kind":"password"`, "/fields/1/kind"},
		"unknown language":      {`"langs":["zh","en"]`, `"langs":["zh","fr"]`, "/langs/1"},
		"language twice":        {`"langs":["zh","en"]`, `"langs":["zh","zh"]`, "/langs/1"},
		"texts in French":       {`"texts":{"en":{"operator"`, `"texts":{"fr":{},"en":{"operator"`, "/texts/fr"},
		"wrong type":            {`"retention_days":180`, `"retention_days":"long"`, "/retention_days"},
		"null for text":         {`"langs":["zh","en"]`, `"langs":[1]`, "/langs/0"},
		"fraction":              {`"retention_days":180`, `"retention_days":1.5`, "/retention_days"},
		"negative":              {`"retention_days":180`, `"retention_days":-1`, "/retention_days"},
		"long window":           {`"dedupe_hours":24`, `"dedupe_hours":9000`, "/dedupe_hours"},
		"unknown verification":  {`"verification":"verified"`, `"verification":"maybe"`, "/verification"},
		"field id":              {`"id":"name"`, `"id":"Name"`, "/fields/1/id"},
		"field id twice":        {`"id":"name"`, `"id":"phone"`, "/fields/1/id"},
		"reserved field id":     {`"id":"name"`, `"id":"code"`, "/fields/1/id"},
		"choice id twice":       {`"id":"family"`, `"id":"work"`, "/fields/3/choices/1/id"},
		"choices of a name":     {`"max_length":30`, `"choices":[{"id":"a","label":{}}]`, "/fields/1/choices"},
		"bounds of a name":      {`"max_length":30`, `"min":1`, "/fields/1/min"},
		"length beyond any":     {`"max_length":30`, `"max_length":1001`, "/fields/1/max_length"},
		"control character":     {`"清舟律师事务所"`, `"清舟\u0007律师"`, "/texts/zh/operator"},
		"turned text":           {`"清舟律师事务所"`, `"清舟\u202e律师"`, "/texts/zh/operator"},
		"bell in a label":       {`"手机号"`, `"手\u0000机号"`, "/fields/0/texts/zh/label"},
		"bell in a choice":      {`"劳动争议"`, `"\u001b[31m"`, "/fields/3/choices/0/label/zh"},
		"text beyond any":       {`"清舟律师事务所"`, `"` + strings.Repeat("清", 1400) + `"`, "/texts/zh/operator"},
		"something after":       {`{"scene"`, `{}{"scene"`, ""},
		"larger than permitted": {`"scene":"lead"`, `"scene":"lead"` + strings.Repeat(" ", maxDefinition), ""},
	} {
		if strings.Count(good, c.from) < 1 {
			t.Errorf("%s: %s is not in the sample", name, c.from)
			continue
		}
		_, err := Decode([]byte(strings.Replace(good, c.from, c.to, 1)))
		var bad *BadDefinition
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if bad.Path != c.path || bad.Why == "" {
			t.Errorf("%s: at %q: %s, want %q", name, bad.Path, bad.Why, c.path)
		}
	}
	for _, raw := range []string{"", "null x", "[", `"x"`, "\xff", `{"app":"` + "\xff" + `"}`} {
		if _, err := Decode([]byte(raw)); err == nil {
			t.Errorf("%q was accepted", raw)
		}
	}
}

func TestTheNoticeIsWhatIsShown(t *testing.T) {
	d := Sample("app_x")
	d.text(words.ZH, func(t *Texts) {
		t.Recipients = []Recipient{{"临安律师事务所", "privacy@linan-law.example", "在当地出庭的律师与您联系"}}
	})
	for _, l := range words.Langs() {
		text, rest := d.NoticeText(l), ""
		var ids []string
		for _, s := range d.NoticeSections(l) {
			ids = append(ids, s.ID)
			if s.Title == "" || s.Text == "" {
				t.Errorf("%s: section %s is empty", l, s.ID)
			}
			rest += s.Title + "\n" + s.Text + "\n\n"
		}
		if !strings.HasPrefix(text, rest) {
			t.Errorf("%s: the sections are not the text", l)
		}
		if got := strings.Join(ids, " "); got != "operator purpose scope manner benefit recipients retention rights complaint privacy" {
			t.Errorf("%s: sections %s", l, got)
		}
		for _, c := range d.Choices(l) {
			if !strings.Contains(text, c.Text) {
				t.Errorf("%s: choice %s is not in the text", l, c.ID)
			}
		}
		own := d.Texts[l]
		for _, must := range []string{own.Operator, own.Purpose, own.Scope, own.Manner, own.Benefit, own.Deletion, own.Complaint, own.PrivacyText, "180"} {
			if !strings.Contains(text, must) {
				t.Errorf("%s: the notice does not say %q", l, must)
			}
		}
		for _, f := range d.Fields {
			if !strings.Contains(text, f.Texts[l].Label) {
				t.Errorf("%s: the notice does not list %q", l, f.Texts[l].Label)
			}
		}
		if again, err := Decode(d.Encode()); err != nil || again.NoticeText(l) != text {
			t.Errorf("%s: the same definition has two notices", l)
		}
	}
	zh := d.Choices(words.ZH)
	if len(zh) != 2 || zh[0].ID != ContactChoice || !zh[0].Required || zh[1].ID != "recipient_1" || zh[1].Required ||
		!strings.Contains(zh[1].Text, "临安律师事务所") || !strings.Contains(zh[1].Text, "privacy@linan-law.example") {
		t.Errorf("choices %+v", zh)
	}
}

// A word changed in any text, field or number changes the hash people consented to.
func TestEveryChangeOfSubstanceChangesTheNotice(t *testing.T) {
	hash := func(d Definition) string { return consent.HashText(d.NoticeText(words.ZH)) }
	before := hash(Sample("x"))
	for name, change := range map[string]func(*Definition){
		"operator":  zh(func(t *Texts) { t.Operator += "分所" }),
		"purpose":   zh(func(t *Texts) { t.Purpose += "还有。" }),
		"retention": func(d *Definition) { d.RetentionDays++ },
		"required":  func(d *Definition) { yes := true; d.Fields[1].Required = &yes },
		"label":     label(1, "姓名"),
		"verified":  func(d *Definition) { d.Verification = Typed },
		"recipient": zh(func(t *Texts) { t.Recipients = []Recipient{{"甲", "a@b.example", "联系"}} }),
		"privacy":   zh(func(t *Texts) { t.PrivacyURL = "https://qingzhou-law.example/p" }),
		"fewer":     func(d *Definition) { d.Fields = d.Fields[:1] },
	} {
		d := Sample("x")
		change(&d)
		if hash(d) == before {
			t.Errorf("%s changed and the notice did not", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	e, ok := norm.ByID("2026-01")
	if !ok {
		f.Fatal("edition 2026-01 is missing")
	}
	f.Add(Sample("app_x").Encode())
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"langs":["en"],"texts":{"zh":{"recipients":[{}]}},"fields":[{"id":"a","kind":"choice","choices":[{"id":"b"}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Decode(raw)
		if err != nil {
			var bad *BadDefinition
			if !errors.As(err, &bad) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		again, err := Decode(d.Encode())
		if err != nil || string(again.Encode()) != string(d.Encode()) {
			t.Fatalf("a definition does not survive being stored: %v", err)
		}
		blocked := Blocks(Check(d, e))
		for _, l := range words.Langs() {
			text := d.NoticeText(l)
			if !plain(text) || text != again.NoticeText(l) {
				t.Fatal("the notice is not plain, or not the same twice")
			}
			_, _ = d.Parse(map[string]string{"phone": "x"}, l)
		}
		if _, phone := d.Phone(); !blocked && (!phone || d.RetentionDays == 0) {
			t.Fatal("passes without a phone number or a retention")
		}
	})
}
