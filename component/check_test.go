package component

import (
	"slices"
	"strings"
	"testing"

	"clew/norm"
	"clew/words"
)

func edition(t testing.TB) *norm.Edition {
	t.Helper()
	e, ok := norm.ByID("2026-01")
	if !ok {
		t.Fatal("edition 2026-01 is missing")
	}
	return e
}

// text changes one language's texts of a definition.
func (d *Definition) text(l words.Lang, change func(*Texts)) {
	t := d.Texts[l]
	change(&t)
	d.Texts[l] = t
}

func (d *Definition) field(i int, l words.Lang, change func(*FieldTexts)) {
	t := d.Fields[i].Texts[l]
	change(&t)
	d.Fields[i].Texts[l] = t
}

func zh(change func(*Texts)) func(*Definition) {
	return func(d *Definition) { d.text(words.ZH, change) }
}

func en(change func(*Texts)) func(*Definition) {
	return func(d *Definition) { d.text(words.EN, change) }
}

func label(i int, text string) func(*Definition) {
	return func(d *Definition) { d.field(i, words.ZH, func(t *FieldTexts) { t.Label = text }) }
}

func labelEN(i int, text string) func(*Definition) {
	return func(d *Definition) { d.field(i, words.EN, func(t *FieldTexts) { t.Label = text }) }
}

func extra(n int) func(*Definition) {
	return func(d *Definition) {
		for i := range n {
			f := d.Fields[2]
			f.ID = "city" + string(rune('a'+i))
			d.Fields = append(d.Fields, f)
		}
	}
}

func TestTheSampleHasNoShortfall(t *testing.T) {
	for _, s := range Check(Sample("app_x"), edition(t)) {
		t.Errorf("%s %s %s: %s", s.Clause, s.Path, s.Code, s.Message[words.EN])
	}
	if err := Sample("app_x").shape(); err != nil {
		t.Error(err)
	}
}

