package calendar

import (
	"testing"
	"time"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := time.ParseInLocation("2006-01-02 15:04", text, China)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The State Council's notices for 2025 and 2026, read by hand.
func TestNoticesOfTheStateCouncil(t *testing.T) {
	for text, want := range map[string]bool{
		// 2025: New Year 1 Jan; Spring Festival 28 Jan to 4 Feb, worked 26 Jan and 8 Feb.
		"2025-01-01": false, "2025-01-02": true, "2025-01-26": true, "2025-01-27": true, "2025-01-28": false, "2025-02-04": false,
		"2025-02-05": true, "2025-02-08": true, "2025-02-09": false,
		// Labour Day 1 to 5 May, worked 27 April.
		"2025-04-27": true, "2025-04-30": true, "2025-05-01": false, "2025-05-05": false, "2025-05-06": true,
		// National Day and Mid-Autumn 1 to 8 October, worked 28 September and 11 October.
		"2025-09-28": true, "2025-10-01": false, "2025-10-08": false, "2025-10-09": true, "2025-10-11": true, "2025-10-12": false,
		// 2026: New Year 1 to 3 Jan, worked 4 Jan; Spring Festival 15 to 23 Feb, worked 14 and 28 Feb.
		"2026-01-01": false, "2026-01-02": false, "2026-01-03": false, "2026-01-04": true,
		"2026-02-14": true, "2026-02-15": false, "2026-02-23": false, "2026-02-24": true, "2026-02-28": true, "2026-03-01": false,
		// Labour Day 1 to 5 May, worked 9 May.
		"2026-05-01": false, "2026-05-05": false, "2026-05-09": true,
		// Mid-Autumn 25 to 27 Sep; National Day 1 to 7 October, worked 20 September and 10 October.
		"2026-09-20": true, "2026-09-25": false, "2026-10-01": false, "2026-10-07": false, "2026-10-08": true, "2026-10-10": true,
		// An ordinary week.
		"2026-03-02": true, "2026-03-06": true, "2026-03-07": false, "2026-03-08": false,
		// Leap day 2024, a Thursday.
		"2024-02-29": true,
	} {
		if got := Working(day(t, text+" 00:00")); got != want {
			t.Errorf("%s is worked: %v, want %v", text, got, want)
		}
	}
	for year, want := range map[int]bool{2001: false, 2025: true, 2026: true, 2050: false} {
		if Known(year) != want {
			t.Errorf("%d is known: %v", year, Known(year))
		}
	}
	// Every year that says it is known has holidays and worked weekends of its own.
	for year := 2010; Known(year); year++ {
		off, on := 0, 0
		for d := time.Date(year, 1, 1, 12, 0, 0, 0, China); d.Year() == year; d = d.AddDate(0, 0, 1) {
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			switch {
			case !weekend && !Working(d):
				off++
			case weekend && Working(d):
				on++
			}
		}
		if off < 10 || off > 30 || on < 3 || on > 12 {
			t.Errorf("%d: %d weekdays off, %d weekend days worked", year, off, on)
		}
	}
}

// A day is a day in China, whatever the instant is written in.
func TestADayBeginsAtMidnightInChina(t *testing.T) {
	eve := time.Date(2026, 9, 30, 15, 59, 59, 0, time.UTC) // 23:59:59 on 30 September
	if !Working(eve) || Working(eve.Add(time.Second)) {
		t.Error("1 October begins at 16:00 UTC of 30 September")
	}
	west := time.FixedZone("UTC-10", -10*3600)
	if Working(eve.Add(time.Second).In(west)) {
		t.Error("an instant is the same in any zone")
	}
}

func TestAddWorkingDays(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		end  string // the last of the days
	}{
		{"2026-03-02 10:00", 5, "2026-03-09"}, // Monday to Monday
		{"2026-03-02 10:00", 1, "2026-03-03"},
		{"2026-03-02 10:00", 0, "2026-03-02"},
		{"2026-03-02 10:00", -3, "2026-03-02"},
		{"2026-03-06 23:59", 1, "2026-03-09"}, // Friday
		{"2026-03-07 00:00", 5, "2026-03-13"}, // Saturday is day 0 too
		{"2026-09-30 12:00", 5, "2026-10-13"}, // over National Day; Saturday the 10th counts
		{"2026-02-13 18:00", 5, "2026-02-27"}, // over the Spring Festival; Saturday the 14th counts
		{"2025-12-31 12:00", 2, "2026-01-05"}, // across years: Sunday the 4th counts
		{"2024-02-28 12:00", 1, "2024-02-29"}, // leap day
		{"2025-02-28 12:00", 1, "2025-03-03"},
		{"2050-12-30 12:00", 2, "2051-01-03"}, // unknown years: Monday to Friday
	} {
		want := day(t, c.end+" 00:00").AddDate(0, 0, 1)
		got := AddWorkingDays(day(t, c.from), c.n)
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%d working days after %s end at %v, want %v", c.n, c.from, got.In(China), want)
		}
		if c.n > 0 && WorkingDaysLeft(day(t, c.from), got) != c.n {
			t.Errorf("%s: %d days left of %d", c.from, WorkingDaysLeft(day(t, c.from), got), c.n)
		}
	}
}

func TestWorkingDaysLeft(t *testing.T) {
	due := AddWorkingDays(day(t, "2026-09-28 12:00"), 5) // the end of 10 October
	for _, c := range []struct {
		now  string
		want int
	}{
		{"2026-09-28 23:00", 5}, // 29, 30, 8, 9, 10
		{"2026-09-29 00:00", 4},
		{"2026-10-03 12:00", 3},
		{"2026-10-10 00:00", 0}, // the last day
		{"2026-10-10 23:59", 0},
		{"2026-10-11 00:00", -1}, // Sunday, and late
		{"2026-10-12 09:00", -1},
		{"2026-10-13 09:00", -2},
	} {
		if got := WorkingDaysLeft(day(t, c.now), due); got != c.want {
			t.Errorf("at %s %d days are left, want %d", c.now, got, c.want)
		}
	}
}
