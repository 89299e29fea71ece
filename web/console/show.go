package console

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"clew/capability"
	"clew/words"
)

// zone is where the staff work. China has one time and no summer time.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// exact is an instant in full, in the staff's time.
func exact(at time.Time) string { return at.In(zone).Format("2006-01-02 15:04:05") }

// ago is an instant as people say it: near ones as a distance, others as a date.
func (p *page) ago(at time.Time) string {
	d := p.Now.Sub(at)
	switch {
	case d < -time.Minute:
		return p.later(-d, at)
	case d < time.Minute:
		return p.T("time.now")
	case d < time.Hour:
		return p.T("time.minutes", "n", int(d.Minutes()))
	case sameDay(p.Now, at):
		return at.In(zone).Format("15:04")
	case p.Now.In(zone).Year() == at.In(zone).Year():
		return at.In(zone).Format("01-02 15:04")
	}
	return at.In(zone).Format("2006-01-02")
}

func (p *page) later(d time.Duration, at time.Time) string {
	switch {
	case d < time.Hour:
		return p.T("time.in_minutes", "n", int(d.Minutes()))
	case d < 48*time.Hour:
		return p.T("time.in_hours", "n", int(d.Hours()))
	}
	return at.In(zone).Format("2006-01-02")
}

func sameDay(a, b time.Time) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}

// today is when the staff's day began.
func today(now time.Time) time.Time {
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// parseDay reads the value of a date input; zero for anything else.
func parseDay(text string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}
	}
	return at
}

// lasted is a duration as people compare them.
func lasted(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < 10*time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// count groups a number's digits by three.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// short is the end of an id, enough to tell neighbours apart.
func short(id string) string {
	if len(id) > 8 {
		return "…" + id[len(id)-6:]
	}
	return id
}

// known is the text under key, or the code itself where nobody wrote one.
func (p *page) known(prefix, code string) string {
	if words.Has("console." + prefix + code) {
		return p.T(prefix + code)
	}
	return code
}

// pretty is a JSON text as people read it; what is no JSON stays as it is.
func pretty(body string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		return body
	}
	return b.String()
}

func engine(name string) string {
	return map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}[name]
}

func (p *page) onOff(on bool) string {
	if on {
		return p.T("on")
	}
	return p.T("off")
}

// step is what a decision does, said from where the app stands.
func (p *page) step(from, to capability.State) string {
	if from == capability.Suspended && to == capability.Granted {
		return p.T("capability.to.restore")
	}
	return p.T("capability.to." + string(to))
}
