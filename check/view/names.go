package view

import (
	"strings"
)

// libraries begin the names of component libraries: van-popup, u-popup, AtModal,
// el-dialog. Behind them the libraries agree well enough for one table.
var libraries = map[string]bool{
	"van": true, "u": true, "up": true, "uni": true, "t": true, "nut": true, "at": true, "el": true, "i": true, "iv": true, "mp": true, "weui": true,
	"a": true, "ant": true, "antd": true, "adm": true, "cu": true, "wux": true, "tm": true, "tn": true, "l": true, "lin": true, "fui": true, "n": true,
	"wd": true, "uv": true, "mt": true, "md": true, "cube": true, "xm": true, "tui": true, "m": true, "am": true, "arco": true, "rn": true,
	"taro": true, "sar": true, "taroify": true, "vant": true, "q": true, "mpvue": true, "minui": true, "dt": true, "hy": true,
}

// Kind is the element's name in one spelling and without the name of its library:
// "popup" for van-popup, u-popup, AtPopup, NutPopup and Popup; "cover-view" for
// CoverView; "form-item" for Form.Item; "" for a text.
func (e *Element) Kind() string { return kindOf(e.Name) }

func kindOf(name string) string {
	plain := true
	for i := range len(name) {
		if c := name[i]; c < 'a' || c > 'z' {
			plain = false
			break
		}
	}
	if plain {
		return name
	}
	name = kebab(name)
	if library, rest, ok := strings.Cut(name, "-"); ok && libraries[library] {
		if rest = strings.TrimLeft(rest, "-"); rest != "" { // u--input
			return rest
		}
	}
	return name
}

// kebab writes FloatLayout, Form.Item and half_screen as float-layout, form-item,
// half-screen.
func kebab(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '.' || c == '_' || c == ':':
			c = '-'
		case 'A' <= c && c <= 'Z':
			if i > 0 && (lower(name[i-1]) || i+1 < len(name) && lower(name[i+1]) && name[i-1] != '-' && name[i-1] != '.') {
				b.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

func lower(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// wordsOf cuts a name at everything that is no letter and at capitals, in lower
// case: popup, box of popupBox, popup-box and popup_box2. Words that are not
// written in Latin letters stay whole.
func wordsOf(name string) []string {
	var all []string
	from := -1
	flush := func(i int) {
		if from >= 0 {
			all = append(all, strings.ToLower(name[from:i]))
			from = -1
		}
	}
	for i := range len(name) {
		c := name[i]
		upper := 'A' <= c && c <= 'Z'
		switch {
		case !upper && (c < 'a' || c > 'z') && c < 0x80:
			flush(i)
			continue
		case upper && from >= 0 && ('a' <= name[i-1] && name[i-1] <= 'z' || i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z'):
			flush(i)
		}
		if from < 0 {
			from = i
		}
	}
	flush(len(name))
	return all
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// What kinds of components are, behind their library's name.
var (
	dialogKinds = set(`popup modal dialog overlay mask float-layout action-sheet actionsheet page-container root-portal drawer half-screen-dialog
		message-box curtain alert confirm popup-dialog bottom-sheet sheet bottom-popup center-popup modal-dialog`)
	// Kinds that lie over a page and ask for nothing.
	passingKinds = set(`toast loading loading-page notify message tips top-tips toptips snackbar picker datetime-picker date-picker date-time-picker
		area calendar cascader keyboard number-keyboard share share-sheet popup-share popup-message tabbar tab-bar tabs nav-bar navbar
		navigation-bar notice-bar popover tooltip dropdown-menu dropdown-item back-top fab skeleton image-viewer image-preview`)
	pickerKinds = set(`picker datetime-picker date-picker date-time-picker area area-picker calendar cascader picker-view tree-select
		number-keyboard keyboard picker-group address data-picker`)
	buttonKinds = set(`button mini-button float-button action-bar-button goods-action-button submit-bar`)
	iconKinds   = set(`image img icon icons text view cover-view cover-image span label i div em b svg uicon font-icon iconfont avatar`)
	formKinds   = set(`form forms`)
	boxKinds    = set(`view cover-view div section block template root-portal page-container main article slot form scroll-view aside dialog center
		movable-view movable-area transition`)
)

// fieldKinds says what a component lets people give.
var fieldKinds = func() map[string]FieldKind {
	all := map[string]FieldKind{}
	for kind, names := range map[FieldKind]string{
		FieldText:     "input textarea field easyinput cell-input search search-bar editor auto-complete input-box text-area mention",
		FieldNumber:   "input-number stepper number-box slider rate numbox",
		FieldPassword: "password-input",
		FieldCode:     "code-input message-input verification-code-input sms-code",
		FieldPhone:    "phone-input input-phone tel-input",
		FieldChoice: `picker select data-checkbox data-select data-picker cascader region-picker area tree-select picker-view selector
			select-lay address combox`,
		FieldCheck:  "checkbox check-box",
		FieldRadio:  "radio",
		FieldSwitch: "switch",
		FieldDate:   "datetime-picker date-picker date-time-picker calendar time-picker date-picker-view",
		FieldUpload: "uploader upload file-picker image-picker image-uploader",
	} {
		for w := range strings.FieldsSeq(names) {
			all[w] = kind
		}
	}
	return all
}()
