package component

import (
	"regexp"
	"strings"

	"clew/words"
)

// otherUses are what norm 3.3 forbids, each as people write it. A trigger
// 立即获取优惠 is none of them: the norm shows it as a good example in 3.2. What 3.3
// forbids is a benefit given in exchange for the authorisation.
var otherUses = []struct {
	code    string
	pattern *regexp.Regexp
}{
	{"use_login", regexp.MustCompile(`登录|登陆|登入|(注册|创建|开通)(账[户号]|会员|用户)|` +
		`\b(log ?in|logging in|log you in|login|sign ?in|signing in|(create|register|open) (an? |your |the )?(user |member )?account)\b`)},
	{"use_binding", regexp.MustCompile(`绑定|关联(您的|你的)?账[户号]|` +
		`\b(bind|binding|link|linking) (your |the |an? |this )?((phone|mobile)( number)?|number|account)\b|\baccount (binding|linking)\b`)},
	{"use_order", regexp.MustCompile(`下单|(提交|确认|创建|支付|生成)订单|订单(提交|确认|支付)|立即(购买|支付|付款)|` +
		`\b((place|submit|confirm|complete|pay for|process) (an? |your |the |this )?order|checkout|check out|buy now|pay now|order now)\b`)},
	{"use_benefit", regexp.MustCompile(`换取|兑换|抽奖|返现|` +
		`(授权|留下|留资|填写|提交|提供|登记)[^。;!?\n]{0,14}(即可|就能|就可|可以?|便可|后可?|方可|才能)[^。;!?\n]{0,4}(领取?|获得|获取|享受?|得到|解锁|赢取?|送)[^。;!?\n]{0,14}(红包|优惠券|代金券|券|礼品|礼包|奖品|奖励|积分|会员|现金|权益|福利|赠品|话费)|` +
		`(领取?|赢取?|解锁|送)[^。;!?\n]{0,8}(红包|优惠券|代金券|抵扣券|现金|礼品|礼包|奖品|奖励|积分|会员|赠品|权益|话费)|` +
		`\b(in exchange for|in return for|redeem|unlock|giveaway|lucky draw|prize draw)\b|` +
		`\b(claim|win|earn|receive|collect) (your |an? |the |free )?[^.;!?]{0,24}\b(coupons?|vouchers?|gifts?|rewards?|cash|prizes?|points|bonus|red packets?)\b`)},
}

// checkUse is norm 3.3 in the component's own words.
func checkUse(c *checking) {
	c.written(func(l words.Lang, t Texts) {
		for _, s := range []struct{ member, text string }{
			{"title", t.Title},
			{"trigger", t.Trigger},
			{"purpose", t.Purpose},
			{"manner", t.Manner},
			{"benefit", t.Benefit},
		} {
			for _, use := range otherUses {
				if means(use.pattern, s.text) {
					c.say("3.3.scope", textPath(l, s.member), use.code)
				}
			}
		}
	})
}

// clearTrigger finds what a lead form is opened for. Anything else may be fine,
// but a person should look: 确定 or "Next" say nothing about what will happen.
var clearTrigger = regexp.MustCompile(`咨询|预约|约|报名|了解|获取|领取|试听|试驾|试用|体验|看房|看车|估价|估值|报价|询价|评估|联系|留言|留下|登记|申请|方案|优惠|回电|来电|求职|应聘|投递|测算|参观|参加|加入|问|` +
	`\b(consult(ation)?|ask|advice|advise|enquir(e|y)|inquir(e|y)|register|sign up|enrol|enroll|book|appointment|quote|estimate|contact|call|get|learn|find out|request|apply|join|visit|viewing|test drive|trial|talk|speak|message|offer)\b`)

func checkTrigger(c *checking) {
	c.written(func(l words.Lang, t Texts) {
		if strings.TrimSpace(t.Trigger) != "" && !placeholder(t.Trigger) && !clearTrigger.MatchString(fold(t.Trigger)) {
			c.say("3.2.entry-popup", textPath(l, "trigger"), "trigger_unclear")
		}
	})
}

var (
	assumed = regexp.MustCompile(`(即|则|将)?视为(您|你|用户)?(已)?(同意|授权)|默认(您|你)?同意|即表示(您|你)?(已)?同意|` +
		`\b(by (continuing|submitting|using|proceeding|clicking)[^.;]{0,30}(agree|consent)|(deemed|considered|assumed) to (have )?(agreed?|consent(ed)?))\b`)
	forced = regexp.MustCompile(`(不|未)(授权|填写|提供|留下|提交)[^。;!?\n]{0,14}(无法|不能|不可|将不)[^。;!?\n]{0,4}(使用|查看|浏览|进入|访问|继续|享受)|` +
		`(必须|需要?|须)?(授权|填写|提供|留下)[^。;!?\n]{0,12}(才能|才可|方可|后方能)[^。;!?\n]{0,6}(使用|查看|浏览|进入|访问|继续|享受)|` +
		`\b((must|have to|required to) (give|provide|enter|leave|authori[sz]e)[^.;]{0,30}(to|before you can) (use|view|see|browse|enter|access|continue)|(cannot|can't|unable to) (use|view|see|browse|access|continue)[^.;]{0,30}(without|unless|until))\b`)
)

// checkConsent: consent is an act of the person's own (3.1.1) and nothing is held
// back from whoever declines (3.2).
func checkConsent(c *checking) {
	c.written(func(l words.Lang, t Texts) {
		for _, s := range []struct{ member, text string }{
			{"title", t.Title},
			{"trigger", t.Trigger},
			{"purpose", t.Purpose},
			{"scope", t.Scope},
			{"manner", t.Manner},
			{"benefit", t.Benefit},
			{"privacy_text", t.PrivacyText},
			{"deletion", t.Deletion},
		} {
			if means(assumed, s.text) {
				c.say("3.1.1.consent", textPath(l, s.member), "consent_assumed")
			}
			// A denial is part of the pattern here, so it is not read as one.
			if text := fold(s.text); forced.MatchString(text) && !denied(text[:forced.FindStringIndex(text)[0]]) {
				c.say("3.2.forced", textPath(l, s.member), "forced")
			}
		}
	})
}

var hurries = regexp.MustCompile(`仅剩|只剩|仅限(今|前|本)|最后[0-9一二三四五六七八九十两几]*(天|小时|分钟|名|个|席|位|次机会)|(马上|即将|立刻|很快)(失效|过期|截止|涨价|结束)|限时|倒计时|过期不候|(别|不容|不要|千万别)错过|错过(不再|再等|后悔)|抓紧|名额有限|手慢无|秒杀|抢(购|占|先)|疯抢|先到先得|` +
	`\b(only [0-9]+ (left|remaining|places|spots|days|hours)|last chance|hurry|expires? (soon|today|tonight|in)|ends (soon|today|tonight)|limited[- ](time|offer|places)|act (now|fast)|don't miss|don\x{2019}t miss|while (stocks?|supplies) lasts?|countdown|running out|first come,? first served)\b`)

// checkHurry: consent given under pressure of time is hardly free.
func checkHurry(c *checking) {
	c.written(func(l words.Lang, t Texts) {
		for _, s := range []struct{ member, text string }{
			{"title", t.Title}, {"trigger", t.Trigger}, {"purpose", t.Purpose}, {"benefit", t.Benefit},
		} {
			// 不容错过 hurries although it denies: the pattern is matched as it stands.
			if hurries.MatchString(fold(s.text)) {
				c.say("3.1.1.consent", textPath(l, s.member), "hurries")
			}
		}
	})
}
