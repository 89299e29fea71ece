package consent

import (
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"strings"

	"clew/seal"
)

// ErrLink says that a link was not made by us. It never says which part is wrong.
var ErrLink = errors.New("no such receipt link")

var linkText = base32.NewEncoding(strings.ToLower(numberText)).WithPadding(base32.NoPadding)

const linkTagLen = 26 // 128 bits

// Link is the secret end of the address of a person's own page: the number in
// lower case, a dash, and a keyed tag of 128 bits. Nothing is stored; whoever has
// the link may see and erase, so it goes to the person alone.
func Link(ring *seal.Ring, number string) string {
	tag := ring.MAC("consent receipt link", number)
	return strings.ToLower(number) + "-" + linkText.EncodeToString(tag[:16])
}

// OpenLink gives the number of a link made by [Link], in constant time for texts of
// the right shape. Case does not matter.
func OpenLink(ring *seal.Ring, text string) (number string, err error) {
	if len(text) != numberLen+1+linkTagLen || text[numberLen] != '-' {
		return "", ErrLink
	}
	number = strings.ToUpper(text[:numberLen])
	for i := range len(number) {
		if strings.IndexByte(numberText, number[i]) < 0 {
			return "", ErrLink
		}
	}
	if subtle.ConstantTimeCompare([]byte(strings.ToLower(text)), []byte(Link(ring, number))) != 1 {
		return "", ErrLink
	}
	return number, nil
}