// Each case changes the sample as little as can be and must give exactly the
// shortfalls named: "clause path code", violation unless it ends in "?".
func TestEachShortfall(t *testing.T) {
	no, yes := false, true
	phone := Sample("x").Fields[0]
	recipient := func(name, contact string) []Recipient {
		return []Recipient{{name, contact, "在当地出庭的律师与您联系"}}
	}
	bothRecipients := func(r Recipient, e Recipient) func(*Definition) {
		return func(d *Definition) {
			zh(func(t *Texts) { t.Recipients = []Recipient{r} })(d)
			en(func(t *Texts) { t.Recipients = []Recipient{e} })(d)
		}
	}
	goodEN := Recipient{"Linan Law Firm", "privacy@linan-law.example", "A local lawyer contacts you"}
	for name, c := range map[string]struct {
		change func(*Definition)
		want   []string
	}{
		"login":          {func(d *Definition) { d.Scene = "login" }, []string{"3.3.scope /scene scene_login"}},
		"binding":        {func(d *Definition) { d.Scene = "binding" }, []string{"3.3.scope /scene scene_binding"}},
		"order":          {func(d *Definition) { d.Scene = "order" }, []string{"3.3.scope /scene scene_order"}},
		"benefit":        {func(d *Definition) { d.Scene = "benefit" }, []string{"3.3.scope /scene scene_benefit"}},
		"no scene":       {func(d *Definition) { d.Scene = "" }, []string{"3.3.scope /scene scene_unknown"}},
		"no app":         {func(d *Definition) { d.App = "" }, []string{"2.scope /app app_missing"}},
		"English listed": {func(d *Definition) { delete(d.Texts, words.EN) }, []string{"3.1.1.purpose /texts/en language_missing"}},
		"no Chinese":     {func(d *Definition) { d.Langs = d.Langs[1:] }, []string{"3.1.1.purpose /langs chinese_missing"}},
		"only Chinese": {func(d *Definition) {
			d.Langs = d.Langs[:1]
			delete(d.Texts, words.EN)
			for i := range d.Fields {
				delete(d.Fields[i].Texts, words.EN)
			}
		}, nil},

		"no operator":    {zh(func(t *Texts) { t.Operator = " " }), []string{"3.1.1.purpose /texts/zh/operator text_missing"}},
		"no title":       {zh(func(t *Texts) { t.Title = "" }), []string{"3.1.1.purpose /texts/zh/title text_missing"}},
		"no trigger":     {zh(func(t *Texts) { t.Trigger = "" }), []string{"3.2.entry-popup /texts/zh/trigger text_missing"}},
		"no purpose":     {zh(func(t *Texts) { t.Purpose = "" }), []string{"3.1.1.purpose /texts/zh/purpose text_missing"}},
		"no scope":       {zh(func(t *Texts) { t.Scope = "" }), []string{"3.1.1.purpose /texts/zh/scope text_missing"}},
		"no manner":      {zh(func(t *Texts) { t.Manner = "" }), []string{"3.1.1.purpose /texts/zh/manner text_missing"}},
		"no benefit":     {zh(func(t *Texts) { t.Benefit = "" }), []string{"3.1.1.purpose /texts/zh/benefit text_missing"}},
		"no complaint":   {zh(func(t *Texts) { t.Complaint = "" }), []string{"3.1.2.notice /texts/zh/complaint text_missing"}},
		"no deletion":    {zh(func(t *Texts) { t.Deletion = "" }), []string{"3.1.2.delete /texts/zh/deletion text_missing"}},
		"no purpose, en": {en(func(t *Texts) { t.Purpose = "" }), []string{"3.1.1.purpose /texts/en/purpose text_missing"}},
		"todo":           {zh(func(t *Texts) { t.Purpose = "TODO:写清楚收集目的" }), []string{"3.1.1.purpose /texts/zh/purpose text_placeholder"}},
		"test":           {zh(func(t *Texts) { t.Benefit = "测试" }), []string{"3.1.1.purpose /texts/zh/benefit text_placeholder"}},
		"dots":           {zh(func(t *Texts) { t.Scope = "。。。。。。。。" }), []string{"3.1.1.purpose /texts/zh/scope text_placeholder"}},
		"template left":  {en(func(t *Texts) { t.Operator = "{{company}}" }), []string{"3.1.1.purpose /texts/en/operator text_placeholder"}},
		"too short":      {zh(func(t *Texts) { t.Purpose = "联系您" }), []string{"3.1.1.purpose /texts/zh/purpose text_short"}},
		"too short, en":  {en(func(t *Texts) { t.Manner = "By phone" }), []string{"3.1.1.purpose /texts/en/manner text_short"}},
		"too long":       {zh(func(t *Texts) { t.Benefit = strings.Repeat("一次不收费的咨询。", 12) }), []string{"3.1.3.concise /texts/zh/benefit text_long"}},
		"long label":     {label(1, strings.Repeat("怎么称呼您", 5)), []string{"3.1.3.concise /fields/1/texts/zh/label text_long"}},
		"all together": {zh(func(t *Texts) {
			t.Purpose = strings.Repeat("由律师给您回电话。", 14)
			t.Scope = strings.Repeat("只收下面列出的。", 16)
			t.Manner = strings.Repeat("由您自己填写内容。", 14)
			t.Benefit = strings.Repeat("一次电话咨询。", 12)
		}), []string{"3.1.3.concise /texts/zh texts_long?"}},
		"complaint to nowhere": {zh(func(t *Texts) { t.Complaint = "请到前台找我们反映" }), []string{"3.1.2.notice /texts/zh/complaint contact_unusable"}},

		"no privacy statement":   {zh(func(t *Texts) { t.PrivacyText = "" }), []string{"3.1.2.notice /texts/zh/privacy_url privacy_missing"}},
		"privacy by link":        {zh(func(t *Texts) { t.PrivacyText, t.PrivacyURL = "", "https://qingzhou-law.example/privacy" }), nil},
		"privacy over http":      {zh(func(t *Texts) { t.PrivacyURL = "http://qingzhou-law.example/privacy" }), []string{"3.1.2.notice /texts/zh/privacy_url privacy_url"}},
		"privacy by script":      {zh(func(t *Texts) { t.PrivacyURL = "javascript:alert(1)" }), []string{"3.1.2.notice /texts/zh/privacy_url privacy_url"}},
		"privacy on no host":     {zh(func(t *Texts) { t.PrivacyURL = "https:///privacy" }), []string{"3.1.2.notice /texts/zh/privacy_url privacy_url"}},
		"privacy text too short": {zh(func(t *Texts) { t.PrivacyText = "我们会保护隐私。" }), []string{"3.1.2.notice /texts/zh/privacy_text text_short"}},

		"no retention":    {func(d *Definition) { d.RetentionDays = 0 }, []string{"3.1.2.delete /retention_days retention_missing"}},
		"long retention":  {func(d *Definition) { d.RetentionDays = 1096 }, []string{"3.1.2.delete /retention_days retention_long"}},
		"three years":     {func(d *Definition) { d.RetentionDays = 1095 }, nil},
		"no verification": {func(d *Definition) { d.Verification = "" }, []string{"3.1.1.purpose /verification verification_missing"}},
		"typed numbers":   {func(d *Definition) { d.Verification = Typed }, nil},

		"recipients":             {bothRecipients(recipient("临安律师事务所", "privacy@linan-law.example")[0], goodEN), nil},
		"partners":               {bothRecipients(recipient("合作伙伴", "privacy@linan-law.example")[0], goodEN), []string{"3.1.1.purpose /texts/zh/recipients/0/name recipient_unnamed?"}},
		"our partners":           {bothRecipients(recipient("临安律师事务所", "privacy@linan-law.example")[0], Recipient{"Our trusted partners", goodEN.Contact, goodEN.Purpose}), []string{"3.1.1.purpose /texts/en/recipients/0/name recipient_unnamed?"}},
		"a firm of partners":     {bothRecipients(recipient("临安律师事务所", "privacy@linan-law.example")[0], Recipient{"Lin & Partners LLP", goodEN.Contact, goodEN.Purpose}), nil},
		"recipient out of reach": {bothRecipients(recipient("临安律师事务所", "到店面谈")[0], goodEN), []string{"3.1.1.purpose /texts/zh/recipients/0/contact contact_unusable"}},
		"recipient no contact":   {bothRecipients(recipient("临安律师事务所", "")[0], goodEN), []string{"3.1.1.purpose /texts/zh/recipients/0/contact text_missing"}},
		"recipients in zh only":  {zh(func(t *Texts) { t.Recipients = recipient("临安律师事务所", "privacy@linan-law.example") }), []string{"3.1.1.purpose /texts/en/recipients recipients_differ"}},
		"given to somebody":      {zh(func(t *Texts) { t.Manner = "由您填写；会提供给合作机构，由其联系您。" }), []string{"3.1.1.purpose /texts/zh/manner recipient_unnamed?"}},
		"given to nobody":        {zh(func(t *Texts) { t.Manner = "由您填写；电话联系一次，不会提供给第三方。" }), nil},
		"given to nobody, en":    {en(func(t *Texts) { t.Manner = "You fill it in; we never share it with third parties." }), nil},
		"given to somebody, en":  {en(func(t *Texts) { t.Manner = "You fill it in; we may share it with selected partners." }), []string{"3.1.1.purpose /texts/en/manner recipient_unnamed?"}},

		"no phone":        {func(d *Definition) { d.Fields = d.Fields[1:] }, []string{"3.3.scope /fields phone_missing"}},
		"phone twice":     {func(d *Definition) { p := phone; p.ID = "phone2"; d.Fields[1] = p }, []string{"3.1.1.purpose /fields/1/kind phone_twice"}},
		"phone optional":  {func(d *Definition) { d.Fields[0].Required = &no }, []string{"3.1.3.required /fields/0/required phone_optional"}},
		"required unsaid": {func(d *Definition) { d.Fields[1].Required = nil }, []string{"3.1.3.required /fields/1/required required_unsaid"}},
		"one choice":      {func(d *Definition) { d.Fields[3].Choices = d.Fields[3].Choices[:1] }, []string{"3.1.3.hint /fields/3/choices choices_few"}},
		"no label":        {label(1, ""), []string{"3.1.3.hint /fields/1/texts/zh/label text_missing"}},
		"no label, en":    {labelEN(2, ""), []string{"3.1.3.hint /fields/2/texts/en/label text_missing"}},
		"no hint": {func(d *Definition) {
			d.field(0, words.ZH, func(t *FieldTexts) { t.Hint, t.Format = "", "" })
		}, []string{"3.1.3.hint /fields/0/texts/zh/hint hint_missing"}},
		"format is a hint": {func(d *Definition) { d.field(0, words.ZH, func(t *FieldTexts) { t.Hint = "" }) }, nil},
		"no error text":    {func(d *Definition) { d.field(2, words.ZH, func(t *FieldTexts) { t.Error = "" }) }, []string{"3.1.3.error /fields/2/texts/zh/error text_missing"}},
		"error, no way out": {
			func(d *Definition) { d.field(0, words.ZH, func(t *FieldTexts) { t.Error = "手机号格式错误" }) },
			[]string{"3.1.3.error /fields/0/texts/zh/error error_without_fix?"},
		},
		"error, no way out, en": {
			func(d *Definition) { d.field(0, words.EN, func(t *FieldTexts) { t.Error = "Invalid phone number" }) },
			[]string{"3.1.3.error /fields/0/texts/en/error error_without_fix?"},
		},
		"choice without a label": {func(d *Definition) { d.Fields[3].Choices[0].Label[words.EN] = "" }, []string{"3.1.3.hint /fields/3/choices/0/label/en text_missing"}},

		"five fields":   {extra(1), nil},
		"six fields":    {extra(2), []string{"3.1.3.concise /fields fields_many?"}},
		"eleven fields": {extra(7), []string{"3.1.3.concise /fields fields_too_many"}},
		"city required": {func(d *Definition) {
			d.Fields[1], d.Fields[2] = d.Fields[2], d.Fields[1]
			d.Fields = slices.Delete(d.Fields, 2, 3)
			d.Fields[1].Required = &yes
		}, []string{"3.1.1.purpose /fields/1/required more_than_needed?"}},
		"need required": {func(d *Definition) {
			d.Fields[3].Required = &yes
			d.Fields[1], d.Fields[3] = d.Fields[3], d.Fields[1]
			d.Fields = d.Fields[:2]
		}, nil},
		"required last": {func(d *Definition) { d.Fields[3].Required = &yes }, []string{"3.1.3.order /fields/3 order_required?"}},
		"name far off":  {func(d *Definition) { d.Fields[1], d.Fields[2] = d.Fields[2], d.Fields[1] }, []string{"3.1.3.order /fields/2 order_name?"}},
		"name first": {func(d *Definition) {
			d.Fields[0], d.Fields[1] = d.Fields[1], d.Fields[0]
			d.Fields[0].Required = &yes
		}, nil},
		"phone in the middle": {func(d *Definition) {
			d.Fields = []Field{d.Fields[3], d.Fields[0], d.Fields[2]}
			d.Fields[0].Required = &yes
		}, []string{"3.1.3.order /fields/1 order_phone?"}},

		"good trigger":  {zh(func(t *Texts) { t.Trigger = "立即获取优惠" }), nil},
		"free entry":    {zh(func(t *Texts) { t.Trigger = "免费报名" }), nil},
		"offer, en":     {en(func(t *Texts) { t.Trigger = "Get the offer" }), nil},
		"vague trigger": {zh(func(t *Texts) { t.Trigger = "下一步" }), []string{"3.2.entry-popup /texts/zh/trigger trigger_unclear?"}},
		"vague, en":     {en(func(t *Texts) { t.Trigger = "Next" }), []string{"3.2.entry-popup /texts/en/trigger trigger_unclear?"}},
		"login trigger": {zh(func(t *Texts) { t.Trigger = "预约并登录" }), []string{"3.3.scope /texts/zh/trigger use_login"}},
		"login purpose": {en(func(t *Texts) { t.Purpose = "So that you can log in and ask a lawyer." }), []string{"3.3.scope /texts/en/purpose use_login"}},
		"not for login": {zh(func(t *Texts) { t.Purpose = "由律师回电给您，不用于登录、绑定或下单。" }), nil},
		"not for login 2": {en(func(t *Texts) {
			t.Purpose = "A lawyer calls you back. Never used to log in, to bind your account or to place an order."
		}), nil},
		"binding purpose": {zh(func(t *Texts) { t.Purpose = "把手机号绑定到您的会员账户。" }), []string{"3.3.scope /texts/zh/purpose use_binding"}},
		"binding, en":     {en(func(t *Texts) { t.Manner = "We link your phone number to the member card and call you." }), []string{"3.3.scope /texts/en/manner use_binding"}},
		"order purpose":   {zh(func(t *Texts) { t.Purpose = "用于提交订单并由客服联系您。" }), []string{"3.3.scope /texts/zh/purpose use_order"}},
		"in order to":     {en(func(t *Texts) { t.Purpose = "In order to call you back about your question." }), nil},
		"order, en":       {en(func(t *Texts) { t.Purpose = "So that you can place your order for legal papers." }), []string{"3.3.scope /texts/en/purpose use_order"}},
		"exchange":        {zh(func(t *Texts) { t.Benefit = "留下手机号即可领取100元红包。" }), []string{"3.3.scope /texts/zh/benefit use_benefit"}},
		"exchange 2":      {zh(func(t *Texts) { t.Trigger = "领取优惠券" }), []string{"3.3.scope /texts/zh/trigger use_benefit"}},
		"exchange, en":    {en(func(t *Texts) { t.Benefit = "A free gift in exchange for your number." }), []string{"3.3.scope /texts/en/benefit use_benefit"}},
		"company papers":  {zh(func(t *Texts) { t.Purpose = "由顾问回电，介绍注册公司的办法。" }), nil},

		"assumed":     {zh(func(t *Texts) { t.Manner = "由您填写，提交即视为同意我们电话联系您。" }), []string{"3.1.1.consent /texts/zh/manner consent_assumed"}},
		"assumed, en": {en(func(t *Texts) { t.Manner = "By continuing you agree that we call you." }), []string{"3.1.1.consent /texts/en/manner consent_assumed"}},
		"forced":      {zh(func(t *Texts) { t.Purpose = "填写手机号后才能查看房源详情。" }), []string{"3.2.forced /texts/zh/purpose forced"}},
		"forced 2":    {zh(func(t *Texts) { t.Purpose = "由律师回电；不授权手机号将无法继续浏览。" }), []string{"3.2.forced /texts/zh/purpose forced"}},
		"forced, en":  {en(func(t *Texts) { t.Purpose = "You must provide your number to view the articles." }), []string{"3.2.forced /texts/en/purpose forced"}},
		"not forced":  {zh(func(t *Texts) { t.Purpose = "由律师回电；不需要填写手机号才能浏览。" }), nil},
		"hurry":       {zh(func(t *Texts) { t.Title = "法律咨询，仅剩三席" }), []string{"3.1.1.consent /texts/zh/title hurries?"}},
		"hurry, en":   {en(func(t *Texts) { t.Benefit = "A free call, only 3 left today." }), []string{"3.1.1.consent /texts/en/benefit hurries?"}},
		"expiring":    {zh(func(t *Texts) { t.Benefit = "免费咨询的机会马上失效。" }), []string{"3.1.1.consent /texts/zh/benefit hurries?"}},

		"identity number":    {label(1, "身份证号"), []string{"3.1.1.purpose /fields/1/texts/zh/label sensitive_question"}},
		"identity number en": {labelEN(1, "ID card"), []string{"3.1.1.purpose /fields/1/texts/en/label sensitive_question"}},
		"hidden in the id":   {func(d *Definition) { d.Fields[1].ID = "id_card" }, []string{"3.1.1.purpose /fields/1/id sensitive_question"}},
		"hidden in a choice": {func(d *Definition) { d.Fields[3].Choices[0].Label[words.ZH] = "糖尿病" }, []string{"3.1.1.purpose /fields/3/choices/0/label/zh sensitive_question"}},
		"hidden in the hint": {func(d *Definition) { d.field(1, words.ZH, func(t *FieldTexts) { t.Hint = "请写银行卡号" }) }, []string{"3.1.1.purpose /fields/1/texts/zh/hint sensitive_question"}},
	} {
		d := Sample("app_x")
		c.change(&d)
		if err := d.shape(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, s := range Check(d, edition(t)) {
			line := s.Clause + " " + s.Path + " " + s.Code
			if s.Verdict == Review {
				line += "?"
			}
			got = append(got, line)
			for _, l := range words.Langs() {
				if s.Message[l] == "" || s.Fix[l] == "" || strings.ContainsAny(s.Message[l]+s.Fix[l], "{}") {
					t.Errorf("%s: %s says %q and %q in %s", name, s.Code, s.Message[l], s.Fix[l], l)
				}
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for _, w := range c.want {
			covered[strings.TrimSuffix(w[strings.LastIndexByte(w, ' ')+1:], "?")] = true
		}
	}
	for code := range catalogue {
		if !covered[code] {
			t.Errorf("no case gives %s", code)
		}
	}
}

var covered = map[string]bool{}

func TestAClauseTheEditionLacksAsksNothing(t *testing.T) {
	if got := Check(Definition{}, &norm.Edition{}); len(got) != 0 {
		t.Errorf("%d shortfalls of no clause", len(got))
	}
	if got := Check(Definition{}, edition(t)); !Blocks(got) {
		t.Error("an empty definition may be published")
	}
}

func TestQuestionsTheLawCallsSensitive(t *testing.T) {
	ask := func(text string) Field {
		return Field{ID: "q", Kind: KindText, Texts: map[words.Lang]FieldTexts{words.ZH: {Label: text}}}
	}
	for _, text := range []string{
		"身份证", "身份证号码", "您的身 份 证 号", "身份证号", "身分證號碼", "证件号码", "护照号", "驾驶证编号", "户口本照片", "社保卡号",
		"ID number", "Identity card", "passport no", "Driver's licence number", "SSN", "sfz",
		"银行卡号", "信用卡号", "开户行", "支付宝账号", "登录密码", "银行流水", "账户余额", "bank account", "Credit card", "CVV", "IBAN",
		"病史", "有无过敏史", "体检报告", "是否怀孕", "健康状况", "既往疾病", "medical history", "Health conditions", "Any disability?", "Are you pregnant",
		"宗教信仰", "your faith", "religion", "政治面貌", "是否党员", "political views",
		"家庭住址", "详细地址", "您的位置", "行踪轨迹", "实时定位", "Home address", "current location", "GPS",
		"孩子年龄", "宝宝的月龄", "孩子几岁", "小朋友姓名", "年龄(孩子)", "是否未成年", "未满14周岁", "Child's age", "Name of your child", "under 14", "your son's grade",
		"人脸照片", "指纹", "声纹", "基因检测结果", "自拍", "fingerprint", "selfie",
		"如不方便到店，请填写身份证号", "无需担心，请输入银行卡号", "Do not worry; enter your ID number", "No need to call, just give us your bank account",
	} {
		if _, _, found := sensitive(ask(text)); !found {
			t.Errorf("%q passes", text)
		}
	}
	for _, text := range []string{
		"身份", "您的身份(业主/租客)", "法定代表人身份证明书", "职业", "学历", "年龄", "出生日期", "性别", "公司名称", "微信号", "会员卡号",
		"请勿填写身份证号、银行卡号或病历", "不要写密码", "无需提供身份证号", "Do not enter ID numbers, bank accounts or medical history", "Please leave out your health details",
		"意向银行", "想办的信用卡种类", "贷款金额", "健康险", "企业诊断需求", "税务诊断", "指纹锁型号", "人脸识别门禁数量", "市场定位", "房源地段", "意向区域", "看房时间",
		"房屋面积", "医疗纠纷", "交通事故", "少儿英语", "护照办理", "Preferred location", "Company identity design", "Health insurance", "Membership card number", "Bidding date",
		"所在城市", "预算", "How many children's rooms",
	} {
		if path, name, found := sensitive(ask(text)); found {
			t.Errorf("%q is taken for %s at %s", text, name[1], path)
		}
	}
	choice := ask("想咨询的问题")
	for _, o := range []string{"医疗纠纷", "工伤赔偿", "银行债务", "信用卡逾期", "未成年犯罪辩护", "身份证补办", "人身损害", "Health and safety at work", "Child custody", "Bankruptcy"} {
		choice.Choices = append(choice.Choices, Option{"o", map[words.Lang]string{words.ZH: o}})
	}
	if path, name, found := sensitive(choice); found {
		t.Errorf("%s is taken for %s", path, name[1])
	}
	for _, o := range []string{"高血压", "8-10岁", "未满14岁", "基督教", "党员", "Diabetes"} {
		choice.Choices = []Option{{"o", map[words.Lang]string{words.ZH: o}}}
		if _, _, found := sensitive(choice); !found {
			t.Errorf("choice %q passes", o)
		}
	}
}

// The live panel asks at every keystroke; a text made to be slow must not be.
func BenchmarkCheck(b *testing.B) {
	e := edition(b)
	plain, hostile := Sample("x"), Sample("x")
	hostile.text(words.ZH, func(t *Texts) {
		t.Purpose = strings.Repeat("不登录", 440)
		t.Manner = strings.Repeat("不提供给合作方", 180)
		t.Benefit = strings.Repeat("填写后不可领取", 180)
	})
	hostile.field(1, words.ZH, func(t *FieldTexts) { t.Hint = strings.Repeat("勿填密码", 330) })
	for name, d := range map[string]Definition{"sample": plain, "hostile": hostile} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Check(d, e)
			}
		})
	}
}
