package view

import (
	"strings"
	"testing"

	"clew/check/source"
	"clew/check/source/markup"
)

// typical is template source as pages have it: names, paths, a few expressions.
var typical = strings.Repeat(`
  <view class="card {{item.hot ? 'hot' : ''}}" wx:for="{{list}}" wx:key="id" bindtap="open" data-id="{{item.id}}">
    <image class="card-cover" src="{{item.cover}}" mode="aspectFill"></image>
    <view class="card-main">
      <view class="card-title">{{item.title}}</view>
      <view class="card-text" wx:if="{{item.price > 0}}">￥{{item.price}} 元起</view>
      <view class="card-text" wx:else>价格面议，欢迎咨询</view>
    </view>
    <button class="btn" open-type="getPhoneNumber" bindgetphonenumber="grant">立即咨询</button>
  </view>`, 400)

func BenchmarkFromMarkup(b *testing.B) {
	doc := markup.Parse(typical, markup.Mini)
	file := &source.File{Path: "a.wxml", Text: typical}
	b.SetBytes(int64(len(typical)))
	b.ReportAllocs()
	for b.Loop() {
		FromMarkup(file, doc, nil)
	}
}

func BenchmarkFromMarkupVue(b *testing.B) {
	src := strings.NewReplacer(`wx:for="{{list}}" wx:key="id"`, `v-for="item in list" :key="item.id"`, `"{{item.hot ? 'hot' : ''}}"`, `"card"`,
		`data-id="{{item.id}}"`, `:data-id="item.id"`, `src="{{item.cover}}"`, `:src="item.cover"`, `wx:if="{{item.price > 0}}"`, `v-if="item.price > 0"`,
		`wx:else`, `v-else`, `bindtap="open"`, `@click="open(item)"`, `bindgetphonenumber`, `@getphonenumber`).Replace(typical)
	doc := markup.Parse(src, markup.Vue)
	file := &source.File{Path: "a.vue", Text: src}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		FromMarkup(file, doc, nil)
	}
}

func BenchmarkParseStyle(b *testing.B) {
	css := strings.Repeat(`
.card { display: flex; padding: 20rpx 30rpx; margin-bottom: 20rpx; background: #fff; border-radius: 12rpx; }
.card .title, .card .sub { font-size: 32rpx; color: #333; line-height: 1.5; }
.mask { position: fixed; top: 0; left: 0; width: 100%; height: 100%; background: rgba(0, 0, 0, .5); z-index: 10; }
/* what follows is for the foot */
.foot { position: fixed; left: 0; right: 0; bottom: 0; height: 100rpx; &-btn { color: red; } }`, 500)
	b.SetBytes(int64(len(css)))
	b.ReportAllocs()
	for b.Loop() {
		ParseStyle(css)
	}
}

func BenchmarkFacets(b *testing.B) {
	roots := template(markup.Mini, typical)
	sheet := ParseStyle(dialogStyle)
	b.SetBytes(int64(len(typical)))
	for b.Loop() {
		for e := range All(roots) {
			e.FieldKind()
			e.IsCheck()
			e.AsksPhone()
			Dialog(e, sheet)
		}
	}
}
