package access

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Invalid says which entry was refused and, by a stable code, why. Message is
// for developers; people read a translation of Field and Code. No part of it
// ever holds the value.
type Invalid struct{ Field, Code, Message string }

func (e *Invalid) Error() string { return e.Field + ": " + e.Message }

// Is makes every refused reason match [ErrReason].
func (e *Invalid) Is(target error) bool { return target == ErrReason && e.Field == "reason" }

// ErrReason matches a reason that is missing, too short, too long, or that
// carries what could be a phone number; [Invalid.Code] says which.
var ErrReason = errors.New("a reason of 4 to 200 characters without a phone number is needed")

const (
	reasonMin = 4   // runes
	reasonMax = 200 // runes
	// digitsMax is the longest run of digits a text may hold; order numbers and
	// dates pass, phone numbers do not.
	digitsMax = 6
	// digitsSpacedMax bounds digits parted by nothing but what people put into
	// phone numbers: a date and an hour pass, eleven digits do not.
	digitsSpacedMax = 10
)

// CheckReason tells whether reason will do for act, without doing anything: for
// a form that wants to say so early. The error is [*Invalid] and matches [ErrReason].
func CheckReason(caller Caller, act Act, reason string) error {
	least := 0
	if table[act].reason && (caller.Kind != KindPerson || strings.TrimSpace(reason) != "") {
		least = reasonMin
	}
	return CheckText(reason, least, reasonMax)
}

// CheckText tells whether reason will do with from least to most characters, for
// rooms that keep reasons of their own. The error is that of [CheckReason].
func CheckText(reason string, least, most int) error {
	reason = strings.TrimSpace(reason)
	n := utf8.RuneCountInString(reason)
	switch {
	case n < least:
		return &Invalid{"reason", "short", fmt.Sprintf("say why in at least %d characters", least)}
	case n > most:
		return &Invalid{"reason", "long", fmt.Sprintf("say why in at most %d characters", most)}
	case !plainLine(reason):
		return &Invalid{"reason", "characters", "one line of plain text, without control characters"}
	case mayHoldNumber(reason):
		return &Invalid{"reason", "digits", "a reason is kept for good and must not carry a phone number: at most 6 digits in a row"}
	}
	return nil
}

// plainLine reports whether s is valid UTF-8 on one line, with nothing that
// hides or reorders text.
func plainLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp)
	})
}

// mayHoldNumber reports whether s has digits, of any script, in such a row that
// they could be somebody's phone number.
func mayHoldNumber(s string) bool {
	run, spaced := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			run++
			spaced++
			if run > digitsMax || spaced > digitsSpacedMax {
				return true
			}
		case unicode.IsSpace(r) || strings.ContainsRune("-.()+/_*－—–·（）", r):
			run = 0
		default:
			run, spaced = 0, 0
		}
	}
	return false
}
