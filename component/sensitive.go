package component

import (
	"fmt"
	"regexp"
	"strings"

	"clew/words"
)

// sensitiveKind is a kind of information the law calls sensitive (PIPL 28: what
// harms a person's dignity, safety or property when it leaks, and everything about
// children under 14).
type sensitiveKind struct {
	name [2]string
	// asks finds a question in a label, hint, format or field id.
	asks *regexp.Regexp
	// names finds an answer that would tell it, in the choices. It is narrower: a
	// law firm's 医疗纠纷 is a topic, a list of illnesses is not.
	names *regexp.Regexp
}

// harmless holds phrases that contain a word looked for and ask for nothing of the
// kind. They are taken out first.
var harmless = regexp.MustCompile(`法定代表人身份证明书?|身份证明书|指纹锁|密码锁|人脸(识别)?(门禁|产品|系统|技术|设备|方案|闸机)|指纹(识别)?(门禁|产品|系统|技术|设备|考勤)|` +
	`(市场|品牌|产品|价格|人群|店铺|自我|职业)定位|定位(策划|咨询)|健康(险|保险|管理|产业|食品|行业)|(会员|学员|饭|校园|购物|电话|流量|手机|物联网)卡卡?号|` +
	`(企业|税务|财务|法律|管理|经营|网站)诊断|疾病(保险|险)|重疾险|护照(办理|代办|加急)|身份证(办理|补办|挂失)|党建(系统|平台|软件)?|` +
	`\bgood faith\b|\bhealth (insurance|care (industry|sector))\b|\b(membership|library|gift) card( number| no)?\b|\bbrand positioning\b|\bfingerprint lock\b|\bface recognition (system|product|device)s?\b|\bpolitical risk\b`)

