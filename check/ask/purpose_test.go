package ask_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"clew/check/ask"
	"clew/check/program"
	"clew/check/source"
)

// uses tells what becomes of each number that a page of a WeChat project asks for.
func uses(t *testing.T, template, script string, more ...string) []ask.Use {
	t.Helper()
	fs := fstest.MapFS{
		"app.json":           {Data: []byte(`{ "pages": ["pages/one/one"] }`)},
		"pages/one/one.wxml": {Data: []byte(template)},
		"pages/one/one.js":   {Data: []byte(script)},
	}
	for i := 0; i+1 < len(more); i += 2 {
		fs[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	tree, err := source.Load(context.Background(), fs, source.Options{})
	if err != nil || len(tree.Projects) != 1 {
		t.Fatalf("%v, %d projects", err, len(tree.Projects))
	}
	var list []ask.Use
	p := program.New(tree.Projects[0], "", program.Own{})
	for _, u := range tree.Projects[0].Units {
		for _, a := range ask.Of(p.Page(u)) {
			list = append(list, a.Use())
		}
	}
	return list
}

const button = `<button open-type="getPhoneNumber" bindgetphonenumber="got">好</button>`

func TestUse(t *testing.T) {
	field := `<form bindsubmit="send"><input name="phone" placeholder="请输入手机号" /><button form-type="submit">提交</button></form>`
	cases := []struct {
		name, template, script string
		more                   []string
		want                   ask.Purpose
		sure, mixed            bool
	}{
		{
			name:     "the address decides, not the label",
			template: `<button open-type="getPhoneNumber" bindgetphonenumber="got">手机号登录</button>`,
			script:   `Page({ got(e) { wx.request({ url: base + '/house/reserve', method: 'POST', data: { sealed: e.detail.encryptedData } }) } })`,
			want:     ask.Lead, sure: true,
		},
		{
			name:     "the answer is kept as a session",
			template: button,
			script:   `Page({ got(e) { wx.request({ url: '/open/number', data: e.detail, success(res) { wx.setStorageSync('token', res.data.t) } }) } })`,
			want:     ask.Login, sure: true,
		},
		{
			name:     "decrypted first, then sent: the second request decides",
			template: button,
			script: `Page({ got(e) {
				wx.request({ url: '/open/decrypt', data: e.detail, success: (res) => this.bind(res.data.number) })
			}, bind(number) { wx.request({ url: '/user/updateMobile', data: { number } }) } })`,
			want: ask.Binding, sure: true,
		},
		{
			name:     "kept in the storage in between",
			template: button,
			script: `Page({ got(e) { wx.setStorageSync('sealed', e.detail); this.next() },
				next() { const s = wx.getStorageSync('sealed'); wx.request({ url: '/member/register', data: { s } }) } })`,
			want: ask.Login, sure: true,
		},
		{
			name:     "the button only fills the field, the form is a lead",
			template: `<form bindsubmit="send"><input name="phone" value="{{phone}}" placeholder="请输入手机号" />` + button + `<button form-type="submit">预约看房</button></form>`,
			script: `Page({ data: { phone: '' },
				got(e) { wx.request({ url: '/login/getUserInfo', data: e.detail, success: (res) => this.setData({ phone: res.data.phone }) }) },
				send(e) { wx.request({ url: '/house/appointment', method: 'POST', data: e.detail.value }) } })`,
			want: ask.Lead, sure: true,
		},
		{
			name:     "another module, behind a promise",
			template: button,
			script: `import { bindPhone } from '../../api/user.js'
				Page({ async got(e) { await bindPhone({ code: e.detail.code }) } })`,
			more: []string{
				"api/user.js", `import { post } from './http.js'
				export const bindPhone = (data) => post('/u/p', data)`,
				"api/http.js", `export function post(url, data) {
					return new Promise((done) => wx.request({ url: 'https://api.example.com' + url, method: 'POST', data, success: done })) }`,
			},
			want: ask.Binding, sure: true,
		},
		{
			name:     "a wrapper that renews the session says nothing of a lead",
			template: field,
			script: `const { post } = require('../../http.js')
				Page({ send(e) { post('/consult/add', e.detail.value) } })`,
			more: []string{"http.js", `exports.post = (url, data) => new Promise((done) => wx.request({ url, data, success(res) {
				wx.setStorageSync('token', res.header.token); done(res.data) } }))`},
			want: ask.Lead, sure: true,
		},
		{
			name:     "an order that is paid",
			template: field,
			script:   `Page({ send(e) { wx.request({ url: '/order/create', data: e.detail.value, success: (res) => wx.requestPayment(res.data) }) } })`,
			want:     ask.Order, sure: true,
		},
		{
			name:     "an order that nobody pays may be a booking",
			template: field,
			script:   `Page({ send(e) { wx.request({ url: '/order/create', data: e.detail.value }) } })`,
			want:     ask.Order,
		},
		{
			name:     "registering for an event is a lead",
			template: field,
			script:   `Page({ send(e) { wx.request({ url: '/activity/register', data: e.detail.value }) } })`,
			want:     ask.Lead, sure: true,
		},
		{
			name:     "an exchange that the field itself names",
			template: `<input placeholder="输入手机号领取红包" bindinput="typed" /><button bindtap="send">确定</button>`,
			script:   `Page({ typed(e) { this.setData({ n: e.detail.value }) }, send() { wx.request({ url: '/x/y', data: { n: this.data.n } }) } })`,
			want:     ask.Benefit, sure: true,
		},
		{
			name:     "a lead and a login at once",
			template: button,
			script: `Page({ got(e) {
				wx.request({ url: '/login', data: e.detail, success: (res) => wx.setStorageSync('token', res.data.token) })
				wx.request({ url: '/leads', data: e.detail }) } })`,
			want: ask.Login, mixed: true,
		},
		{
			name:     "an address for parcels",
			template: field,
			script:   `Page({ send(e) { wx.request({ url: '/address/save', data: e.detail.value }) } })`,
			want:     ask.Other, sure: true,
		},
		{
			name:     "nothing is done with it",
			template: button,
			script:   `Page({ got(e) { console.log(e.detail) } })`,
			want:     ask.UnknownPurpose,
		},
		{
			name:     "logging in without a number is no evidence against the lead beside it",
			template: button,
			script: `Page({ got(e) { wx.login({ success: (r) => wx.request({ url: '/session', data: { code: r.code } }) })
				wx.request({ url: '/enquiry/add', data: { c: e.detail.code } }) } })`,
			want: ask.Lead, sure: true,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			list := uses(t, c.template, c.script, c.more...)
			if len(list) != 1 {
				t.Fatalf("%d questions, want 1", len(list))
			}
			u := list[0]
			if u.Purpose != c.want || u.Mixed != c.mixed || !u.Mixed && u.Sure != c.sure {
				t.Errorf("%s sure %v mixed %v, want %s %v %v\n%s", u.Purpose, u.Sure, u.Mixed, c.want, c.sure, c.mixed, evidence(u))
			}
		})
	}
}

func evidence(u ask.Use) string {
	var b strings.Builder
	for _, e := range u.Evidence {
		b.WriteString(e.Purpose.String() + " " + e.Word + "\n")
	}
	return b.String()
}

// The way must be told from the call that carries the number on.
func TestUseNamesTheCall(t *testing.T) {
	list := uses(t, button, `Page({ got(e) { this.send(e.detail.code) }, send(code) { wx.request({ url: '/user/login', data: { code } }) } })`)
	e := list[0].Evidence[0]
	if e.Effect == nil || e.Effect.Text != "/user/login" || e.Kind != ask.Sent {
		t.Errorf("%+v", e)
	}
}
