package region

import (
	"strings"
	"testing"
)

func TestDistrictsAndWhatTheyBelongTo(t *testing.T) {
	for _, want := range []Division{
		{"110101", "东城区", "110100", "北京市", "110000", "北京市"},
		{"310115", "浦东新区", "310100", "上海市", "310000", "上海市"},
		{"500229", "城口县", "500200", "重庆市", "500000", "重庆市"}, // a county of a municipality
		{"440106", "天河区", "440100", "广州市", "440000", "广东省"},
		{"330113", "临平区", "330100", "杭州市", "330000", "浙江省"},       // made in 2021
		{"429004", "仙桃市", "429000", "省直辖县级行政区划", "420000", "湖北省"}, // administered by the province
		{"659001", "石河子市", "659000", "自治区直辖县级行政区划", "650000", "新疆维吾尔自治区"},
		{"441900", "东莞市", "441900", "东莞市", "440000", "广东省"}, // a city without districts
		{"810001", "中西区", "810000", "香港特别行政区", "810000", "香港特别行政区"},
		{"820008", "圣方济各堂区", "820000", "澳门特别行政区", "820000", "澳门特别行政区"},
		{"460321", "西沙群岛", "460300", "三沙市", "460000", "海南省"},
	} {
		if got, ok := District(want.Code); !ok || got != want {
			t.Errorf("%s is %+v", want.Code, got)
		}
	}
	for _, code := range []string{"", "1101", "110000", "110100", "440100", "710000", "810000", "999999", "11010a", "１１０１０１", "110101 ", "130171"} {
		if _, ok := District(code); ok {
			t.Errorf("%q is taken for a district", code)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		code      string
		level     Level
		name      string
		districts int
		first     string
	}{
		{"110101", AtDistrict, "北京市东城区", 0, ""},
		{"440106", AtDistrict, "广东省广州市天河区", 0, ""},
		{"441900", AtDistrict, "广东省东莞市", 0, ""},
		{"440100", AtCity, "广东省广州市", 11, "440103"},
		{"110100", AtCity, "北京市市辖区", 16, "110101"},
		{"110000", AtProvince, "北京市", 16, "110101"},
		{"810000", AtProvince, "香港特别行政区", 18, "810001"},
		{"710000", WithoutList, "台湾省", 0, ""},
		{"440199", Unknown, "", 11, "440103"}, // of a city that is there
		{"990101", Unknown, "", 0, ""},
		{"", Malformed, "", 0, ""},
		{"44010", Malformed, "", 0, ""},
		{"abcdef", Malformed, "", 0, ""},
	} {
		got := Explain(c.code)
		if got.Level != c.level || got.Name != c.name || len(got.Districts) != c.districts {
			t.Errorf("%q is %s %q with %d districts", c.code, got.Level, got.Name, len(got.Districts))
		}
		if c.first != "" && got.Districts[0].Code != c.first {
			t.Errorf("%q begins with %s", c.code, got.Districts[0].Code)
		}
	}
}

func TestTheListIsWhole(t *testing.T) {
	all := All()
	provinces, cities := map[string]bool{}, map[string]bool{}
	for i, v := range all {
		if i > 0 && v.Code <= all[i-1].Code {
			t.Errorf("%s follows %s", v.Code, all[i-1].Code)
		}
		if got, ok := District(v.Code); !ok || got != v || v.District == "" || v.City == "" || v.Province == "" {
			t.Errorf("%+v", v)
		}
		provinces[v.ProvinceCode], cities[v.CityCode] = true, true
	}
	if len(all) != 2880 || len(provinces) != 33 || len(cities) < 340 {
		t.Errorf("%d districts of %d cities in %d provinces", len(all), len(cities), len(provinces))
	}
	// A province or a city without anything below it is a fault of the list.
	for code := range read().names {
		switch {
		case code[2:] == "0000":
			if !provinces[code] && code != "710000" {
				t.Errorf("%s has no district", code)
			}
		case code[4:] == "00" && !cities[code]:
			t.Errorf("%s has no district", code)
		}
	}
	all[0].District = "changed"
	if v := All()[0]; v.District == "changed" {
		t.Error("a caller changed the list")
	}
}

func TestALineThatIsWrongIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no name":      "110000,",
		"no comma":     "110000",
		"not a code":   "11000,北京市",
		"out of order": "120000,天津市\n110000,北京市",
		"twice":        "110000,北京市\n110000,北京市",
		"no province":  "110100,市辖区\n110101,东城区",
		"no city":      "110000,北京市\n110101,东城区",
	} {
		if _, err := load(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Whatever is asked, the answer is of the list.
func FuzzExplain(f *testing.F) {
	for _, s := range []string{"110101", "440100", "710000", "999999", "", "4419", "\x00\x00\x00\x00\x00\x00", "１１０１０１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		e := Explain(code)
		v, ok := District(code)
		if ok != (e.Level == AtDistrict) || ok && v.Code != code {
			t.Fatalf("%q: %+v and %v", code, e, ok)
		}
		if (e.Level == Malformed) == (len(code) == 6 && strings.Trim(code, "0123456789") == "") {
			t.Fatalf("%q is %s", code, e.Level)
		}
		for _, d := range e.Districts {
			if _, known := District(d.Code); !known {
				t.Fatalf("%q explained by %s", code, d.Code)
			}
		}
	})
}
