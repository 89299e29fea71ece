// The same handle as harness.mjs has, on WeChat's own component framework: the built
// component runs in miniprogram-simulate, its template compiled by WeChat's compiler.

import { createRequire } from 'node:module'
import { mock } from 'node:test'
import { JSDOM } from 'jsdom'

const require = createRequire(import.meta.url)
const dom = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true })
for (const name of ['window', 'document', 'CustomEvent', 'Event', 'HTMLElement', 'Node', 'TouchEvent', 'MutationObserver']) globalThis[name] = dom.window[name] ?? dom.window
globalThis.window = dom.window
const simulate = require('miniprogram-simulate')

const start = 1_790_000_000_000
mock.timers.enable({ apis: ['setTimeout', 'Date'], now: start })

// The framework hands events on in microtasks, some of them in turn.
const settle = async () => { for (let i = 0; i < 20; i++) await Promise.resolve() }

export async function mount(name, file, props, world, options = {}) {
  globalThis.wx = world
  const path = new URL(`../dist/wechat/${file}`, import.meta.url).pathname
  const id = simulate.load(path, { compiler: 'official', rootPath: new URL('../dist/wechat', import.meta.url).pathname })
  const comp = simulate.render(id, props)
  globalThis.wx = world // load puts its own in its place
  const emitted = [], logged = []
  for (const event of ['opened', 'refused', 'submitted', 'unavailable', 'phonefail']) {
    comp.addEventListener(event, e => { emitted.push([event, e.detail]) })
  }
  const parent = document.createElement('div')
  document.body.appendChild(parent)
  comp.attach(parent)
  await settle()
  const view = {
    emitted, logged, name, self: comp.instance,
    clock: { get now() { return Date.now() } },
    all: cls => comp.querySelectorAll('.' + cls),
    texts: cls => view.all(cls).map(c => c.dom.textContent.replace(/\s+/g, ' ').trim()),
    text: () => comp.dom.textContent,
    async fire(c, type, detail) {
      if (!c) throw new Error(`nothing there to ${type}`)
      c.dispatchEvent(type, { detail, bubbles: true })
      await settle()
    },
    async tap(cls, i = 0) {
      const c = view.all(cls)[i]
      if (!c) throw new Error(`there is no .${cls}`)
      await view.fire(c, 'tap', { x: 20, y: 300 })
    },
    async type(cls, text, i = 0) { await view.fire(view.all(cls)[i], 'input', { value: text, cursor: text.length }) },
    async tick(ids) { await view.fire(view.all('cl-boxes')[0], 'change', { value: ids }) },
    async choose(cls, value) { await view.fire(view.all(cls)[0], 'change', { value }) },
    async submit() { await view.fire(view.all('cl-form')[0], 'submit', { value: {} }) },
    async phone(detail) { await view.fire(view.all('cl-ask')[0], 'getphonenumber', detail) },
    async set(next) { comp.setData(next); await settle() },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 500) { mock.timers.tick(Math.min(left, 500)); await settle() }
      await settle()
    },
    async comeBack() { comp._exparserNode.triggerPageLifeTime('show', []); await settle() },
    leave() { comp.detach() },
  }
  return view
}

mount.now = () => Date.now()
