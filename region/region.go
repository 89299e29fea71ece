// Package region keeps one promise: a district code is one of the official list,
// with its city and province.
//
// The list and where it comes from: README.md beside it. A code has six digits:
// two of the province, two of the city, two of the district (GB/T 2260).
package region

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed divisions.csv
var list string

// Division is a district or county with what it belongs to.
type Division struct {
	Code, District         string
	CityCode, City         string // of a municipality the province's name, of Hong Kong and Macau their own
	ProvinceCode, Province string
}

// directory is the list as it is asked. Nothing changes it after loading.
type directory struct {
	names     map[string]string // of every code, whatever its level
	districts map[string]Division
	all       []Division // by code
}

var read = sync.OnceValue(func() *directory {
	d, err := load(list)
	if err != nil {
		panic(fmt.Sprintf("region: %v", err)) // the list is embedded
	}
	return d
})

// wholeCities have no districts; their own code stands for one.
var wholeCities = []string{"441900", "442000", "460400"}

func load(text string) (*directory, error) {
	d := &directory{names: map[string]string{}, districts: map[string]Division{}}
	last := ""
	for line := range strings.Lines(text) {
		code, name, ok := strings.Cut(strings.TrimSpace(line), ",")
		if !ok || !shaped(code) || name == "" || code <= last {
			return nil, fmt.Errorf("line %q does not follow %q as code,name", line, last)
		}
		last = code
		d.names[code] = name
		if code[4:] == "00" && !slices.Contains(wholeCities, code) {
			continue
		}
		v := Division{
			Code: code, District: name, CityCode: code[:4] + "00", ProvinceCode: code[:2] + "0000",
		}
		v.City, v.Province = d.names[v.CityCode], d.names[v.ProvinceCode]
		if v.City == "市辖区" || v.City == "县" { // the heading under which a municipality's districts stand
			v.City = v.Province
		}
		if v.City == "" || v.Province == "" {
			return nil, fmt.Errorf("%s has no city or no province before it", code)
		}
		d.districts[code] = v
		d.all = append(d.all, v)
	}
	return d, nil
}

// shaped reports whether code is six ASCII digits.
func shaped(code string) bool {
	return len(code) == 6 && strings.Trim(code, "0123456789") == ""
}

// District finds a district or county by its code; ok is false for a code that is
// unknown or belongs to a city or a province ([Explain] says which).
func District(code string) (v Division, ok bool) {
	v, ok = read().districts[code]
	return v, ok
}

// All is every district and county, by code.
func All() []Division { return slices.Clone(read().all) }

// Level is how far down a code reaches.
type Level string

// The levels. Unknown is a code that is not in the list; Malformed is no code at all.
const (
	Malformed   Level = "malformed"
	Unknown     Level = "unknown"
	AtProvince  Level = "province"
	AtCity      Level = "city"
	AtDistrict  Level = "district"
	WithoutList Level = "without_districts" // a province of which the list has nothing further
)

// Explanation says what a code is, and which codes may be meant instead.
type Explanation struct {
	Level Level
	Name  string // of a city, "广东省广州市"; empty for what is not in the list
	// Districts are those of the city, or of the province; for an unknown code those
	// of the city it would lie in, if there is one. Empty for a district itself.
	Districts []Division
}

// Explain tells what a code is that [District] does not know.
func Explain(code string) Explanation {
	d := read()
	if !shaped(code) {
		return Explanation{Level: Malformed}
	}
	if v, ok := d.districts[code]; ok {
		return Explanation{Level: AtDistrict, Name: full(v.Province, v.City, v.District)}
	}
	name, known := d.names[code]
	prefix := code[:4]
	e := Explanation{Level: Unknown}
	if known {
		e.Level, e.Name = AtCity, full(d.names[code[:2]+"0000"], name)
		if code[2:] == "0000" {
			prefix, e.Level, e.Name = code[:2], AtProvince, name
		}
	}
	for _, v := range d.all {
		if strings.HasPrefix(v.Code, prefix) {
			e.Districts = append(e.Districts, v)
		}
	}
	if e.Level == AtProvince && len(e.Districts) == 0 {
		e.Level = WithoutList
	}
	return e
}

// full joins names that differ: a municipality is not named twice.
func full(names ...string) string { return strings.Join(slices.Compact(names), "") }
