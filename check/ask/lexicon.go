package ask

import (
	"strings"
	"unicode"

	"clew/check/pattern"
)

// Purpose is what a number is used for.
type Purpose uint8

// The purposes. Clause 3.3 allows Lead and names the four after it as misuse.
const (
	UnknownPurpose Purpose = iota
	Lead                   // an enquiry, an appointment, a sign-up, an application: somebody gets back to the person
	Login                  // logging in, registering
	Binding                // the account's own number
	Order                  // an order that is paid
	Benefit                // something given for the number
	Other                  // an address, feedback, a profile: neither a lead nor one of the four
)

// String is the purpose's code.
func (p Purpose) String() string {
	return [...]string{"unknown", "lead", "login", "binding", "order", "benefit", "other"}[p]
}

// Misuse reports whether clause 3.3 names the purpose among what the lead component
// may not be used for.
func (p Purpose) Misuse() bool { return p >= Login && p <= Benefit }

// sense is what a word says by itself: strong words decide, weak ones need a second
// evidence.
type sense struct {
	purpose Purpose
	strong  bool
}

// stems are looked for anywhere in a name, its separators taken out: they are long
// enough not to stand in other words. The first that fits counts.
var stems = []struct {
	stem string
	sense
	unless string // what the same name may not hold
}{
	// a name that holds a register or a sign-up for an event is a lead
	{"activityregist", sense{Lead, true}, ""},
	{"registactivity", sense{Lead, true}, ""},
	{"registeractivity", sense{Lead, true}, ""},
	{"eventregist", sense{Lead, true}, ""},
	{"registerevent", sense{Lead, true}, ""},
	{"courseregist", sense{Lead, true}, ""},
	{"preregist", sense{Lead, true}, ""},
	{"presignup", sense{Lead, true}, ""},
	{"activitysignup", sense{Lead, true}, ""},
	{"signupactivity", sense{Lead, true}, ""},

	{"password", sense{Login, false}, ""},
	{"passwd", sense{Login, false}, ""}, // a number that proves who one is: not a login, no lead either
	{"delivery", sense{Other, true}, ""},
	{"receiver", sense{Other, true}, ""},
	{"consignee", sense{Other, true}, ""},
	{"shouhuo", sense{Other, true}, ""},

	{"login", sense{Login, true}, ""},
	{"logon", sense{Login, true}, ""},
	{"denglu", sense{Login, true}, ""},
	{"signin", sense{Login, true}, "assign"},
	{"register", sense{Login, true}, ""},
	{"regist", sense{Login, false}, "registration|registry"},
	{"zhuce", sense{Login, true}, ""},
	{"oauth", sense{Login, true}, ""},
	{"accesstoken", sense{Login, true}, ""},
	{"gettoken", sense{Login, true}, ""},
	{"createtoken", sense{Login, true}, ""},
	{"createaccount", sense{Login, true}, ""},
	{"createuser", sense{Login, true}, ""},
	{"createmember", sense{Login, true}, ""},
	{"addmember", sense{Login, false}, ""},
	{"adduser", sense{Login, false}, "userinfo"},
	{"authphone", sense{Login, false}, ""},
	{"phoneauth", sense{Login, false}, ""},
	{"mobileauth", sense{Login, false}, ""},
	{"authmobile", sense{Login, false}, ""},
	{"openaccount", sense{Login, false}, ""},
	{"becomemember", sense{Login, true}, ""},
	{"joinmember", sense{Login, true}, ""},

	{"bangding", sense{Binding, true}, ""},
	{"binding", sense{Binding, true}, ""},
	{"bindphone", sense{Binding, true}, ""},
	{"bindmobile", sense{Binding, true}, ""},
	{"bindtel", sense{Binding, true}, ""},
	{"phonebind", sense{Binding, true}, ""},
	{"mobilebind", sense{Binding, true}, ""},
	{"binduser", sense{Binding, true}, ""},
	{"bindmember", sense{Binding, true}, ""},
	{"bindaccount", sense{Binding, true}, ""},
	{"bindwx", sense{Binding, true}, ""},
	{"bindwechat", sense{Binding, true}, ""},
	{"bindweixin", sense{Binding, true}, ""},
	{"bindcard", sense{Binding, true}, ""},
	{"userbind", sense{Binding, true}, ""},
	{"memberbind", sense{Binding, true}, ""},
	{"unbind", sense{Other, false}, ""},
	{"gobind", sense{Binding, true}, ""},
	{"tobind", sense{Binding, true}, ""},

	{"unifiedorder", sense{Order, true}, ""},
	{"prepay", sense{Order, true}, ""},
	{"payment", sense{Order, true}, ""},
	{"zhifu", sense{Order, true}, ""},
	{"xiadan", sense{Order, true}, ""},
	{"placeorder", sense{Order, true}, ""},
	{"checkout", sense{Order, false}, ""},
	{"orderpay", sense{Order, true}, ""},
	{"payorder", sense{Order, true}, ""},
	// many a booking that costs nothing is called an order
	{"createorder", sense{Order, false}, ""},
	{"addorder", sense{Order, false}, ""},
	{"submitorder", sense{Order, false}, ""},
	{"saveorder", sense{Order, false}, ""},
	{"ordercreate", sense{Order, false}, ""},
	{"orderadd", sense{Order, false}, ""},
	{"ordersubmit", sense{Order, false}, ""},
	{"dingdan", sense{Order, false}, ""},

	{"coupon", sense{Benefit, true}, ""},
	{"youhuiquan", sense{Benefit, true}, ""},
	{"hongbao", sense{Benefit, true}, ""},
	{"redpack", sense{Benefit, true}, ""},
	{"redenvelope", sense{Benefit, true}, ""},
	{"voucher", sense{Benefit, true}, ""},
	{"jifen", sense{Benefit, true}, ""},
	{"lottery", sense{Benefit, true}, ""},
	{"choujiang", sense{Benefit, true}, ""},
	{"membercard", sense{Benefit, false}, ""},
	{"vipcard", sense{Benefit, false}, ""},
	{"lingqu", sense{Benefit, false}, ""},
	{"daijinquan", sense{Benefit, true}, ""},
	{"getgift", sense{Benefit, true}, ""},
	{"receivegift", sense{Benefit, true}, ""},

	{"yuyue", sense{Lead, true}, ""},
	{"appoint", sense{Lead, true}, ""},
	{"reserv", sense{Lead, true}, "reservedphone|reservephone|reservemobile"},
	{"baoming", sense{Lead, true}, ""},
	{"enroll", sense{Lead, true}, ""},
	{"consult", sense{Lead, true}, ""},
	{"zixun", sense{Lead, true}, ""},
	{"enquir", sense{Lead, true}, ""},
	{"inquir", sense{Lead, true}, ""},
	{"testdrive", sense{Lead, true}, ""},
	{"shijia", sense{Lead, true}, ""},
	{"kanfang", sense{Lead, true}, ""},
	{"liuzi", sense{Lead, true}, ""},
	{"xiansuo", sense{Lead, true}, ""},
	{"baojia", sense{Lead, true}, ""},
	{"liangfang", sense{Lead, true}, ""},
	{"shiting", sense{Lead, true}, ""},
	{"freetrial", sense{Lead, true}, ""},
	{"trylesson", sense{Lead, true}, ""},
	{"signup", sense{Lead, false}, ""}, // as often an account's
	{"booking", sense{Lead, false}, ""},
	{"intention", sense{Lead, false}, ""},
	{"guestbook", sense{Lead, true}, ""},
	{"leavemessage", sense{Lead, true}, ""},
	{"liuyan", sense{Lead, true}, ""},

	{"valuation", sense{Lead, true}, ""},
	{"pinggu", sense{Lead, true}, ""},
	{"jiameng", sense{Lead, true}, ""},
	{"demand", sense{Lead, false}, ""},
	{"xuqiu", sense{Lead, true}, ""},
	{"entrust", sense{Lead, true}, ""},
	{"weituo", sense{Lead, true}, ""},
	{"application", sense{Lead, false}, ""},
	{"subscribe", sense{Lead, false}, "unsubscribe"},
	{"recruit", sense{Lead, false}, ""},
	{"resume", sense{Lead, false}, ""},
	{"jianli", sense{Lead, false}, ""},

	{"feedback", sense{Other, true}, ""},
	{"suggest", sense{Other, true}, ""},
	{"complain", sense{Other, true}, ""},
	{"tousu", sense{Other, true}, ""},
	{"address", sense{Other, true}, ""},
	{"dizhi", sense{Other, true}, ""},
	{"repair", sense{Other, false}, ""},
	{"invoice", sense{Other, true}, ""},
	{"emergencycontact", sense{Other, true}, ""},
	{"sendsms", sense{Other, false}, ""},
	{"sendcode", sense{Other, false}, ""},
	{"smscode", sense{Other, false}, "login"},
}

