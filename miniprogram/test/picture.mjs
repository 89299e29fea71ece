// Writes the demo's states as web pages, for a browser to look at: node test/picture.mjs PLATFORM DIR
// Elements become their nearest of HTML, with what the platforms give them by default.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mount, platforms } from './harness.mjs'
import { number, Server, world } from './server.mjs'

const [name, dir] = process.argv.slice(2)
const style = platforms[name].style
const sheet = file => readFileSync(new URL(`../dist/${name}/${file}.${style}`, import.meta.url), 'utf8')

const defaults = `
html { color-scheme: light dark } body { margin: 0; background: #f4f5f7; color: #14181f; font: 16px/1.4 system-ui, "Noto Sans CJK SC", sans-serif }
@media (prefers-color-scheme: dark) { body { background: #0e1116; color: #eceff3 } }
button { display: block; position: relative; box-sizing: border-box; margin: 0 auto; padding: 0 14px; font: 18px/2.555 inherit; font-family: inherit; border: 0; border-radius: 5px; background: #f8f8f8; overflow: hidden }
button:not([size=mini]) { width: 184px; margin-left: auto; margin-right: auto }
input, textarea { display: block; font: inherit } form { display: block }
.native { width: 22px; height: 22px; margin: 1px 0 0 }`

const tags = { view: 'div', block: 'div', text: 'span', 'scroll-view': 'div', 'checkbox-group': 'div', 'radio-group': 'div', picker: 'div' }
const escape = s => String(s).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;')

function html(e, v, inner) {
  if (e.text !== undefined) return escape(e.text)
  const a = e.attrs
  const kept = Object.entries(a).filter(([k]) => k === 'id' || k === 'class' || k.startsWith('aria-') && k !== 'aria-role').map(([k, x]) => ` ${k}="${escape(x)}"`)
  const role = a.role ?? a['aria-role']
  if (role) kept.push(` role="${role}"${role === 'heading' ? ' aria-level="2"' : ''}${/button|link/.test(role) ? ' tabindex="0"' : ''}`)
  if (e.tag === 'clew-lead') return inner
  if (e.tag === 'checkbox' || e.tag === 'radio') return `<input type="${e.tag}" class="native ${a.class}"${a.checked ? ' checked' : ''} aria-label="${escape(a['aria-label'])}">`
  if (e.tag === 'input') return `<input type="text" value="${escape(v.typedIn(a.name))}"${kept.join('')}>`
  const tag = tags[e.tag] ?? e.tag
  if (tag === 'button') kept.push(' type="button"')
  if (e.tag === 'scroll-view') kept.push(' style="overflow: auto" tabindex="0"')
  if (e.tag === 'picker') kept.push(' role="button" tabindex="0"')
  return `<${tag}${kept.join('')}>${e.children.map(c => html(c, v, inner)).join('')}</${tag}>`
}

mkdirSync(dir, { recursive: true })
const tap = { douyin: { errMsg: 'getPhoneNumber:ok', code: 'token' }, wechat: { errMsg: 'getPhoneNumber:ok', code: 'token' }, alipay: {} }[name]
const deny = name === 'alipay' ? { errorMessage: '用户取消授权' } : { errMsg: 'getPhoneNumber:fail auth deny' }

for (const lang of ['zh', 'en']) {
  const page = mount(name, 'pages/index/index', {}, {})
  const server = new Server()
  const v = mount(name, 'clew-lead/index', { server: 'https://leads.example.com', component: 'cmp_1', configId: 'a1b2', lang, theme: 'auto' },
    world(name, server, { sealed: JSON.stringify({ response: 'sealed', sign: 'signed' }) }), { hears: [] })
  const save = state => {
    const block = v.tree().map(e => html(e, v, '')).join('')
    const body = page.tree().map(e => html(e, page, block)).join('')
    writeFileSync(join(dir, `${lang}-${state}.html`), `<!doctype html><html lang="${lang === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${name} ${state}</title><style>${defaults}${sheet('app')}${sheet('pages/index/index')}${sheet('clew-lead/index')}</style></head><body><main>${body}</main></body></html>`)
  }
  save('1-block')
  v.tap('cl-trigger'); save('2-open')
  v.submit(); save('3-errors')
  v.tick(['lead']); save('4-agreed')
  v.phone(tap); save('5-granted')
  v.tap('cl-drop'); v.tap('cl-back-way'); v.phone(deny); save('6-refused')
  v.pass(100); v.type('cl-phone', number(7)); v.tap('cl-send'); v.type('cl-digits', '246810'); v.choose('cl-radios', 'suv'); save('7-code')
  v.submit(); save('8-receipt')
}
