package phone

// fastCN recognises mainland mobile numbers without the library, which takes as
// long as storing a lead. It may only say yes where the library says the same;
// a differential test over random numbers holds it to that. What it does not
// recognise goes to the library.
func fastCN(s string) (national string, ok bool) {
	switch {
	case len(s) == 14 && s[:3] == "+86":
		s = s[3:]
	case len(s) == 15 && s[:4] == "0086":
		s = s[4:]
	case len(s) == 11:
	default:
		return "", false
	}
	if s[0] != '1' {
		return "", false
	}
	d := s[2]
	switch s[1] {
	case '3', '8':
		ok = true
	case '4':
		ok = d == '5' || d == '7'
	case '5', '9':
		ok = d != '4'
	case '6':
		ok = d == '2' || d >= '5' && d <= '7'
	case '7':
		ok = d != '4' && d != '9'
	}
	return s, ok
}
