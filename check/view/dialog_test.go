package view

import (
	"strings"
	"testing"

	"clew/check/source/markup"
)

const dialogStyle = `.mask{position:fixed;top:0;left:0;width:100%;height:100%;background:rgba(0,0,0,.5)}
.sheet{position:fixed;bottom:0;width:100%;height:400rpx;z-index:20}
.bar{position:fixed;bottom:0;left:0;right:0;height:100rpx}
.full{position:fixed;left:0;top:0;width:100vw;height:100vh;z-index:99}
.modal-in-page{padding:1rpx;position:relative}
.cover{width:100%;position:relative}
.cu-modal{position:fixed;top:0;right:0;bottom:0;left:0;opacity:0}
.cu-modal.show{opacity:1}
.ground{position:absolute;top:0;left:0;right:0;bottom:0}
.card{position:relative;height:200rpx}
.sold{position:absolute;inset:0;background:rgba(0,0,0,.3)}`

func TestDialog(t *testing.T) {
	sheet := ParseStyle(dialogStyle)
	for _, c := range []struct {
		src string // x marks the element
		why DialogWhy
	}{
		{`<van-popup id="x" show="{{a}}"><view>1</view></van-popup>`, ByComponent},
		{`<uni-popup id="x" ref="p"><view>1</view></uni-popup>`, ByComponent},
		{`<AtModal id="x"/>`, ByComponent},
		{`<t-dialog id="x"/>`, ByComponent},
		{`<page-container id="x"/>`, ByComponent},
		{`<u-action-sheet id="x"/>`, ByComponent},
		{`<view id="x" role="dialog">1</view>`, ByRole},
		{`<view id="x" class="full" wx:if="{{a}}"><text>1</text></view>`, ByStyle},
		{`<view id="x" class="mask" wx:if="{{a}}"><view class="mask-box"><text>1</text></view></view>`, ByStyle},
		{`<view wx:if="{{a}}"><view class="mask"/><view id="x" class="sheet"><text>1</text></view></view>`, BesideMask},
		{`<view class="mask" wx:if="{{a}}"/><view id="x" class="box" wx:if="{{a}}"><text>1</text></view>`, ""}, // at the top nothing ties them
		{`<view><view class="mask" wx:if="{{a}}"/><view id="x" wx:if="{{a}}"><text>1</text></view></view>`, BesideMask},
		{`<view id="x" class="cu-modal {{a?'show':''}}"><view class="cu-dialog">1</view></view>`, ByStyle},
		{`<view id="x" class="tanchuang" wx:if="{{a}}"><text>1</text></view>`, ByClass},
		{`<view id="x" class="loginPopup" wx:if="{{a}}"><text>1</text></view>`, ByClass},
		{`<view id="x" class="弹窗" wx:if="{{a}}"><text>1</text></view>`, ByClass},
		{`<login-popup id="x"/>`, ByName},
		{`<view><view id="x" style="position:fixed;inset:0;background:rgba(0,0,0,.4)">1</view></view>`, ByStyle},

		{`<view id="x" class="bar" wx:if="{{a}}"><button>报名</button></view>`, ""},
		{`<van-toast id="x"/>`, ""},
		{`<van-loading id="x"/>`, ""},
		{`<view id="x" class="mask loading" wx:if="{{a}}"><image/></view>`, ""},
		{`<view id="x" class="full poster" wx:if="{{a}}"><canvas/></view>`, ""},
		{`<view id="x" class="share-popup" wx:if="{{a}}"><button open-type="share">1</button></view>`, ""},
		{`<view id="x" class="share-popup" wx:if="{{a}}"><button open-type="getPhoneNumber">1</button></view>`, ByClass},
		{`<van-popup id="x" show="{{a}}"><van-picker/></van-popup>`, ""},
		{`<view id="x" class="tabbar full"><text>1</text></view>`, ""},
		{`<view id="x" class="navbar bar"/>`, ""},
		{`<image id="x" class="cover" src="a.png"/>`, ""},
		{`<view id="x" class="cover"><text>1</text></view>`, ""},
		{`<view id="x" class="modal-in-page"><text>1</text></view>`, ""},
		{`<view id="x" class="open-modal-btn" bindtap="f">打开</view>`, ""},
		{`<button id="x" class="popup">1</button>`, ""},
		{`<text id="x" class="dialog">1</text>`, ""},
		{`<view class="full" wx:if="{{a}}"><view id="x" class="popup-body"><text>1</text></view></view>`, ""},
		{`<view id="x" class="ground"><view>整页</view></view>`, ""},
		{`<view><view id="x" class="bg" style="position:fixed;width:100%;height:100%;z-index:-1"><image/></view></view>`, ""},
		{`<view><view class="card" wx:for="{{l}}"><view id="x" class="sold" wx:if="{{item.sold}}"><text>售罄</text></view></view></view>`, ""},
		{`<view id="x" class="cover-content" wx:if="{{a}}"><text>1</text></view>`, ""},
		{`<view id="x" class="popular"><text>1</text></view>`, ""},
		{`<view id="x" wx:if="{{!phone}}"><button open-type="getPhoneNumber">1</button></view>`, ""},
	} {
		roots := mini(c.src)
		for e := range All(roots) {
			if id, _ := e.Static("id"); id == "x" {
				if why, ok := Dialog(e, sheet); why != c.why || ok != (c.why != "") {
					t.Errorf("%s: %q %v, want %q", c.src, why, ok, c.why)
				}
			}
		}
	}
	popup := jsx(t, `const P = () => <Popup open={a}><Button/></Popup>`)[0]
	if why, ok := Dialog(popup); !ok || why != ByComponent {
		t.Error(why)
	}
	around, _ := DialogAround(popup.Children[0])
	if around != popup {
		t.Error("around")
	}
}