// tokens are whole words of a name: too short to be looked for inside others.
var tokens = map[string]sense{
	"bind": {Binding, true}, "rebind": {Binding, true},
	"token": {Login, false}, "session": {Login, false}, "auth": {Login, false}, "authorize": {Login, false}, "sso": {Login, true}, "reg": {Login, false},
	"pay": {Order, true}, "order": {Order, false}, "orders": {Order, false}, "trade": {Order, false}, "cart": {Order, false}, "buy": {Order, false},
	"gift": {Benefit, false}, "prize": {Benefit, false}, "points": {Benefit, false}, "point": {Benefit, false}, "draw": {Benefit, false}, "award": {Benefit, false},
	"reward": {Benefit, false}, "receive": {Benefit, false}, "welfare": {Benefit, false},
	"lead": {Lead, true}, "leads": {Lead, true}, "clue": {Lead, true}, "clues": {Lead, true}, "apply": {Lead, false}, "book": {Lead, false}, "quote": {Lead, false},
	"visit": {Lead, false}, "contact": {Lead, false}, "message": {Lead, false}, "quotation": {Lead, true}, "estimate": {Lead, false}, "intent": {Lead, false}, "join": {Lead, false},
	"visitor": {Lead, false}, "need": {Lead, false}, "loan": {Lead, false},
}

