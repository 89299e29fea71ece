package ask

import (
	"context"
	"testing"
	"testing/fstest"

	"clew/check/program"
	"clew/check/source"
)

// formOf is the first form of a native page with that template and script.
func formOf(t *testing.T, template, script string) *Form {
	t.Helper()
	tree, err := source.Load(context.Background(), fstest.MapFS{
		"app.json":      {Data: []byte(`{ "pages": ["p/p"] }`)},
		"p/p.wxml":      {Data: []byte(template)},
		"p/p.js":        {Data: []byte(script)},
		"utils/look.js": {Data: []byte("exports.filled = (form) => {\n  if (!form.name) return false\n  return form.phone.length == 11\n}\n")},
	}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := program.New(tree.Projects[0], "", program.Own{})
	for _, u := range tree.Projects[0].Units {
		if u.Kind == source.PageUnit {
			if list := Forms(Of(p.Page(u))); len(list) > 0 {
				return list[0]
			}
		}
	}
	t.Fatal("no form")
	return nil
}

const twoFields = `<view>
  <view><text>姓名</text><input value="{{form.name}}" bindinput="name" placeholder="请输入姓名" /></view>
  <view><text>手机号</text><text class="star">*</text><input value="{{form.phone}}" bindinput="phone" placeholder="请输入手机号" /></view>
  <view><text>备注（选填）</text><input name="more" value="{{form.more}}" placeholder="想了解什么" /></view>
  <view><text>验证码</text><input name="code" value="{{code}}" placeholder="请输入验证码" /></view>
  <button bindtap="submit">立即预约</button>
</view>`

func TestMarks(t *testing.T) {
	f := formOf(t, twoFields, "Page({ data: { form: {} }, submit() {} })")
	want := []Mark{Unmarked, Required, Optional, Unmarked}
	if len(f.Questions) != len(want) {
		t.Fatalf("%d questions", len(f.Questions))
	}
	for i, q := range f.Questions {
		if q.Mark != want[i] {
			t.Errorf("%s: mark %d, want %d", q.Hint, q.Mark, want[i])
		}
	}
	if n := len(f.Asked()); n != 3 {
		t.Errorf("%d asked, want 3: a code is no answer about a person", n)
	}
	if !f.Marked() {
		t.Error("not marked")
	}
}

// TestDemands checks which empty answers a submit is known to refuse, by the way the
// refusal is written.
func TestDemands(t *testing.T) {
	const toast = "wx.showToast({ title: '请填写' })"
	for name, c := range map[string]struct {
		body        string
		name, phone bool
	}{
		"return":      {"if (!this.data.form.name) { " + toast + "; return }", true, false},
		"either":      {"if (!this.data.form.name || !this.data.form.phone) return " + toast, true, true},
		"both empty":  {"if (!this.data.form.name && !this.data.form.phone) return " + toast, false, false},
		"pattern":     {`if (!/^1\d{10}$/.test(this.data.form.phone)) return ` + toast, false, true},
		"only typed":  {`if (this.data.form.phone && !/^1\d{10}$/.test(this.data.form.phone)) return ` + toast, false, false},
		"length":      {"if (this.data.form.phone.length != 11) return " + toast, false, true},
		"trimmed":     {"if (this.data.form.name.trim() === '') return " + toast, true, false},
		"elsewhere":   {"if (!filled(this.data.form)) return " + toast, true, true},
		"conditional": {"if (this.data.loan) { if (!this.data.form.name) return " + toast + " }", false, false},
		"no return":   {"if (!this.data.form.name) " + toast, false, false},
		"else":        {"if (this.data.form.name) { send(this.data.form); return } else { " + toast + "; return }", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := formOf(t, twoFields, "const { filled } = require('../utils/look')\nconst send = (data) => wx.request({ url: 'https://api.example.com/x', data })\n"+
				"Page({ data: { form: {} }, submit() {\n"+c.body+"\nsend(this.data.form)\n} })")
			a := f.Answers()
			if got := len(f.Demands(a, f.Questions[0])) > 0; got != c.name {
				t.Errorf("name: %v, want %v", got, c.name)
			}
			if got := len(f.Demands(a, f.Questions[1])) > 0; got != c.phone {
				t.Errorf("phone: %v, want %v", got, c.phone)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	f := formOf(t, twoFields, `const away = require('not-here')
Page({ data: { form: {}, wrong: '' }, submit() {
  if (!this.data.form.name) return wx.showToast({ title: '请填写姓名' })
  this.setData({ 'form.more': '' })
  wx.request({ url: 'https://api.example.com/x', success: () => wx.showToast({ title: '预约成功' }) })
} })`)
	if len(f.Sends) != 1 {
		t.Fatalf("%d ways to send", len(f.Sends))
	}
	list, unseen := f.Messages(f.Sends[0].Trace)
	if len(list) != 2 || list[0].Kind != Refusal || list[1].Kind != Success || unseen {
		t.Errorf("%v, unseen %v", list, unseen)
	}
	f = formOf(t, twoFields, "const away = require('not-here')\nPage({ data: { form: {} }, submit() { away.send(this.data.form) } })")
	if list, unseen = f.Messages(f.Sends[0].Trace); len(list) > 0 || !unseen {
		t.Errorf("%v, unseen %v", list, unseen)
	}
}
