// Package calendar keeps one promise: a working day of mainland China is one by
// the State Council's own notices.
//
// The notices (holidays and the Saturdays and Sundays worked instead) come with
// 6tail/lunar-go. Of a year whose notice is not out yet ([Known]) Monday to Friday
// are taken as working days: a clock that runs into it may be a few days short, and
// is right again with the next version of the program.
package calendar

import (
	"sync"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
)

// China is where a day is a day: UTC+8, without summer time.
var China = time.FixedZone("UTC+8", 8*60*60)

const (
	firstYear = 2002 // the first whole year of the notices
	lastYear  = 2100
)

// notices are the days that differ from Monday to Friday, by day as 2026-10-01;
// true is a working day. Nothing changes them after loading.
type notices struct {
	days  map[string]bool
	known map[int]bool
}

var read = sync.OnceValue(func() *notices {
	n := &notices{map[string]bool{}, map[int]bool{}}
	for year := firstYear; year <= lastYear; year++ {
		list := HolidayUtil.GetHolidaysByYear(year)
		// A notice has some thirty days. The December notice of the year before may name
		// a first few days of the next one; those alone are no notice.
		n.known[year] = list.Len() >= 10
		for e := list.Front(); e != nil; e = e.Next() {
			if h, ok := e.Value.(*HolidayUtil.Holiday); ok {
				n.days[h.GetDay()] = h.IsWork()
			}
		}
	}
	return n
})

// Known reports whether the State Council's notice of a year is in this program.
func Known(year int) bool { return read().known[year] }

// Working reports whether the day on which an instant falls in China is worked.
func Working(day time.Time) bool {
	day = day.In(China)
	if work, named := read().days[day.Format(time.DateOnly)]; named {
		return work
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// midnight is the first instant of t's day in China, days later.
func midnight(t time.Time, days int) time.Time {
	y, m, d := t.In(China).Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, China)
}

// AddWorkingDays is the end of the n-th working day after t's day, as the first
// instant of the day after it, in UTC. t's own day is day 0, whether worked or not;
// n below 1 gives the end of t's own day.
func AddWorkingDays(t time.Time, n int) time.Time {
	days := 0
	for n > 0 {
		days++
		if Working(midnight(t, days)) {
			n--
		}
	}
	return midnight(t, days+1).UTC()
}

// WorkingDaysLeft is how many working days still begin after now's day and before
// due: 0 on the last day itself. After due it is the number of working days that
// have begun since, as a negative number, at least -1.
func WorkingDaysLeft(now, due time.Time) int {
	if now.Before(due) {
		left := 0
		for day := midnight(now, 1); day.Before(due); day = midnight(day, 1) {
			if Working(day) {
				left++
			}
		}
		return left
	}
	over := 0
	for day := midnight(due, 0); !day.After(now); day = midnight(day, 1) {
		if Working(day) {
			over++
		}
	}
	return -max(over, 1)
}
