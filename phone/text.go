package phone

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"clew/words"
)

// maxBrand is what fits beside the code in one SMS, in characters.
const maxBrand = 20

// Text is the message: who it is from, the code, how long it holds, and that it
// is for nobody else. Brands lose what could pass for another message.
func Text(lang words.Lang, brand, code string, life time.Duration) string {
	minutes := strconv.Itoa(max(1, int(life/time.Minute)))
	brand = cleanBrand(brand)
	if lang == words.EN {
		if brand != "" {
			brand = "[" + brand + "] "
		}
		return brand + code + " is your code. It is valid for " + minutes +
			" minutes and only confirms the number you are leaving. Do not pass it on to anyone."
	}
	if brand != "" {
		brand = "【" + brand + "】"
	}
	return brand + "验证码 " + code + "，" + minutes + " 分钟内有效，仅用于核实您所留的手机号。请勿转告他人。"
}

func cleanBrand(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), strings.ContainsRune("[]【】", r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if runes := []rune(s); len(runes) > maxBrand {
		s = string(runes[:maxBrand])
	}
	return strings.TrimSpace(s)
}
