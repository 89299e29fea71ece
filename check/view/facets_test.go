package view

import (
	"slices"
	"testing"

	"clew/check/code"
)

func TestAsksPhone(t *testing.T) {
	for src, want := range map[string]bool{
		`<button open-type="getPhoneNumber"/>`:                                        true,
		`<button openType="getPhoneNumber"/>`:                                         true,
		`<van-button open-type="getRealtimePhoneNumber"/>`:                            true,
		`<button open-type="{{ok ? 'getPhoneNumber' : ''}}"/>`:                        true,
		`<button open-type="{{ok ? '' : 'getPhoneNumber'}}" bindgetphonenumber="f"/>`: true,
		`<button open-type="{{what}}" bindgetphonenumber="f"/>`:                       true,
		`<button open-type="{{what}}"/>`:                                              false,
		`<button open-type="share" bindgetphonenumber="f"/>`:                          false,
		`<button open-type="getAuthorize" scope="phoneNumber" onGetAuthorize="f"/>`:   true,
		`<button open-type="getAuthorize" scope="userInfo"/>`:                         false,
		`<button bindgetphonenumber="f"/>`:                                            false,
		`<phone-button bindgetphonenumber="f"/>`:                                      true,
		`<view/>`:                                                                     false,
	} {
		at, ok := mini(src)[0].AsksPhone()
		if ok != want || ok && at.Len() == 0 {
			t.Errorf("%s: %v", src, ok)
		}
	}
	for src, want := range map[string]bool{
		`const P = () => <Button openType="getPhoneNumber"/>`:            true,
		`const P = () => <Button openType={x ? 'getPhoneNumber' : ''}/>`: true,
		`const P = () => <Button {...rest} onGetPhoneNumber={f}/>`:       true,
		`const P = () => <Button openType="contact"/>`:                   false,
	} {
		if _, ok := jsx(t, src)[0].AsksPhone(); ok != want {
			t.Errorf("%s: %v", src, ok)
		}
	}
	if ability, _, computed := mini(`<button open-type="{{ok ? 'getPhoneNumber' : 'contact'}}"/>`)[0].OpenType(); ability != "getphonenumber" || !computed {
		t.Error(ability, computed)
	}
	if ability, _, computed := vue(`<button :open-type="'getPhoneNumber'"/>`)[0].OpenType(); ability != "getphonenumber" || computed {
		t.Error(ability, computed)
	}
}

func TestClue(t *testing.T) {
	roots := mini(`<view><form clue-component-id="{{id}}" conversion-target="1"><input clueType="1"/></form><input/></view>`)
	input := first(t, roots, "input")
	if f := input.ClueForm(); f == nil || f.Name != "form" || input.Form() != f {
		t.Error("no form")
	}
	component, conversion, _ := first(t, roots, "form").ClueMarks()
	if component == nil || component.Expr == nil || conversion == nil || conversion.Value != "1" {
		t.Error(component, conversion)
	}
	if input.FieldKind() != FieldPhone || roots[0].ClueForm() != nil {
		t.Error("kind")
	}
}

func TestFieldKind(t *testing.T) {
	for src, want := range map[string]FieldKind{
		`<input/>`:                                 FieldText,
		`<input type="number" maxlength="11"/>`:    FieldPhone,
		`<input type="number"/>`:                   FieldNumber,
		`<input placeholder="请输入手机号"/>`:            FieldPhone,
		`<input placeholder="请输入手机验证码"/>`:          FieldCode,
		`<input placeholder="请输入姓名" type="text"/>`: FieldText,
		`<input name="userPhone"/>`:                FieldPhone,
		`<input name="verify_code"/>`:              FieldCode,
		`<input name="hotel"/>`:                    FieldText,
		`<input name="inviteCode"/>`:               FieldText,
		`<input name="code"/>`:                     FieldCode,
		`<input bindinput="bindMobile"/>`:          FieldPhone,
		`<input value="{{form.phone}}"/>`:          FieldPhone,
		`<input password/>`:                        FieldPassword,
		`<input password="{{false}}"/>`:            FieldText,
		`<input type="checkbox"/>`:                 FieldCheck,
		`<input type="submit"/>`:                   FieldNone,
		`<textarea/>`:                              FieldText,
		`<van-field label="电话"/>`:                  FieldPhone,
		`<u--input/>`:                              FieldText,
		`<uni-easyinput/>`:                         FieldText,
		`<AtInput type="phone"/>`:                  FieldPhone,
		`<nut-input/>`:                             FieldText,
		`<el-input/>`:                              FieldText,
		`<picker mode="date"/>`:                    FieldDate,
		`<picker/>`:                                FieldChoice,
		`<u-checkbox/>`:                            FieldCheck,
		`<radio/>`:                                 FieldRadio,
		`<van-switch/>`:                            FieldSwitch,
		`<van-uploader/>`:                          FieldUpload,
		`<uni-datetime-picker/>`:                   FieldDate,
		`<view/>`:                                  FieldNone,
		`<radio-group/>`:                           FieldNone,
	} {
		if got := mini(src)[0].FieldKind(); got != want {
			t.Errorf("%s: %d, want %d", src, got, want)
		}
	}
}