var sensitiveKinds = []sensitiveKind{
	{
		[2]string{"身份证件号码", "identity document number"},
		regexp.MustCompile(`身份证|身分证|证件号|证件照|身份号码|护照号|护照号码|驾驶证(号|编号|照)|驾照(号|编号|照)|社保(卡)?号|社会保障号|医保卡?号|居住证号|通行证号|军官证|户口本|户口簿|` +
			`\b(id ?card|identity card|identification (number|card|no)|id (number|num|no|document)|identity (number|no|document)|national id|citizen id|passport (number|no|num)|driver'?s? ?licen[cs]e (number|no)|social security|ssn|sfz|sfzh|shenfenzheng|idno|idcard)\b`),
		regexp.MustCompile(`(身份证|证件|护照|驾驶证|社保卡)号|\b(id|passport) (number|no)\b`),
	},
	{
		[2]string{"银行账户或密码", "bank account or password"},
		regexp.MustCompile(`银行卡|储蓄卡|借记卡|信用卡(号|有效期|安全码|照|额度)|卡号|(银行|付款|收款|对公|资金|证券|股票|支付宝|微信支付)账[户号]|开户行|密码|安全码|账户余额|存款(余额|金额|数额)|(支付|交易|银行)流水|征信(报告|记录|情况)?|` +
			`\b(bank (account|card|details|statement)|account number|card (number|no|num)|credit card( number| no| details)?|debit card|cvv|cvc|iban|sort code|routing number|passwords?|passcode|account balance|bankcard|bank|credit (score|report|history))\b`),
		regexp.MustCompile(`(银行卡|信用卡|账户?|账)号码?|密码|\b(card|account) number\b`),
	},
	{
		[2]string{"健康状况", "health"},
		regexp.MustCompile(`病史|疾病|病历|病情|病症|患病|患有|确诊|诊断(结果|书|证明|报告|记录)|用药|服药|血型|过敏(史|原|源)|是否过敏|体检(报告|结果|数据|情况)|健康(状况|情况|信息|状态|问题|史|数据)|身体(状况|情况|健康)|怀孕|孕期|孕周|残疾|症状|血压|血糖|艾滋|\bhiv\b|抑郁|精神(疾病|障碍|状况)|手术史|糖尿病|高血压|癌|肿瘤|传染病|就诊记录|医疗记录|` +
			`\b(medical (histor(y|ies)|conditions?|records?)|health|diagnos(is|es|ed)|illness(es)?|diseases?|disabilit(y|ies)|disabled|allerg(y|ies|ic)|medications?|pregnan(t|cy)|blood (type|pressure|sugar)|symptoms?|mental health|surger(y|ies)|cancer|diabetes)\b`),
		regexp.MustCompile(`糖尿病|高血压|心脏病|癌|肿瘤|艾滋|抑郁|怀孕|孕期|残疾|过敏|\b(diabetes|cancer|hypertension|pregnant|disabled|depression|asthma|hiv)\b`),
	},
	{
		[2]string{"宗教信仰", "religion"},
		regexp.MustCompile(`宗教|信仰|教派|信教|\b(religio(n|us)|your faith|denomination|church member)\b`),
		regexp.MustCompile(`佛教|道教|基督教|天主教|伊斯兰|穆斯林|\b(muslim|christian|buddhist|hindu|jewish|catholic|protestant)\b`),
	},
	{
		[2]string{"政治面貌", "political views"},
		regexp.MustCompile(`政治面貌|政治立场|政治倾向|政治观点|党派|党员|入党|\b(political|party member(ship)?|politics)\b`),
		regexp.MustCompile(`党员|共青团员|民主党派|\bparty member\b`),
	},
	{
		[2]string{"精确位置或行踪", "exact location or movements"},
		regexp.MustCompile(`行踪|轨迹|(实时|手机|精确|精准|当前|您的|你的|我的|获取|共享|开启)定位|定位(信息|权限|坐标)|(当前|实时|所处|您的|你的|精确|精准)位置|位置(信息|权限|共享)|经纬度|(家庭|详细|居住|现居?|常住)(地址|住址)|住址|门牌号?|` +
			`\b(home address|street address|residential address|house number|(current|real[- ]?time|live|exact|precise|your) location|gps|latitude|longitude|geo ?location|whereabouts|location history|movements)\b`),
		regexp.MustCompile(`定位权限|实时位置|\blive location\b`),
	},
	{
		[2]string{"不满十四周岁未成年人的信息", "information about children under 14"},
		regexp.MustCompile(`(孩子|宝宝|小孩|小朋友|儿童|子女|婴儿|幼儿|儿子|女儿|娃)[^。;!?\n]{0,6}(姓名|名字|叫什么|年龄|生日|出生|年级|月龄|周岁|几岁|多大|性别|学校|照片)|(姓名|年龄|生日|年级|月龄)[^。;!?\n]{0,2}[((]?(孩子|宝宝|儿童|小孩)|未成年|(未满|不满|小于)(14|十四)|(14|十四)(周)?岁(以下|及以下|以内)|` +
			`\b(child|children|kid|baby|son|daughter|infant|toddler)(ren|s)?('s|s'|\x{2019}s)? (full |first |date of )?(name|age|birth|birthday|grade|school|gender|photo)s?\b|\b(age|name|grade|birthday) of (your |the )?(child|children|kid|kids|baby|son|daughter)\b|\bunder (14|fourteen)\b|\bunderage\b|\bminors?\b`),
		regexp.MustCompile(`(未满|不满|小于)(14|十四)|(14|十四)(周)?岁(以下|及以下|以内)|[0-9一二三四五六七八九十]+ ?[-~至到] ?([1-9]|1[0-4]|[一二三四五六七八九十])(周)?岁|\bunder (14|fourteen)\b`),
	},
	{
		[2]string{"生物识别信息", "biometric information"},
		regexp.MustCompile(`人脸|刷脸|面部(照|信息|特征|识别|图)|指纹|声纹|虹膜|掌纹|基因|\bdna\b|自拍|\b(facial|face (photo|scan|recognition|image)|fingerprints?|voice ?prints?|iris scan|biometrics?|selfie|retina)\b`),
		regexp.MustCompile(`人脸照|指纹信息|\bbiometrics?\b`),
	},
}

// checkSensitive refuses questions for what the law calls sensitive: collecting it
// takes a special need and a separate consent that a lead form does not give
// (PIPL 28 to 31; norm 3.1.1).
func checkSensitive(c *checking) {
	for i, f := range c.def.Fields {
		if path, name, ok := sensitive(f); ok {
			c.say("3.1.1.purpose", fieldPath(i, path), "sensitive_question", "what", name)
		}
	}
}

// sensitive finds the first place of a field that asks for something sensitive.
// The unlisted languages are read too: nothing may hide in them.
func sensitive(f Field) (path string, name [2]string, found bool) {
	type part struct {
		path, text string
		choice     bool
	}
	parts := []part{}
	for _, l := range words.Langs() {
		t, at := f.Texts[l], "/texts/"+string(l)
		parts = append(parts, part{at + "/label", t.Label, false}, part{at + "/hint", t.Hint, false}, part{at + "/format", t.Format, false})
		for j, o := range f.Choices {
			parts = append(parts, part{fmt.Sprintf("/choices/%d/label/%s", j, l), o.Label[l], true})
		}
	}
	parts = append(parts, part{"/id", strings.ReplaceAll(f.ID, "_", " "), false})
	for _, p := range parts {
		text := harmless.ReplaceAllString(fold(p.text), " \u00b7 ")
		for _, k := range sensitiveKinds {
			pattern := k.asks
			if p.choice {
				pattern = k.names
			}
			if means(pattern, text) {
				return p.path, k.name, true
			}
		}
	}
	return "", [2]string{}, false
}
