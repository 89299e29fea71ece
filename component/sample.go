package component

import "clew/words"

// Sample is a complete definition as a law firm might write it, for the demo and
// for tests: category 商业服务 > 商业服务 > 法律服务. [Check] finds nothing in it.
func Sample(app string) Definition {
	yes, no := true, false
	both := func(zh, en string) map[words.Lang]string { return map[words.Lang]string{words.ZH: zh, words.EN: en} }
	return Definition{
		Scene: SceneLead, App: app, Langs: []words.Lang{words.ZH, words.EN},
		RetentionDays: 180, Verification: Verified, DedupeHours: 24,
		Texts: map[words.Lang]Texts{
			words.ZH: {
				Operator: "清舟律师事务所",
				Title:    "法律咨询",
				Trigger:  "免费咨询",
				Purpose:  "由律师回电，了解您的法律问题并给出初步建议。",
				Scope:    "只收集下列内容，用来联系您和安排合适的律师。",
				Manner:   "由您自己填写；本所工作人员在两个工作日内用电话联系您一次，不作其他用途。",
				Benefit:  "一次不收费的电话咨询，约二十分钟。",
				PrivacyText: "您的信息加密保存，只有负责接待的人员可以查看，每次查看都有记录。" +
					"我们不出售您的信息，也不用它做广告推送。",
				Complaint: "privacy@qingzhou-law.example，三个工作日内答复。",
				Deletion:  "打开同意记录里的链接点“删除”，或者写信到投诉邮箱，立即生效。",
			},
			words.EN: {
				Operator: "Qingzhou Law Firm",
				Title:    "Legal advice",
				Trigger:  "Free consultation",
				Purpose:  "So that a lawyer can call you back, understand your legal question and give first advice.",
				Scope:    "Only what is listed here, to contact you and find the right lawyer.",
				Manner:   "You fill it in yourself. Our staff call you once within two working days and use it for nothing else.",
				Benefit:  "One telephone consultation of about twenty minutes, free of charge.",
				PrivacyText: "What you tell us is stored encrypted. Only the staff who answer you can see it, and each time is recorded. " +
					"We do not sell it and do not use it for advertising.",
				Complaint: "privacy@qingzhou-law.example; we answer within three working days.",
				Deletion:  "Open the link in your receipt and press Delete, or write to the complaint address. It takes effect at once.",
			},
		},
		Fields: []Field{
			{
				ID: "phone", Kind: KindPhone, Required: &yes,
				Texts: map[words.Lang]FieldTexts{
					words.ZH: {Label: "手机号", Hint: "律师会拨打这个号码", Format: "11 位中国大陆手机号", Error: "请填写 11 位中国大陆手机号。"},
					words.EN: {Label: "Mobile number", Hint: "The lawyer will call this number", Format: "11 digits, mainland China", Error: "Please enter a mobile number of mainland China, 11 digits."},
				},
			},
			{
				ID: "name", Kind: KindName, Required: &no, MaxLength: 30,
				Texts: map[words.Lang]FieldTexts{
					words.ZH: {Label: "怎么称呼您", Hint: "例如：王女士", Error: "请缩短到 30 个字以内。"},
					words.EN: {Label: "What to call you", Hint: "For example: Ms Wang", Error: "Please shorten it to 30 characters."},
				},
			},
			{
				ID: "city", Kind: KindRegion, Required: &no,
				Texts: map[words.Lang]FieldTexts{
					words.ZH: {Label: "所在城市", Hint: "写到城市就够了", Format: "例如：浙江省 杭州市", Error: "请只写省和市的名称，例如：浙江省 杭州市。"},
					words.EN: {Label: "City", Hint: "The city is enough", Format: "For example: Hangzhou", Error: "Please give province and city by name, for example: Hangzhou."},
				},
			},
			{
				ID: "question", Kind: KindChoice, Required: &no,
				Texts: map[words.Lang]FieldTexts{
					words.ZH: {Label: "想咨询的问题", Hint: "选最接近的一项", Error: "请从列出的选项中选择一项。"},
					words.EN: {Label: "Your question", Hint: "Choose the closest", Error: "Please choose one of the choices listed."},
				},
				Choices: []Option{
					{ID: "work", Label: both("劳动争议", "Work and employment")},
					{ID: "family", Label: both("婚姻家庭", "Marriage and family")},
					{ID: "contract", Label: both("合同纠纷", "Contracts")},
					{ID: "property", Label: both("房产纠纷", "Property")},
					{ID: "other", Label: both("其他", "Something else")},
				},
			},
		},
	}
}
