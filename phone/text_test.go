package phone

import (
	"strings"
	"testing"
	"time"

	"clew/words"
)

func TestText(t *testing.T) {
	for _, c := range []struct {
		lang  words.Lang
		brand string
		want  string
	}{
		{words.ZH, "甲公司", "【甲公司】验证码 012345，5 分钟内有效，仅用于核实您所留的手机号。请勿转告他人。"},
		{words.EN, "Acme", "[Acme] 012345 is your code. It is valid for 5 minutes and only confirms the number you are leaving. Do not pass it on to anyone."},
		{words.ZH, "", "验证码 012345，5 分钟内有效，仅用于核实您所留的手机号。请勿转告他人。"},
		{words.ZH, " 】\n【甲\u202e] ", "【甲】验证码 012345，5 分钟内有效，仅用于核实您所留的手机号。请勿转告他人。"},
	} {
		if got := Text(c.lang, c.brand, "012345", 5*time.Minute); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if got := Text(words.ZH, strings.Repeat("长", 50), "1", 0); strings.Count(got, "长") != maxBrand {
		t.Errorf("brand not cut: %s", got)
	}
}