func TestOpens(t *testing.T) {
	for _, c := range []struct {
		dialect   markup.Dialect
		src, want string
	}{
		{markup.Mini, `<van-popup id="x" show="{{ open }}"/>`, "open"},
		{markup.Mini, `<van-popup id="x" show/>`, "true"},
		{markup.Mini, `<block wx:if="{{a}}"><view id="x" class="popup" hidden="{{b}}"/></block>`, "~!b a"},
		{markup.Mini, `<view wx:if="{{a}}"><view class="mask"/><view id="x" class="popup"/></view>`, "a"},
		{markup.Mini, `<view wx:if="{{a}}"><text>页</text><view id="x" class="popup"/></view>`, ""},
		{markup.Mini, `<view id="x" class="cu-modal {{m == 'a' ? 'show' : ''}}"/>`, "~m=='a'"},
		{markup.Mini, `<view id="x" class="modal {{shut ? 'hide' : ''}}"/>`, "~!shut"},
		{markup.Vue, `<u-popup id="x" v-model="show"/>`, "show"},
		{markup.Vue, `<el-dialog id="x" :visible.sync="show"/>`, "show"},
		{markup.Vue, `<van-popup id="x" v-model:show="show"/>`, "show"},
		{markup.Vue, `<my-modal id="x" :isShow="!off"/>`, "!off"},
		{markup.Vue, `<view id="x" class="popup" :class="{active: on}"/>`, "~on"},
		{markup.Vue, `<view id="x" class="popup" v-show="on"/>`, "~on"},
	} {
		for e := range All(template(c.dialect, c.src)) {
			if id, _ := e.Static("id"); id != "x" {
				continue
			}
			var all []string
			for _, o := range Opens(e) {
				all = append(all, mark(o.Soft, "~")+mark(o.Not, "!")+show(o.Expr))
				if o.Span.Len() == 0 || o.Span.End > len(c.src) {
					t.Errorf("%s: at %v", c.src, o.Span)
				}
			}
			if got := strings.Join(all, " "); got != c.want {
				t.Errorf("%s: %s, want %s", c.src, got, c.want)
			}
		}
	}
	e := jsx(t, `const P = () => <AtModal isOpened={open} onClose={f}/>`)[0]
	if all := Opens(e); len(all) != 1 || show(all[0].Expr) != "open" {
		t.Error(all)
	}
}

func TestClosers(t *testing.T) {
	sheet := ParseStyle(dialogStyle)
	for src, want := range map[string]string{
		`<van-popup show="{{a}}" bind:close="f"/>`:                                                                      "event",
		`<van-popup show="{{a}}" closeable/>`:                                                                           "attr",
		`<van-popup show="{{a}}"><button open-type="getPhoneNumber">授权</button></van-popup>`:                            "",
		`<view class="full"><view class="close" bindtap="f"/></view>`:                                                   "icon",
		`<view class="full"><view bindtap="f"><image src="/img/icon_close.png"/></view></view>`:                         "icon",
		`<view class="full"><text bindtap="f">×</text></view>`:                                                          "icon",
		`<view class="full"><button bindtap="f">暂不授权</button></view>`:                                                   "words",
		`<view class="full"><button bindtap="f">确定</button></view>`:                                                     "",
		`<view class="full"><view bindtap="hideModal"><image src="a.png"/></view></view>`:                               "name",
		`<view class="full"><view class="mask" bindtap="f"/><view>1</view></view>`:                                      "mask",
		`<view class="full" bindtap="f"><view catchtap="">1</view></view>`:                                              "mask",
		`<view class="full"><input bindinput="f"/><button open-type="getPhoneNumber" bindtap="close">x</button></view>`: "",
	} {
		var all []string
		for _, c := range Closers(mini(src)[0], sheet) {
			all = append(all, string(c.Why))
		}
		if got := strings.Join(all, " "); got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
	for src, want := range map[string][2]bool{
		`<van-popup :close-on-click-overlay="false"/>`: {false, true},
		`<uni-popup :mask-click="true"/>`:              {true, true},
		`<van-popup :close-on-click-overlay="can"/>`:   {false, false},
		`<van-popup/>`: {false, false},
	} {
		if closes, known := MaskCloses(vue(src)[0]); closes != want[0] || known != want[1] {
			t.Errorf("%s: %v %v", src, closes, known)
		}
	}
}
