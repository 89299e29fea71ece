package component

import (
	"fmt"
	"strconv"
	"strings"

	"clew/words"
)

// Section is a titled part of the notice.
type Section struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"` // plain, may have several lines
}

// Choice is something the person is asked to agree to, with an empty box beside
// it. A form cannot be sent without the required ones.
type Choice struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Required bool   `json:"required"`
}

// ContactChoice is the id of the one required choice.
const ContactChoice = "contact"

// RecipientChoice is the id of the choice for recipient number i, from 0.
func RecipientChoice(i int) string { return "recipient_" + strconv.Itoa(i+1) }

// NoticeText is the exact text whose hash a receipt holds: every section, then
// every choice. It has no other source than [Definition.NoticeSections] and
// [Definition.Choices], which are what pages show.
func (d Definition) NoticeText(lang words.Lang) string {
	var b strings.Builder
	for _, s := range d.NoticeSections(lang) {
		b.WriteString(s.Title + "\n" + s.Text + "\n\n")
	}
	for _, c := range d.Choices(lang) {
		must := in(lang, "(不勾选不影响提交）", " (not needed to send the form)")
		if c.Required {
			must = in(lang, "(必选）", " (needed to send the form)")
		}
		b.WriteString("[ ] " + c.Text + must + "\n")
	}
	return b.String()
}

// NoticeSections is what a person reads before the first field (PIPL 17; norm
// 3.1.1, 3.1.2), in the order they are shown. It is the same for the same
// definition on any machine and day.
func (d Definition) NoticeSections(lang words.Lang) []Section {
	lang = d.Speaks(lang)
	t := d.Texts[lang]
	var out []Section
	add := func(id, zh, en string, lines ...string) {
		var kept []string
		for _, l := range lines {
			if l = strings.TrimSpace(l); l != "" {
				kept = append(kept, l)
			}
		}
		out = append(out, Section{id, in(lang, zh, en), strings.Join(kept, "\n")})
	}
	add("operator", "谁在收集", "Who is asking", t.Operator)
	add("purpose", "收集目的", "What for", t.Purpose)
	add("scope", "收集范围", "Which information", t.Scope, d.fieldList(lang))
	verified := in(lang, "手机号按您填写的内容收集。", "Your phone number is taken as you enter it.")
	if d.Verification == Verified {
		verified = in(lang, "提交前会向您填写的手机号发送一条验证码短信，确认是您本人的号码。",
			"Before you send the form, a code is sent to your phone number to make sure that it is yours.")
	}
	add("manner", "收集和使用方式", "How it is taken and used", t.Manner, verified)
	add("benefit", "您能得到什么", "What you get", t.Benefit)
	add("recipients", "提供给谁", "Who else is given it", recipientList(lang, t.Recipients))
	add("retention", "保存多久", "How long it is kept", fmt.Sprintf(in(lang,
		"自提交之日起保存 %d 天，到期删除。", "%d days from the day you send it; then it is deleted."), d.RetentionDays))
	add("rights", "您的权利", "Your rights",
		in(lang, "您可以不填写：关闭本表单即可，页面照常浏览。选填的内容可以留空。",
			"You need not fill this in: close the form and the page works as before. What is optional may stay empty."),
		in(lang, "提交后，凭同意记录里的链接，随时可以查看、复制、撤回同意和删除。",
			"Afterwards, the link in your receipt lets you see, copy, withdraw and delete at any time."),
		t.Deletion,
		in(lang, "本表单不面向不满十四周岁的未成年人。", "This form is not meant for children under 14."))
	add("complaint", "投诉与联系", "Complaints and contact", t.Complaint)
	add("privacy", "隐私保护说明", "Privacy statement", t.PrivacyText, t.PrivacyURL)
	return out
}

func (d Definition) fieldList(lang words.Lang) string {
	var must, may []string
	for _, f := range d.Fields {
		label := strings.TrimSpace(f.Texts[lang].Label)
		if f.IsRequired() {
			must = append(must, label)
		} else {
			may = append(may, label)
		}
	}
	if lang == words.EN {
		out := "Required: " + strings.Join(must, "; ") + "."
		if len(may) > 0 {
			out += " Optional: " + strings.Join(may, "; ") + "."
		}
		return out
	}
	out := "必填：" + strings.Join(must, "、") + "。"
	if len(may) > 0 {
		out += "选填：" + strings.Join(may, "、") + "。"
	}
	return out
}

func recipientList(lang words.Lang, recipients []Recipient) string {
	if len(recipients) == 0 {
		return in(lang, "不提供给其他任何人。", "Nobody else.")
	}
	lines := []string{in(lang, "只有您单独勾选同意之后，才会把您填写的信息提供给下列接收方，供其联系您：",
		"Only with your separate consent is what you fill in given to the following, so that they can contact you:")}
	for i, r := range recipients {
		lines = append(lines, fmt.Sprintf(in(lang, "%d. %s；联系方式：%s；用途：%s", "%d. %s; contact: %s; purpose: %s"),
			i+1, r.Name, r.Contact, r.Purpose))
	}
	return strings.Join(lines, "\n")
}

// Choices is what the person is asked to agree to: one choice that is required,
// and one for each third-party recipient that is not (PIPL 23: separate consent).
func (d Definition) Choices(lang words.Lang) []Choice {
	lang = d.Speaks(lang)
	t := d.Texts[lang]
	out := []Choice{{ContactChoice, fmt.Sprintf(in(lang,
		"我已阅读以上告知，同意%s收集并使用我填写的信息，用于：%s",
		"I have read the above and agree that %s collects and uses what I fill in, for this purpose: %s"),
		t.Operator, strings.TrimSpace(t.Purpose)), true}}
	for i, r := range t.Recipients {
		out = append(out, Choice{RecipientChoice(i), fmt.Sprintf(in(lang,
			"我单独同意%s把我填写的信息提供给%s（联系方式：%s），用于：%s",
			"I separately agree that %s gives what I fill in to %s (contact: %s), for this purpose: %s"),
			t.Operator, r.Name, r.Contact, strings.TrimSpace(r.Purpose)), false})
	}
	return out
}
