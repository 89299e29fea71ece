package js

import (
	"fmt"
	"strings"
	"testing"
)

// generated is about size bytes of code as people write it for mini-programs.
func generated(size int) []byte {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `
import { request, toast as show } from '../../utils/request%[1]d'
const app = getApp()

/**
 * The page of shop %[1]d.
 * @param {string} id of the shop
 */
function load%[1]d(id, options = {}) {
  const { page = 1, size: pageSize, ...rest } = options
  if (!id || page < 1) {
    return Promise.reject(new Error('no shop: ' + id))
  }
  return request('/shop/' + encodeURIComponent(id), { page, pageSize, ...rest }).then((res) => {
    for (let i = 0; i < res.list.length; i++) {
      res.list[i].price = (res.list[i].cents / 100).toFixed(2)
    }
    return res.list.filter(item => item.stock > 0 && !item.hidden)
  })
}

Page({
  data: { list: [], loading: false, title: '店铺 %[1]d', tabs: ['全部', '推荐', '附近'], agreed: false },

  // 页面进入时只读数据
  async onLoad(query) {
    this.setData({ loading: true })
    try {
      const list = await load%[1]d(query.id || app.globalData.shop, { page: 1 })
      this.setData({ list, loading: false, ['tabs[0]']: `+"`全部(${list.length})`"+` })
    } catch (e) {
      show(e.message || '加载失败')
      this.setData({ loading: false })
    }
  },

  onTap(e) {
    const { index, kind } = e.currentTarget.dataset
    switch (kind) {
      case 'detail':
        wx.navigateTo({ url: '/pages/detail/index?id=' + this.data.list[index].id })
        break
      default:
        this.triggerEvent('choose', { index, at: Date.now() - this.startedAt })
    }
  },

  onShareAppMessage() {
    return { title: this.data.title, path: /^\/pages/.test(this.route) ? this.route : '/' + this.route }
  },
})
`, i)
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	src := generated(4 << 20)
	run := func(name string, src []byte, opts Options) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if f := Parse(src, opts); len(f.Errors) > 0 {
					b.Fatal(f.Errors[0])
				}
			}
		})
	}
	run("generated", src, Options{})
	run("small files", src[:len(generated(1))], Options{})
	var ts []byte
	for path, src := range sources(b, "../../../widget/node_modules") {
		switch {
		case strings.HasSuffix(path, "axe.js"), strings.HasSuffix(path, "axe.min.js"):
			run(path[strings.LastIndexByte(path, '/')+1:], src, Options{})
		case strings.HasSuffix(path, ".d.ts"):
			ts = append(append(ts, src...), '\n')
		}
	}
	if len(ts) > 0 {
		run("declarations", ts, Options{Dialect: TypeScript})
	}
}

func BenchmarkWalk(b *testing.B) {
	f := Parse(generated(4<<20), Options{})
	b.SetBytes(int64(len(f.Source)))
	b.ReportAllocs()
	for b.Loop() {
		calls := 0
		f.Inspect(func(n Node, _ []Node) bool {
			if _, ok := n.(*Call); ok {
				calls++
			}
			return true
		})
	}
}
