package code

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"clew/check/source/js"
)

// packages is where npm ci puts what the widget's tests need.
const packages = "../../widget/node_modules"

// sources are the scripts below a folder; none where it does not exist.
func sources(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx":
			found[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return found
}

// BenchmarkLower prints MB/s of parsing alone and with lowering, and the bytes
// that a module holds for each byte of its source.
func BenchmarkLower(b *testing.B) {
	page := strings.Repeat(shop, 1+(1<<20)/len(shop))
	list := map[string][]byte{"pages": []byte(page), "page": []byte(shop)}
	for path, src := range sources(b, packages) {
		switch name := filepath.Base(path); name {
		case "axe.js", "axe.min.js", "_tsc.js":
			list[name] = src
		}
	}
	for _, name := range []string{"page", "pages", "axe.js", "axe.min.js", "_tsc.js"} {
		src := list[name]
		if src == nil {
			continue
		}
		opts := js.Options{}
		b.Run(name+"/parse", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				js.Parse(src, opts)
			}
		})
		b.Run(name+"/lower", func(b *testing.B) {
			tree := js.Parse(src, opts)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				Lower(name, tree)
			}
			b.StopTimer()
			b.ReportMetric(held(src, opts), "held/B")
		})
		b.Run(name+"/both", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				Lower(name, js.Parse(src, opts))
			}
		})
	}
}

// held is how many bytes live on in the module of src, its source included, for
// each byte of src.
func held(src []byte, opts js.Options) float64 {
	copies := 1 + (1<<20)/len(src)
	modules := make([]*Module, copies)
	before := live()
	for i := range modules {
		modules[i] = Lower("", js.Parse(src, opts))
	}
	after := live()
	runtime.KeepAlive(modules)
	return float64(after-before) / float64(len(src)*copies)
}

func live() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkExpression(b *testing.B) {
	for _, src := range []string{"item.name", "show && list[index].name"} {
		b.Run(src, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Expression("a.ttml", src, 100)
			}
		})
	}
}

// shop is a page as people write them.
const shop = `
import { request, toast as show } from '../../utils/request'
const app = getApp()

/**
 * The page of a shop.
 * @param {string} id of the shop
 */
function load(id, options = {}) {
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
  data: { list: [], loading: false, title: '店铺', tabs: ['全部', '推荐', '附近'], agreed: false },

  // 页面进入时只读数据
  async onLoad(query) {
    this.setData({ loading: true })
    try {
      const list = await load(query.id || app.globalData.shop, { page: 1 })
      this.setData({ list, loading: false, ['tabs[0]']: ` + "`全部(${list.length})`" + ` })
    } catch (e) {
      show(e.message || '加载失败')
      this.setData({ loading: false })
    }
  },

  onTap(e) {
    const { index, kind } = e.currentTarget.dataset
    switch (kind) {
      case 'detail':
        tt.navigateTo({ url: '/pages/detail/index?id=' + this.data.list[index].id })
        break
      default:
        this.triggerEvent('choose', { index, at: Date.now() - this.startedAt })
    }
  },

  onShareAppMessage() {
    return { title: this.data.title, path: /^\/pages/.test(this.route) ? this.route : '/' + this.route }
  },
})
`

func BenchmarkParseSmall(b *testing.B) {
	b.ReportAllocs()
	src := []byte("(show && list[index].name)")
	for b.Loop() {
		js.Parse(src, js.Options{})
	}
}
