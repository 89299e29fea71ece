package view

import (
	"strings"
	"testing"

	"clew/check/source/markup"
)

// One little page in every dialect gives one tree.
const littlePage = `
view class="page"
  view if(ready) class="list"
    text for(item,index in list) class="row" @tap=open
      text {item.name}
  view if!(ready) if(failed)
    text "请重试"
  view if!(ready) if!(failed)
    text "加载中"
  view if~(open) class={` + "`'sheet '+on?'in':''`" + `}
    input name="phone" placeholder="手机号" maxlength="11" value={phone} @input=type
    button if!~!(x) opentype="getPhoneNumber" @getphonenumber=grant
      text "立即报名"
`

func TestDialectsGiveOneTree(t *testing.T) {
	want := strings.TrimPrefix(littlePage, "\n")
	want = strings.Replace(want, " if!~!(x)", "", 1)
	mini := func(prefix, tap, input, grant, openType string) string {
		return `<view class="page"><!-- <button open-type="getPhoneNumber">旧</button> -->
  <view P:if="{{ready}}" class="list"><text P:for="{{list}}" class="row" TAP="open">{{item.name}}</text></view>
  <view P:elif="{{failed}}">请重试</view>
  <view P:else>加载中</view>
  <view style="display:{{open?'block':'none'}}" class="sheet {{on?'in':''}}">
    <input name="phone" placeholder="手机号" maxlength="11" value="{{phone}}" INPUT="type" />
    <button OPEN="getPhoneNumber" GRANT="grant">立即报名</button>
  </view>
</view>`
	}
	write := func(prefix, tap, input, grant, openType string) string {
		return strings.NewReplacer("P:", prefix+":", "TAP", tap, "INPUT", input, "GRANT", grant, "OPEN", openType).Replace(mini(prefix, tap, input, grant, openType))
	}
	sources := []struct {
		name string
		tree []*Element
	}{
		{"wxml", template(markup.Mini, write("wx", "bindtap", "bindinput", "bindgetphonenumber", "open-type"))},
		{"ttml", template(markup.Mini, write("tt", "bind:tap", "bind:input", "bind:getphonenumber", "openType"))},
		{"axml", template(markup.Mini, write("a", "onTap", "onInput", "onGetPhoneNumber", "open-type"))},
		{"ksml", template(markup.Mini, write("ks", "bindtap", "bindinput", "bindgetphonenumber", "open-type"))},
		{"vue", vue(`<view class="page"><!-- <popup/> -->
  <view v-if="ready" class="list"><text v-for="(item,index) in list" :key="index" class="row" @click="open">{{ item.name }}</text></view>
  <view v-else-if="failed">请重试</view>
  <view v-else>加载中</view>
  <view :style="{display: open ? 'block' : 'none'}" :class="` + "`sheet ${on?'in':''}`" + `">
    <input name="phone" placeholder="手机号" maxlength="11" :value="phone" @input="type"/>
    <button open-type="getPhoneNumber" @getphonenumber="grant">立即报名</button>
  </view></view>`)},
		{"taro", jsx(t, `
import { View, Text, Input, Button } from '@tarojs/components'
export default function Page({ ready, failed, list, open: isOpen, on, phone, type, grant }) {
  const open = go()
  const body = ready
    ? <View className="list">{list.map((item, index) => <Text key={index} className="row" onClick={open}>{item.name}</Text>)}</View>
    : failed ? <View>请重试</View> : <View>加载中</View>
  return (
    <View className="page">
      {/* <Button openType="getPhoneNumber" /> */}
      {body}
      <View style={{ display: open ? 'block' : 'none' }} className={`+"`sheet ${on ? 'in' : ''}`"+`}>
        <Input name="phone" placeholder="手机号" maxlength="11" value={phone} onInput={type} />
        <Button openType="getPhoneNumber" onGetPhoneNumber={grant}>立即报名</Button>
      </View>
    </View>
  )
}`)},
	}
	for _, s := range sources {
		t.Run(s.name, func(t *testing.T) {
			if got := normal(dump(s.tree)); got != normal(want) {
				t.Errorf("got\n%s\nwant\n%s", got, normal(want))
			}
		})
	}
}

// normal takes away what the dialects differ in for good: where a style attribute
// stands, which is a condition already, and in what order attributes are written.
func normal(dump string) string {
	var lines []string
	for line := range strings.Lines(dump) {
		words := strings.Fields(line)
		kept := words[:0]
		for _, w := range words {
			if strings.HasPrefix(w, "style=") {
				continue
			}
			kept = append(kept, w)
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		lines = append(lines, indent+strings.Join(kept, " "))
	}
	return strings.Join(lines, "\n")
}
