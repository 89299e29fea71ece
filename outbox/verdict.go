package outbox

import (
	"errors"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
)

// verdict is what becomes of a message after one try.
type verdict struct {
	dead  bool
	delay time.Duration
	text  string // for people; "" when the handler succeeded
}

func judge(attempt int, err error) verdict {
	var again *retryAfter
	var end *dead
	switch {
	case err == nil:
		return verdict{}
	case errors.As(err, &end):
		return verdict{dead: true, text: errorText(end.err)}
	case errors.As(err, &again):
		return verdict{delay: again.delay, text: errorText(again.err)}
	}
	return verdict{dead: attempt >= MaxTries, delay: backoff(attempt), text: errorText(err)}
}

// backoff grows fourfold from one second to an hour, give or take a quarter so
// that messages that failed together do not come back together.
func backoff(attempt int) time.Duration {
	d := time.Hour
	if attempt < 7 {
		d = time.Second << (2 * max(attempt-1, 0))
	}
	return d - d/4 + rand.N(d/2)
}

const maxErrorText = 300

func errorText(err error) string {
	s := HideNumbers(err.Error())
	if len(s) > maxErrorText {
		s = strings.ToValidUTF8(s[:maxErrorText], "") + "…"
	}
	return s
}

// HideNumbers replaces every run of seven or more digits by "#": texts that came
// from elsewhere are kept for people to read, and a phone number in one must not
// reach the store. A space, dash, dot or bracket or two between digits does not
// end a run, and digits of every script count. Dates fall to it too.
func HideNumbers(s string) string {
	var out strings.Builder
	var run []rune // from the first digit on
	digits, tail := 0, 0
	flush := func() {
		if digits >= 7 {
			out.WriteByte('#')
			out.WriteString(string(run[len(run)-tail:]))
		} else {
			out.WriteString(string(run))
		}
		run, digits, tail = run[:0], 0, 0
	}
	for _, c := range s {
		switch {
		case unicode.IsDigit(c):
			run = append(run, c)
			digits++
			tail = 0
		case digits > 0 && tail < 3 && strings.ContainsRune(" -.()/_\u00a0\u3000\u2010\u2011\u2013－", c):
			run = append(run, c)
			tail++
		default:
			flush()
			out.WriteRune(c)
		}
	}
	flush()
	return out.String()
}
