package component

// entry is what a code says to people, in zh and en. {names} are filled in by say.
type entry struct {
	verdict      Verdict
	message, fix [2]string
}

// catalogue is every shortfall there is. Codes are stable; texts may improve.
var catalogue = map[string]entry{
	"scene_login": {
		Violation,
		[2]string{"线索组件不能用于账号登录。", "A lead component cannot be used for login."},
		[2]string{"把场景改为 lead；登录请用登录能力。线索组件拿到的号码只能用来联系用户。", `Set the scene to "lead" and use a login capability for login. A number given here may only be used to contact the person.`},
	},
	"scene_binding": {
		Violation,
		[2]string{"线索组件不能用于账户绑定。", "A lead component cannot be used to bind an account."},
		[2]string{"把场景改为 lead；绑定手机号请在账户设置里另外取得同意。", `Set the scene to "lead"; bind phone numbers in the account settings, with a consent of their own.`},
	},
	"scene_order": {
		Violation,
		[2]string{"线索组件不能用于订单提交。", "A lead component cannot be used to submit orders."},
		[2]string{"把场景改为 lead；下单所需的号码请在订单页面收集。", `Set the scene to "lead"; ask for a number that an order needs in the order itself.`},
	},
	"scene_benefit": {
		Violation,
		[2]string{"线索组件不能用于权益获取：不能拿权益换取用户的授权。", "A lead component cannot hand out benefits: a benefit must not be given in exchange for the authorisation."},
		[2]string{"把场景改为 lead。按钮写“立即获取优惠”来打开留资表单是可以的；以留下手机号为条件发放红包、优惠券、会员等权益是不可以的。", `Set the scene to "lead". A button such as 立即获取优惠 (get the offer) that opens the form is fine; coupons, gifts or membership on condition of leaving a number are not.`},
	},
	"scene_unknown": {
		Violation,
		[2]string{"没有写明使用场景，或者场景不是留资。", "The scene is missing or is not lead capture."},
		[2]string{"把场景写为 lead，这是唯一允许的场景。", `Set the scene to "lead", the only one allowed.`},
	},
	"app_missing": {
		Violation,
		[2]string{"没有说明由哪个小程序收集。", "It is not said which app collects."},
		[2]string{"选择一个类目已上线的小程序。", "Choose an app whose category is online."},
	},
	"language_missing": {
		Violation,
		[2]string{"列出了{lang}，但没有写{lang}文字。", "{lang} is listed but nothing is written in it."},
		[2]string{"补齐{lang}文字，或者把{lang}从语言中去掉。", "Write the {lang} texts, or take {lang} off the list of languages."},
	},
	"chinese_missing": {
		Violation,
		[2]string{"缺少中文：用户首先要能用中文看懂。", "Chinese is missing: people must be able to read it in Chinese first."},
		[2]string{"在语言中加上 zh，并写中文文字。", `Add "zh" to the languages and write the Chinese texts.`},
	},
	"text_missing": {
		Violation,
		[2]string{"没有写{what}。", "The {what} is missing."},
		[2]string{"用一两句平实的话写清楚{what}。", "Write the {what} in a plain sentence or two."},
	},
	"text_placeholder": {
		Violation,
		[2]string{"{what}还是占位文字。", "The {what} is only a placeholder."},
		[2]string{"把占位文字换成用户会读到的真实内容。", "Replace it with what people are really to read."},
	},
	"text_short": {
		Violation,
		[2]string{"{what}太短，看不出说了什么。", "The {what} is too short to say anything."},
		[2]string{"至少写 {min} 个字，说清具体内容。", "Write at least {min} words that say something definite."},
	},
	"text_long": {
		Violation,
		[2]string{"{what}太长：{have} 个字，最多 {max} 个。", "The {what} is too long: {have} words of at most {max}."},
		[2]string{"删去重复和修饰，只留要紧的话。", "Cut repetition and ornament; keep what matters."},
	},
	"texts_long": {
		Review,
		[2]string{"全部文字加起来太长：{have} 个字，建议不超过 {max} 个。", "All texts together are long: {have} words, better at most {max}."},
		[2]string{"合并说了两遍的内容，细节放到隐私保护说明里。", "Say things once, and move details to the privacy statement."},
	},
	"contact_unusable": {
		Violation,
		[2]string{"{what}里没有能用的电话、邮箱或网址。", "The {what} holds no phone number, e-mail or https address that could be used."},
		[2]string{"写上至少一个打得通的电话、邮箱或 https 网址。", "Give at least one phone number, e-mail address or https address that works."},
	},
	"privacy_missing": {
		Violation,
		[2]string{"没有隐私保护说明。", "The privacy statement is missing."},
		[2]string{"填写说明的 https 链接，或者直接写说明文字。", "Give an https link to the statement, or write the statement itself."},
	},
	"privacy_url": {
		Violation,
		[2]string{"隐私保护说明的链接不是完整的 https 地址。", "The link to the privacy statement is not a whole https address."},
		[2]string{"换成以 https:// 开头、打得开的网址。", "Use an address that begins with https:// and opens."},
	},
	"retention_missing": {
		Violation,
		[2]string{"没有写明保存多久。", "It is not said how long leads are kept."},
		[2]string{"按实际需要填写保存天数，1 到 {max} 天。", "Set the days that the purpose really needs, 1 to {max}."},
	},
	"retention_long": {
		Violation,
		[2]string{"保存时间超过 {max} 天（三年）。", "Leads are kept longer than {max} days (three years)."},
		[2]string{"缩短到目的所需的天数，最多 {max} 天。", "Shorten it to what the purpose needs, at most {max} days."},
	},
	"recipients_differ": {
		Violation,
		[2]string{"各语言列出的接收方数量不同。", "The languages list different numbers of recipients."},
		[2]string{"在每种语言里按同样的顺序列出同样的接收方。", "List the same recipients in the same order in every language."},
	},
	"recipient_unnamed": {
		Review,
		[2]string{"信息会给别人，却没有写明给谁。", "Information is passed on without saying to whom."},
		[2]string{"在接收方中写出每一家的名称、联系方式和用途，用户将对每一家单独同意。", "List each recipient by name with contact and purpose; the person consents to each separately."},
	},
	"phone_missing": {
		Violation,
		[2]string{"没有手机号这一项，就不是留资。", "Without a phone number there is no lead."},
		[2]string{"加上一个类型为 phone 的必填项。", `Add one required field of kind "phone".`},
	},
	"phone_twice": {
		Violation,
		[2]string{"手机号问了不止一次。", "More than one phone number is asked for."},
		[2]string{"只保留一个手机号项。", "Keep one phone field."},
	},
	"phone_optional": {
		Violation,
		[2]string{"手机号标成了选填，实际上不填就不能提交。", "The phone number is marked optional, but nothing can be sent without it."},
		[2]string{"把手机号标为必填；不想留的用户可以关闭表单。", "Mark it required; who does not want to leave it can close the form."},
	},
	"verification_missing": {
		Violation,
		[2]string{"没有说明号码是否要验证。", "It is not said whether numbers are verified."},
		[2]string{"选择 verified（短信验证）或 typed（按填写内容）。", `Choose "verified" (by a code) or "typed" (as entered).`},
	},
	"required_unsaid": {
		Violation,
		[2]string{"没有说明这一项是必填还是选填。", "It is not said whether this field is required or optional."},
		[2]string{"明确选择必填或选填；拿不准就选填。", "Say required or optional; if in doubt, optional."},
	},
	"choices_few": {
		Violation,
		[2]string{"选择项少于两个选项。", "There are fewer than two choices to choose from."},
		[2]string{"至少写两个选项，或者改用其他类型。", "Write at least two choices, or use another kind of field."},
	},
	"hint_missing": {
		Violation,
		[2]string{"这一项有格式要求，却没有事先说明。", "This field has a format that is not explained beforehand."},
		[2]string{"在填写提示或格式说明里写出格式，例如“11 位手机号”。", `Say the format in the hint or the format text, for example "11 digits".`},
	},
	"error_without_fix": {
		Review,
		[2]string{"错误提示只说错了，没有说怎样改。", "The error text says that something is wrong and not how to put it right."},
		[2]string{"写出怎样改，例如“请填写 11 位手机号”。", `Say what to do, for example "Please enter 11 digits".`},
	},
	"fields_too_many": {
		Violation,
		[2]string{"问题太多：{have} 个，最多 {max} 个。", "There are too many fields: {have} of at most {max}."},
		[2]string{"只保留联系用户所必需的问题，其余在联系时再问。", "Keep what is needed to contact the person; ask the rest when you do."},
	},
	"fields_many": {
		Review,
		[2]string{"问题偏多：{have} 个，建议不超过 {max} 个。", "There are many fields: {have}, better at most {max}."},
		[2]string{"去掉可以在联系时再问的问题。", "Drop what can be asked when you contact the person."},
	},
	"more_than_needed": {
		Review,
		[2]string{"这一项联系用户时未必需要，却是必填。", "This field is required although contacting the person may not need it."},
		[2]string{"改为选填，或者在目的里说明为什么必需。", "Make it optional, or say in the purpose why it is needed."},
	},
	"order_required": {
		Review,
		[2]string{"必填项排在选填项后面。", "A required field stands after an optional one."},
		[2]string{"把必填项移到前面。", "Move required fields to the front."},
	},
	"order_name": {
		Review,
		[2]string{"称呼和手机号没有排在一起。", "Name and phone number do not stand together."},
		[2]string{"把称呼移到手机号旁边。", "Move the name beside the phone number."},
	},
	"order_phone": {
		Review,
		[2]string{"手机号夹在其他问题中间。", "The phone number stands in the middle of other questions."},
		[2]string{"把手机号放在最前或最后。", "Put the phone number first or last."},
	},
	"sensitive_question": {
		Violation,
		[2]string{"这一项涉及敏感个人信息：{what}。", "This field asks for sensitive personal information: {what}."},
		[2]string{"去掉这一项。留资只需要联系方式；确有必要的，请在建立服务关系后另行取得单独同意。", "Remove it. A lead needs contact details only; what is truly necessary can be asked later, with a separate consent."},
	},
	"use_login": {
		Violation,
		[2]string{"这段文字把留资用于账号登录或注册。", "This text uses the lead for login or for opening an account."},
		[2]string{"去掉登录、注册账号的说法；线索组件只能用来留下联系方式。", "Drop login and accounts; a lead component is only for leaving contact details."},
	},
	"use_binding": {
		Violation,
		[2]string{"这段文字把留资用于账户绑定。", "This text uses the lead to bind an account."},
		[2]string{"去掉绑定的说法；绑定请在账户设置里进行。", "Drop the binding; do that in the account settings."},
	},
	"use_order": {
		Violation,
		[2]string{"这段文字把留资用于下单或支付。", "This text uses the lead to order or to pay."},
		[2]string{"去掉下单、支付的说法；订单请在订单页面提交。", "Drop ordering and paying; orders have pages of their own."},
	},
	"use_benefit": {
		Violation,
		[2]string{"这段文字用权益换取用户的授权。", "This text gives a benefit in exchange for the authorisation."},
		[2]string{"不要以留下手机号为条件发放红包、优惠券、会员等权益。按钮写“立即获取优惠”、由工作人员介绍优惠内容是可以的。", "Do not make coupons, gifts or membership depend on leaving a number. A button such as 立即获取优惠 (get the offer), with staff explaining the offer, is fine."},
	},
	"trigger_unclear": {
		Review,
		[2]string{"从按钮文字看不出点了会发生什么。", "The trigger label does not say what a tap will do."},
		[2]string{"写明要做的事，例如“免费咨询”“免费报名”“立即获取优惠”。", `Say what for, for example "Free consultation", "Register" or "Get the offer".`},
	},
	"consent_assumed": {
		Violation,
		[2]string{"这段文字把别的动作当作同意。", "This text takes something else for consent."},
		[2]string{"去掉“视为同意”一类的说法；同意由用户自己勾选。", `Drop phrases such as "by continuing you agree"; people consent by ticking the box themselves.`},
	},
	"forced": {
		Violation,
		[2]string{"这段文字以留下信息作为使用服务的条件。", "This text makes leaving information the condition for using the service."},
		[2]string{"不留信息也要能浏览和使用；去掉这个条件。", "The page must work without it; drop the condition."},
	},
	"hurries": {
		Review,
		[2]string{"这段文字在催促用户。", "This text hurries people."},
		[2]string{"去掉“仅剩”“马上失效”一类的说法，让用户从容决定。", `Drop phrases such as "only 3 left"; let people decide in their own time.`},
	},
}
