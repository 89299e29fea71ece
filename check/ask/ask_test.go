package ask

import (
	"context"
	"strings"
	"testing"

	"clew/check/program"
	"clew/check/source"
	"clew/finding"

	"golang.org/x/tools/txtar"
)

// pageOf is the first page of a project. kind is wxml, vue or tsx.
func pageOf(t *testing.T, kind, template, script string) *program.Page {
	t.Helper()
	var files string
	switch kind {
	case "wxml":
		files = "-- app.json --\n{ \"pages\": [\"pages/a/a\"] }\n-- project.config.json --\n{ \"appid\": \"tt0000000000000000\" }\n-- pages/a/a.wxml --\n" +
			template + "\n-- pages/a/a.js --\nPage({ " + script + " })\n"
	case "vue":
		files = "-- pages.json --\n{ \"pages\": [{ \"path\": \"pages/a/a\" }] }\n-- manifest.json --\n{ \"mp-weixin\": { \"appid\": \"wx0000000000000000\" } }\n-- pages/a/a.vue --\n<template><view>" +
			template + "</view></template>\n<script>\nexport default { " + script + " }\n</script>\n"
	case "tsx":
		files = "-- package.json --\n{ \"dependencies\": { \"@tarojs/taro\": \"3.6.0\", \"react\": \"18.0.0\" } }\n-- src/app.config.ts --\nexport default { pages: ['pages/a/index'] }\n-- src/pages/a/index.tsx --\n" +
			"import { View, Input, Button, Form } from '@tarojs/components'\nimport { useState } from 'react'\nimport Taro from '@tarojs/taro'\nexport default function A() {\n" + script + "\nreturn <View>" + template + "</View>\n}\n"
	}
	fsys, err := txtar.FS(txtar.Parse([]byte(files)))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := source.Load(context.Background(), fsys, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pr := range tree.Projects {
		for _, u := range pr.Units {
			if strings.Contains(u.Main().Path, "pages/a/") {
				target := source.Platform("")
				if list := pr.Targets(); len(list) > 0 {
					target = list[0]
				}
				return program.New(pr, target, program.Own{}).Page(u)
			}
		}
	}
	t.Fatal("no page")
	return nil
}

func TestPhoneFields(t *testing.T) {
	for _, c := range []struct {
		kind, template string
		want           bool
	}{
		{"wxml", `<input placeholder="请输入手机号"/>`, true},
		{"wxml", `<input type="number" maxlength="11" placeholder="手机号码" bindinput="p"/>`, true},
		{"wxml", `<input placeholder="您的联系电话"/>`, true},
		{"wxml", `<input placeholder="联系方式"/>`, true},
		{"wxml", `<input placeholder="请輸入手機"/>`, true},
		{"wxml", `<input name="phone"/>`, true},
		{"wxml", `<input name="userPhone" placeholder="必填"/>`, true},
		{"wxml", `<input name="mobile_no"/>`, true},
		{"wxml", `<input value="{{form.tel}}"/>`, true},
		{"wxml", `<input value="{{telephone}}" bindinput="x"/>`, true},
		{"wxml", `<input data-name="mobile" bindinput="x"/>`, true},
		{"wxml", `<input bindinput="onPhoneInput"/>`, true},
		{"wxml", `<input name="shouji"/>`, true},
		{"wxml", `<view><view>手机号</view><input placeholder="请输入" name="v"/></view>`, true},
		{"wxml", `<label>手机号<input/></label>`, true},
		{"wxml", `<view><view><text>姓名</text><input name="a"/></view><view><text>手机号</text><input name="b"/></view></view>`, true},
		{"wxml", `<view><view>请留下手机号，我们会联系您：</view><view><text>姓名</text><input name="a"/></view></view>`, false},
		{"wxml", `<van-field label="手机号" placeholder="请填写"/>`, true},
		{"wxml", `<van-field label="电话" name="x"/>`, true},
		{"vue", `<u-input v-model="form.phone" placeholder="必填"/>`, true},
		{"vue", `<uni-easyinput v-model="mobile"/>`, true},
		{"vue", `<u-form-item label="手机号"><u-input v-model="v"/></u-form-item>`, true},
		{"vue", `<input v-model="ruleForm.cellphone"/>`, true},
		{"vue", `<el-input v-model="f.a" placeholder="手机"/>`, true},
		{"tsx", `<Input placeholder='请输入手机号' />`, true},
		{"tsx", `<Input name='phone' />`, true},
		{"tsx", `<Input type='tel' />`, true},
		{"tsx", `<input type="tel" />`, true},

		{"wxml", `<input placeholder="请输入姓名"/>`, false},
		{"wxml", `<input placeholder="请输入验证码" type="number"/>`, false},
		{"wxml", `<input placeholder="手机验证码" type="number"/>`, false},
		{"wxml", `<input placeholder="搜索手机"/>`, false},
		{"wxml", `<input placeholder="手机品牌"/>`, false},
		{"wxml", `<input placeholder="手机号" confirm-type="search"/>`, false},
		{"wxml", `<input placeholder="请输入微信号"/>`, false},
		{"wxml", `<input name="smsCode"/>`, false},
		{"wxml", `<input name="title" placeholder="标题"/>`, false},
		{"wxml", `<input placeholder="客服电话"/>`, false},
		{"wxml", `<input placeholder="座机"/>`, false},
		{"wxml", `<input name="hotel"/>`, false},
		{"wxml", `<input name="excellent" placeholder="评价"/>`, false},
		{"wxml", `<text>手机号</text>`, false},
		{"wxml", `<button>手机号</button>`, false},
		{"wxml", `<checkbox name="phone"/>`, false},
		{"vue", `<input v-model="email" placeholder="邮箱"/>`, false},
		{"vue", `<textarea v-model="remark" placeholder="留言"/>`, false},
	} {
		pg := pageOf(t, c.kind, c.template, "")
		got := false
		for _, a := range Of(pg) {
			got = got || a.Field != nil
		}
		if got != c.want {
			t.Errorf("%s: asks for a number: %v, want %v", c.template, got, c.want)
		}
	}
}

func TestFieldFacts(t *testing.T) {
	for _, c := range []struct {
		template         string
		key, hint, label string
		closed           bool
	}{
		{`<input name="phone" placeholder="11 位手机号"/>`, "phone", "11 位手机号", "", false},
		{`<input value="{{form.phone}}" disabled/>`, "form.phone", "", "", true},
		{`<input value="{{phone}}" disabled="{{true}}" placeholder="点按钮获取手机号"/>`, "phone", "点按钮获取手机号", "", true},
		{`<input value="{{phone}}" disabled="{{locked}}"/>`, "phone", "", "", false},
		{`<view><text>手机号</text><input value="{{phone}}"/></view>`, "phone", "", "手机号", false},
		{`<input value="{{phone}}" placeholder="{{tip}}"/>`, "phone", "", "", false},
	} {
		asks := Of(pageOf(t, "wxml", c.template, ""))
		if len(asks) != 1 || asks[0].Field == nil {
			t.Errorf("%s: %d questions", c.template, len(asks))
			continue
		}
		f := asks[0].Field
		if f.Key != c.key || f.Hint != c.hint || f.Label != c.label || f.Closed != c.closed {
			t.Errorf("%s: key %q hint %q label %q closed %v", c.template, f.Key, f.Hint, f.Label, f.Closed)
		}
	}
}

// TestQuestions tells how many questions a page asks, and what each is made of.
func TestQuestions(t *testing.T) {
	const button = `<button open-type="getPhoneNumber" bindgetphonenumber="got">授权</button>`
	const script = `data: { phone: '', open: false }, got(e) { tt.request({ url: '/api/got', data: e.detail }) }, send() { tt.request({ url: '/api/lead' }) }, close() {}`
	for _, c := range []struct {
		name, kind, template, script string
		want                         []string
	}{
		{"a button", "wxml", button, script, []string{"general-phone submits=授权 granted"}},
		{"a button that nobody answers", "wxml", `<button open-type="getPhoneNumber">授权</button>`, script, []string{"general-phone"}},
		{"a button and a field of one form", "wxml", `<form bindsubmit="send"><input name="phone"/>` + button + `<button form-type="submit">提交</button></form>`, script, []string{"general-phone field submits=授权,提交 form granted fields=1"}},
		{"a button beside a field", "wxml", `<view><view><input value="{{phone}}" placeholder="手机号"/></view>` + button + `</view>`, script, []string{"general-phone field submits=授权 granted fields=1"}},
		{"two forms", "wxml", `<form bindsubmit="send"><input name="phone"/></form><form bindsubmit="send"><input name="mobile"/></form>`, script, []string{"typed-form field submits= form fields=1", "typed-form field submits= form fields=1"}},
		{"a form with more fields", "wxml", `<form bindsubmit="send"><input name="name"/><input name="phone"/><checkbox/><button form-type="submit">预约</button></form>`, script, []string{"typed-form field submits=预约 form fields=2"}},
		{"no form", "wxml", `<input value="{{phone}}" placeholder="手机号"/><view bindtap="send">立即预约</view><view bindtap="close">返回</view>`, script, []string{"typed-form field submits=立即预约 fields=1"}},
		{"a dialog", "wxml", `<view class="mask" style="position:fixed;top:0;left:0;right:0;bottom:0" tt:if="{{open}}"><input placeholder="手机号"/><button bindtap="send">提交</button></view><input placeholder="姓名"/>`, script, []string{"typed-form field submits=提交 dialog fields=1"}},
		{"a page behind a dialog", "wxml", `<input placeholder="手机号"/><button bindtap="send">提交</button><van-popup show="{{open}}"><input placeholder="姓名"/><button bindtap="close">确定</button></van-popup>`, script, []string{"typed-form field submits=提交 fields=1"}},
		{"the lead form", "wxml", `<form clue-component-id="c1" conversion-target="1" bindsubmit="send"><input clue-type="1"/><button form-type="submit">提交</button></form>`, script, []string{"clue-form field submits=提交 form fields=1"}},
		{"the lead form, camel", "vue", `<form clueComponentId="c1" :conversionTarget="1" @submit="send"><input :clueType="1"/><button form-type="submit">提交</button></form>`, `methods: { send() {} }`, []string{"clue-form field submits=提交 form fields=1"}},
		{"the lead form, bound", "vue", `<form :clue-component-id="id" conversion-target="1" @submit="send"><input placeholder="手机号"/><button form-type="submit">提交</button></form>`, `data() { return { id: 'c1' } }, methods: { send() {} }`, []string{"clue-form field submits=提交 form fields=1"}},
		{"the lead form around a button", "wxml", `<form clue-component-id="c1">` + button + `</form>`, script, []string{"clue-form submits=授权 form granted"}},
		{"JSX", "tsx", `<Input placeholder='手机号' onInput={e => setPhone(e.detail.value)} /><Button openType='getPhoneNumber' onGetPhoneNumber={got}>授权</Button><Button onClick={send}>提交</Button>`, "const [phone, setPhone] = useState('')\nconst got = e => Taro.request({ url: '/api/got', data: e.detail })\nconst send = () => Taro.request({ url: '/api/lead', data: { phone } })", []string{"general-phone field submits=授权,提交 granted fields=1"}},
		{"uni-app's spelling", "vue", `<button open-type="getPhoneNumber" @getphonenumber="got">授权</button>`, `methods: { got(e) {} }`, []string{"general-phone submits=授权 granted"}},
		{"Alipay's spelling", "vue", `<button open-type="getAuthorize" scope="phoneNumber" @getAuthorize="got">授权</button>`, `methods: { got(e) {} }`, []string{"general-phone submits=授权 granted"}},
		{"an authorisation of something else", "vue", `<button open-type="getAuthorize" scope="userInfo" @getAuthorize="got">授权</button>`, `methods: { got(e) {} }`, nil},
		{"another open type", "wxml", `<button open-type="share">分享</button><button open-type="contact">客服</button>`, script, nil},
		{"an open type that is decided", "wxml", `<button open-type="{{phone ? '' : 'getPhoneNumber'}}" bindgetphonenumber="got">登录</button>`, script, []string{"general-phone submits=登录 granted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, a := range Of(pageOf(t, c.kind, c.template, c.script)) {
				got = append(got, summary(a))
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func summary(a *Ask) string {
	var b strings.Builder
	b.WriteString(map[finding.Capability]string{finding.ClueForm: "clue-form", finding.GeneralPhone: "general-phone", finding.TypedForm: "typed-form"}[a.Capability()])
	if a.Field != nil {
		b.WriteString(" field")
	}
	if len(a.Submits) > 0 {
		var words []string
		for _, s := range a.Submits {
			words = append(words, s.Words)
		}
		b.WriteString(" submits=" + strings.Join(words, ","))
	}
	if a.Form != nil {
		b.WriteString(" form")
	}
	if a.Dialog != nil {
		b.WriteString(" dialog")
	}
	if a.Grant != nil {
		b.WriteString(" granted")
	}
	if n := len(a.Fields); n > 0 {
		b.WriteString(" fields=" + string(rune('0'+n)))
	}
	return b.String()
}