// what is done to what, in one name: updatePhone, saveUserMobile
var (
	changing  = pattern.MustCompile(`update|modify|change|replace|edit|(^|[^a-z])(set|save|up|add|post|put|fill|complete|perfect)([^a-z]|$)|^(set|save|put)(user|member|wx|my|real)*(phone|mobile|tel)|xiugai|genghuan|tianjia|baocun`)
	numberish = pattern.MustCompile(`phone|mobile|tel(ephone)?([^a-z]|$)|shouji|phonenum`)
	personish = pattern.MustCompile(`user|member|customer|account|profile|personal|userinfo|vip([^a-z]|$)|fans|huiyuan`)
	looking   = pattern.MustCompile(`decrypt|decode|jiemi|decipher|descrypt|deciph|(get|query|find|fetch|parse|obtain|wx|weixin|wechat|my|ali|tt)(user|wx|weixin|wechat|real|pure|my|mini|ma|ali|tt|member)*(phone|mobile|tel)|phonenumber|sessionkey|code2session|jscode2|openid|unionid`)
)

// lowered is a name in small letters, its words parted by blanks.
func lowered(name string) string {
	var b strings.Builder
	last := rune(0)
	for _, r := range name {
		switch {
		case unicode.IsUpper(r):
			if last != 0 && !unicode.IsUpper(last) && last != ' ' {
				b.WriteByte(' ')
			}
			b.WriteRune(unicode.ToLower(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
		last = r
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// reading of one name: what it says, and whether it only looks the number up.
type reading struct {
	sense
	word  string // that said so
	looks bool
}

// read tells what a name in code says: a function's, a part of an address, a key.
func read(name string) reading {
	words := lowered(name)
	if words == "" {
		return reading{}
	}
	flat := strings.ReplaceAll(words, " ", "")
	var weak reading
	for _, s := range stems {
		if !strings.Contains(flat, s.stem) {
			continue
		}
		if s.unless != "" && regexpAny(s.unless, flat) {
			continue
		}
		if s.purpose == Login && notLogin.MatchString(flat) || s.purpose == Binding && handlerWord.MatchString(flat) {
			continue
		}
		r := reading{sense: s.sense, word: s.stem}
		if entered[s.stem] && eventish.MatchString(flat) {
			return reading{sense: sense{Lead, true}, word: s.stem}
		}
		if s.strong {
			return r
		}
		if s.stem == "password" || s.stem == "passwd" {
			return r
		}
		if weak.purpose == UnknownPurpose {
			weak = r
		}
	}
	for _, w := range strings.Fields(words) {
		if s, ok := tokens[w]; ok {
			r := reading{sense: s, word: w}
			if w == "bind" && !strings.HasSuffix(words, "bind") { // bindinput="bindTab"
				continue
			}
			if s.strong {
				return r
			}
			if weak.purpose == UnknownPurpose {
				weak = r
			}
		}
	}
	if numberish.MatchString(words) && changing.MatchString(words) && !strings.HasPrefix(flat, "get") {
		return reading{sense: sense{Binding, true}, word: name}
	}
	if weak.purpose != UnknownPurpose {
		return weak
	}
	if looking.MatchString(flat) {
		return reading{word: name, looks: true}
	}
	if personish.MatchString(words) && changing.MatchString(words) && !strings.HasPrefix(flat, "get") {
		return reading{sense: sense{Binding, false}, word: name}
	}
	return reading{}
}

// entered are the words that for an event mean its list of visitors, not an account.
var (
	entered  = map[string]bool{"register": true, "regist": true, "signup": true, "signin": true}
	eventish = pattern.MustCompile(`activity|event|course|lesson|lecture|meeting|match|training|exam|competition|contest|camp|seminar|exhibition|tournament|forum|salon|hospital|doctor|clinic|huodong|kecheng|bisai|huiyi`)
)

// names that ask whether somebody is logged in, or lead to the place where one does
var notLogin = pattern.MustCompile(`(is|check|need|not|no|has|get|judge|verify|go|to|show|hide|open|close|before|after|without)(login|register)|register(reward|config|agreement|protocol|status|page)|logininfo(get|query)|loginlog|loginpage|loginstatus|loginstate|silentlogin|loginout`)

// bindPhoneInput, bindPhoneBlur: a handler of a field, nothing is bound
var handlerWord = pattern.MustCompile(`^bind.*(input|change|blur|focus|tap|confirm|number|key)$`)

// plainWord reports whether a name says nothing but what is sent: behind it the folder
// of an address tells what for, as in login/byPhone.
func plainWord(name string) bool {
	for _, w := range strings.Fields(lowered(name)) {
		if !plainWords[strings.TrimRight(w, "0123456789")] {
			return false
		}
	}
	return true
}

var plainWords = map[string]bool{
	"": true, "phone": true, "mobile": true, "tel": true, "telephone": true, "number": true, "wx": true, "wechat": true, "weixin": true, "mini": true, "miniapp": true,
	"applet": true, "app": true, "xcx": true, "mp": true, "sms": true, "code": true, "by": true, "with": true, "index": true, "submit": true, "save": true, "add": true,
	"create": true, "confirm": true, "do": true, "user": true, "auth": true, "customize": true, "v": true, "html": true, "json": true, "api": true, "post": true, "insert": true,
	"tt": true, "ali": true, "dy": true, "douyin": true, "toutiao": true, "commit": true, "check": true, "verify": true, "info": true, "new": true, "one": true, "key": true,
}

func regexpAny(alternatives, s string) bool {
	for _, a := range strings.Split(alternatives, "|") {
		if strings.Contains(s, a) {
			return true
		}
	}
	return false
}

// said are the words for people, the surest first in each purpose.
var said = []struct {
	purpose Purpose
	re      *pattern.Pattern
}{
	{Benefit, pattern.MustCompile(`领取?(红包|优惠券|优惠卷|代金券|礼品|礼包|福利|积分|奖品|会员卡|现金)|(红包|优惠券|代金券|积分|奖励|礼包).{0,4}(领取|到账|已发放)|领券|抽奖|兑换`)},
	{Binding, pattern.MustCompile(`绑定|绑手机|换绑|更换手机|修改手机|更换号码|关联手机|(?i)\bbind`)},
	{Lead, pattern.MustCompile(`降价通知|出价|询价|底价|预约|报名|咨询|试驾|看房|试听|试学|留资|回电|回访|联系您|联系你|与您联系|与你联系|报价|估价|估算|量房|线索|留言|意向|看车|看店|加盟|申请成为|投递|应聘|求职|体验课|提交需求|免费设计|免费获取|(?i)enquir|inquir|appointment|test drive|call.?back`)},
	{Login, pattern.MustCompile(`登录|登陆|登入|注册|(?i)log ?in|sign ?in|register`)},
	{Order, pattern.MustCompile(`支付|付款|下单|提交订单|确认订单|结算|购买|订单|(?i)pay|checkout`)},
	{Other, pattern.MustCompile(`收货|地址|反馈|投诉|建议|发票|紧急联系|修改资料|保存资料|个人资料|个人信息维护|入驻|认领([^取]|$)`)},
	{Benefit, pattern.MustCompile(`领取成功|确认领取|领取信息`)},
}

// heard is what a text for people says; UnknownPurpose if nothing.
func heard(text string) (Purpose, string) {
	for _, s := range said {
		if w := s.re.FindString(text); w != "" {
			return s.purpose, w
		}
	}
	return UnknownPurpose, ""
}