func TestIsCheck(t *testing.T) {
	for src, want := range map[string]bool{
		`<checkbox/>`:                   true,
		`<van-checkbox value="{{a}}"/>`: true,
		`<switch/>`:                     true,
		`<image src="/img/{{agree ? 'gou' : 'kong'}}.png"/>`:                  true,
		`<image src="{{agree ? a : b}}" bindtap="f"/>`:                        true,
		`<image src="/img/check.png" bindtap="f"/>`:                           true,
		`<image src="/img/check.png"/>`:                                       false,
		`<view class="radio {{on ? 'active' : ''}}"/>`:                        true,
		`<view class="select-city" bindtap="f">北京</view>`:                     false,
		`<view class="agree" bindtap="f">我已阅读</view>`:                         false,
		`<image class="logo" src="a.png" bindtap="f"/>`:                       false,
		`<view class="tick" bindtap="f"><text wx:if="{{on}}">√</text></view>`: true,
		`<uni-icons type="{{agreed ? 'checkbox-filled' : 'circle'}}"/>`:       true,
		`<image wx:if="{{isAgree}}" src="1.png"/>`:                            true,
	} {
		if got := mini(src)[0].IsCheck(); got != want {
			t.Errorf("%s: %v", src, got)
		}
	}
	row := mini(`<view bindtap="toggle"><image class="xuan" src="{{src}}"/><text>我已阅读并同意</text></view>`)
	if e := first(t, row, "image"); !e.IsCheck() {
		t.Error("the box of a tapped row")
	}
	if row[0].IsCheck() {
		t.Error("the row itself")
	}
	if e := jsx(t, `const P = () => <Image className={classNames('box', { checked: agree })} />`)[0]; !e.IsCheck() {
		t.Error("JSX")
	}
}

func TestWords(t *testing.T) {
	e := mini(`<view>点击<text>即&nbsp;表示</text>{{name}}<!-- 不 --><input placeholder="手机"/><view>{{a ? '已同意' : '同意'}}</view></view>`)[0]
	if got := e.Words(); got != "点击即 表示\uFFFC \uFFFC已同意\uFFFC同意\uFFFC" {
		t.Errorf("%q", got)
	}
	if got := e.OwnWords(); got != "点击\uFFFC" {
		t.Errorf("%q", got)
	}
	if got := e.TextsWithAttrs(); got != "点击即 表示\uFFFC 手机 \uFFFC已同意\uFFFC同意\uFFFC" {
		t.Errorf("%q", got)
	}
}

func TestRow(t *testing.T) {
	roots := mini(`<form><view class="r1"><text>姓名<text>*</text></text><view><input id="n"/></view></view><van-field id="f" label="电话"/>
<view class="flat"><text>城市</text><input id="c"/><text>年龄</text><input id="a"/></view>
<view class="g"><text>性别</text><radio-group><label><radio id="m"/>男</label><label><radio/>女</label></radio-group></view></form>`)
	for id, want := range map[string]string{"n": "r1|姓名*", "f": "|电话", "c": "|城市", "a": "|年龄"} {
		for e := range All(roots) {
			if e.Ref == id {
				class, _ := e.Row().Static("class")
				if got := class + "|" + e.Label(); got != want {
					t.Errorf("%s: %s, want %s", id, got, want)
				}
			}
		}
	}
}

func TestClasses(t *testing.T) {
	e := jsx(t, "import s from './a.scss'\nconst P = () => <View className={cx('a', x && 'b', { c: y }, s.d)} />")[0]
	written, possible := e.Classes()
	if !slices.Equal(written, []string{"a", "d"}) || !slices.Equal(possible, []string{"b", "c"}) {
		t.Error(written, possible)
	}
	e = vue(`<a class="x y" :class="[k ? 'b' : '', 'z', {q: w}]"/>`)[0]
	written, possible = e.Classes()
	if !slices.Equal(written, []string{"x", "y", "z"}) || !slices.Equal(possible, []string{"b", "q"}) {
		t.Error(written, possible)
	}
}

func TestKind(t *testing.T) {
	for name, want := range map[string]string{
		"van-popup": "popup", "AtFloatLayout": "float-layout", "u--input": "input", "NutPopup": "popup", "CoverView": "cover-view", "Form.Item": "form-item",
		"view": "view", "el-dialog": "dialog", "mp-halfScreenDialog": "half-screen-dialog", "login-popup": "login-popup", "VanField": "field", "": "",
	} {
		if got := kindOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string][]string{
		"popupBox": {"popup", "box"}, "pop-up_1": {"pop", "up"}, "弹窗": {"弹窗"}, "HTMLBox": {"html", "box"}, "": nil,
	} {
		if got := wordsOf(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestEvents(t *testing.T) {
	e := vue(`<a @tap.self="f" @update:show="g($event)"/>`)[0]
	if ev, ok := e.On("tap"); !ok || !ev.Stop || ev.Handler.Kind != code.Global {
		t.Error("tap")
	}
	if ev, ok := e.On("update:show"); !ok || ev.Func == nil || len(ev.Func.Ops) != 1 {
		t.Error("update")
	}
}
