package ask

import "testing"

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name   string
		want   Purpose
		strong bool
		looks  bool
	}{
		{"loginByPhone", Login, true, false},
		{"checkLogin", UnknownPurpose, false, false},
		{"getRegisterReward", Benefit, false, false},
		{"updateUserMobile", Binding, true, false},
		{"bindPhoneInput", UnknownPurpose, false, false},
		{"bindTabs", UnknownPurpose, false, false},
		{"bindphone", Binding, true, false},
		{"getPhoneNumber", UnknownPurpose, false, true},
		{"decryptUserPhone", UnknownPurpose, false, true},
		{"addYuyue", Lead, true, false},
		{"preSignUp", Lead, true, false},
		{"createOrder", Order, false, false},
		{"unifiedOrder", Order, true, false},
		{"receiveCoupon", Benefit, true, false},
		{"updatePayPassword", Login, false, false},
		{"registerCourse", Lead, true, false},
		{"saveUserInfo", Binding, false, false},
		{"list", UnknownPurpose, false, false},
	} {
		r := read(c.name)
		if r.purpose != c.want || r.strong != c.strong || r.looks != c.looks {
			t.Errorf("%s: %s strong %v looks %v, want %s %v %v", c.name, r.purpose, r.strong, r.looks, c.want, c.strong, c.looks)
		}
	}
}

func TestHeard(t *testing.T) {
	for text, want := range map[string]Purpose{
		"手机号一键登录": Login, "立即绑定": Binding, "预约试驾": Lead, "立即获取优惠": UnknownPurpose, "输入手机号领取红包": Benefit, "去支付": Order, "提交": UnknownPurpose,
	} {
		if got, _ := heard(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("bindPhoneNumber")
	f.Add("…/api/V2/order?a=b")
	f.Add("领取")
	f.Fuzz(func(t *testing.T, s string) {
		read(s)
		heard(s)
		plainWord(s)
	})
}
