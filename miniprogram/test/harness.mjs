// A small stand-in for a mini-program platform: it reads the built template, shows
// it from the component's data, and sends the events that the platform documents.
// It is no simulator: no layout, no lifecycle but the component's, and of each
// platform only what this component uses. What it does not know, it refuses.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import vm from 'node:vm'

export const platforms = {
  douyin: { markup: 'ttml', style: 'ttss', directive: 'tt:', global: 'tt' },
  wechat: { markup: 'wxml', style: 'wxss', directive: 'wx:', global: 'wx' },
  alipay: { markup: 'axml', style: 'acss', directive: 'a:', global: 'my' },
}

const dist = new URL('../dist/', import.meta.url).pathname

// --- templates --------------------------------------------------------------------

const known = new Set('view text block button form input textarea checkbox checkbox-group radio radio-group label picker scroll-view web-view clew-lead'.split(' '))

export function parse(source) {
  const root = { tag: '', attrs: [], children: [] }
  let open = [root]
  for (const [piece, close, tag, attrs, self] of source.matchAll(/<(?:\/([a-z-]+)>|([a-z-]+)((?:\s+[^\s"=/>]+(?:="[^"]*")?)*)\s*(\/?)>)|[^<]+/g)) {
    if (close) {
      const last = open.pop()
      if (last.tag !== close) throw new Error(`</${close}> ends <${last.tag}>`)
    } else if (tag) {
      if (!known.has(tag)) throw new Error(`<${tag}> is not known here`)
      const node = { tag, attrs: [...attrs.matchAll(/([^\s"=]+)(?:="([^"]*)")?/g)].map(a => [a[1], a[2] ?? '']), children: [] }
      open.at(-1).children.push(node)
      if (!self) open.push(node)
    } else if (piece.startsWith('<')) {
      throw new Error(`cannot read ${piece.slice(0, 80)}`)
    } else if (piece.trim()) {
      open.at(-1).children.push({ text: piece.trim() })
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1).tag}> has no end`)
  return root
}

/** The value of a text with {{ }} in it; a name that is not in scope is a fault. */
function value(text, scope) {
  const look = expression => new Function('scope', `with (scope) { return (${expression}) }`)(scope)
  const whole = /^\{\{(.*)\}\}$/s.exec(text)
  if (whole && !whole[1].includes('}}')) return look(whole[1])
  return text.replace(/\{\{(.*?)\}\}/gs, (_, e) => { const v = look(e); return v === undefined || v === null ? '' : String(v) })
}

/** Shows nodes for a scope: [{tag, attrs, on, children, parent}] with texts as {text}. */
function show(nodes, scope, p, parent) {
  const out = []
  let taken = true
  for (const node of nodes) {
    if (node.text !== undefined) {
      out.push({ text: String(value(node.text, scope)), parent })
      continue
    }
    const directive = name => node.attrs.find(a => a[0] === p.directive + name)?.[1]
    const cond = directive('if') ?? directive('elif')
    if (directive('if') !== undefined) taken = false
    if (cond !== undefined || directive('else') !== undefined) {
      if (taken) continue
      if (cond !== undefined && !value(cond, scope)) continue
      taken = true
    }
    const list = directive('for')
    const scopes = list === undefined ? [scope] : value(list, scope).map(item => ({ ...scope, [directive('for-item')]: item }))
    if (list !== undefined) {
      const key = directive('key'), keys = scopes.map(s => s[directive('for-item')][key])
      if (new Set(keys).size !== keys.length) throw new Error(`${p.directive}key="${key}" is not unique`)
    }
    for (const inner of scopes) out.push(...element(node, inner, p, parent))
  }
  return out
}

function element(node, scope, p, parent) {
  if (node.tag === 'block') return show(node.children, scope, p, parent)
  const e = { tag: node.tag, attrs: {}, on: {}, parent, children: [] }
  for (const [name, text] of node.attrs) {
    if (name.startsWith(p.directive)) continue
    const event = p.global === 'my' ? /^(on|catch)([A-Z]\w*)$/.exec(name) : /^(bind|catch)([a-z]+)$/.exec(name)
    if (event) e.on[event[2][0].toLowerCase() + event[2].slice(1)] = { method: text, stop: event[1] === 'catch' }
    else e.attrs[name] = value(text, scope)
  }
  e.children = show(node.children, scope, p, e)
  return [e]
}

// --- one component on a page --------------------------------------------------------

/**
 * Loads a built component. world is {request, device, …}: what the platform's object
 * does. The clock stands still until tick.
 */
export function mount(name, file, props, world, options = {}) {
  const p = platforms[name]
  const base = join(dist, name, file)
  const template = parse(readFileSync(`${base}.${p.markup}`, 'utf8'))
  const clock = { now: options.now ?? 1_790_000_000_000, timers: [], next: 1 }
  const logged = []
  const log = (...args) => { logged.push(args.map(String).join(' ')) }
  let definition
  const context = vm.createContext({
    [p.global]: world,
    Component: d => { definition = d }, Page: d => { definition = d },
    console: { log, info: log, warn: log, error: log, debug: log },
    setTimeout: (run, ms) => { clock.timers.push({ id: clock.next, at: clock.now + ms, run }); return clock.next++ },
    clearTimeout: id => { clock.timers = clock.timers.filter(t => t.id !== id) },
    require: path => {
      const sub = vm.createContext({ module: { exports: {} } })
      vm.runInContext(readFileSync(join(dirname(base), path + '.js'), 'utf8'), sub)
      return sub.module.exports
    },
    module: { exports: {} }, exports: {},
  })
  vm.runInContext('Date.now = () => clockNow()', Object.assign(context, { clockNow: () => clock.now }))
  // A file is a function's body, as the platforms run it.
  vm.runInContext(`(function () {${readFileSync(`${base}.js`, 'utf8')}\n})()`, context, { filename: `${name}/${file}.js` })

  const emitted = []
  const clone = x => JSON.parse(JSON.stringify(x)) // as data crosses to the view layer
  const self = Object.create(definition.methods ?? definition)
  const heard = name => detail => { emitted.push([name, clone(detail)]); options.heard?.(name, detail) }
  if (p.global === 'my') {
    self.props = { ...definition.props, ...props }
    for (const name of options.hears ?? []) self.props['on' + name[0].toUpperCase() + name.slice(1)] = heard(name)
  } else {
    const defaults = Object.entries(definition.properties ?? {}).map(([k, v]) => [k, v.value])
    self.properties = { ...Object.fromEntries(defaults), ...props }
    for (const k in props) if (definition.properties && !(k in definition.properties)) throw new Error(`no property ${k}`)
    self.triggerEvent = (name, detail) => heard(name)(detail)
  }
  self.data = clone(definition.data)
  self.setData = patch => {
    for (const k in patch) if (!(k in self.data)) throw new Error(`setData of ${k}, which is not in data`)
    Object.assign(self.data, clone(patch))
    self.renders++
    if (p.global === 'my') definition.didUpdate?.call(self, self.props, self.data)
  }
  self.renders = 0

  const typed = new Map()
  const view = {
    self, emitted, logged, clock, name,
    /** What is on the screen now. */
    tree() {
      const scope = { ...(self.properties ?? self.props ?? {}), ...self.data }
      const nodes = show(template.children, scope, p, null)
      // What is typed lives as long as its input.
      const there = new Set(all(nodes).filter(e => e.tag === 'input' || e.tag === 'textarea').map(e => e.attrs.name))
      for (const k of typed.keys()) if (!there.has(k)) typed.delete(k)
      return nodes
    },
    all: cls => all(view.tree()).filter(e => String(e.attrs.class ?? '').split(/\s+/).includes(cls)),
    texts: cls => view.all(cls).map(textOf),
    text: () => textOf({ children: view.tree() }),
    typedIn: name => typed.get(name) ?? '',

    fire(e, type, detail, extra) {
      if (!e) throw new Error(`nothing there to ${type}`)
      const data = node => Object.fromEntries(Object.entries(node.attrs).filter(a => a[0].startsWith('data-')).map(a => [a[0].slice(5), a[1]]))
      const bubbles = type === 'tap'
      for (let at = e; at; at = bubbles ? at.parent : null) {
        const on = at.on[type]
        if (!on) continue
        if (typeof self[on.method] !== 'function') throw new Error(`no method ${on.method}`)
        self[on.method]({ type: type.toLowerCase() === 'tap' ? 'tap' : type, timeStamp: 1234, target: { id: e.attrs.id, dataset: data(e) }, currentTarget: { id: at.attrs.id, dataset: data(at) }, detail, ...extra })
        if (on.stop) return
      }
    },
    tap(cls, i = 0) {
      const e = typeof cls === 'string' ? view.all(cls)[i] : cls
      if (!e) throw new Error(`there is no .${cls} to tap; there is: ${view.text()}`)
      const at = { x: 20, y: 300, clientX: 20, clientY: 300, pageX: 20, pageY: 300 }
      const touch = [{ identifier: 0, ...at }]
      view.fire(e, 'tap', p.global === 'my' ? { clientX: at.clientX, clientY: at.clientY, pageX: at.pageX, pageY: at.pageY } : { x: at.x, y: at.y }, p.global === 'my' ? {} : { touches: touch, changedTouches: touch })
      if (e.attrs['form-type'] === 'submit') {
        let form = e.parent
        while (form && form.tag !== 'form') form = form.parent
        view.fire(form, 'submit', { value: Object.fromEntries(typed) })
      }
      if (e.attrs['open-type'] && e.attrs['open-type'] !== 'getPhoneNumber' && e.attrs['open-type'] !== 'getAuthorize') throw new Error('open-type ' + e.attrs['open-type'])
    },
    type(cls, text, i = 0) {
      const e = view.all(cls)[i]
      if (!e) throw new Error(`there is no .${cls}`)
      typed.set(e.attrs.name, text)
      view.fire(e, 'input', p.global === 'my' ? { value: text } : { value: text, cursor: text.length })
    },
    tick(ids) { view.fire(view.all('cl-boxes')[0], 'change', { value: ids }) },
    choose(cls, value) { view.fire(view.all(cls)[0], 'change', { value }) },
    submit() { view.tap('cl-submit') },
    /** A tap on the platform's button, and the platform's answer to it. */
    phone(detail) {
      const button = view.all('cl-ask')[0]
      if (p.global === 'my') {
        if (button?.attrs['open-type'] !== 'getAuthorize' || button.attrs.scope !== 'phoneNumber') throw new Error('no phone button')
        view.fire(button, detail.errorMessage ? 'error' : 'getAuthorize', detail)
      } else {
        if (button?.attrs['open-type'] !== 'getPhoneNumber') throw new Error('no phone button')
        view.fire(button, 'getphonenumber', detail)
      }
    },
    set(next) {
      if (p.global === 'my') { Object.assign(self.props, next); definition.didUpdate?.call(self, self.props, self.data) }
      else for (const k in next) { self.properties[k] = next[k]; definition.properties[k].observer?.call(self, next[k]) }
    },
    /** Lets time pass; every timer due runs in its order. */
    pass(ms) {
      const until = clock.now + ms
      for (;;) {
        const due = clock.timers.filter(t => t.at <= until).sort((a, b) => a.at - b.at || a.id - b.id)[0]
        if (!due) break
        clock.timers = clock.timers.filter(t => t !== due)
        clock.now = Math.max(clock.now, due.at)
        due.run()
      }
      clock.now = until
    },
    async comeBack() { (definition.pageLifetimes?.show ?? definition.pageEvents?.onShow).call(self) },
    leave() { (definition.lifetimes?.detached ?? definition.didUnmount)?.call(self) },
  }
  ;(definition.lifetimes?.attached ?? definition.didMount ?? definition.onLoad)?.call(self, options.query ?? {})
  return view
}

export const all = nodes => nodes.flatMap(e => e.tag ? [e, ...all(e.children)] : [])
export const textOf = e => e.text ?? e.children.map(textOf).join(' ').replace(/\s+/g, ' ').trim()

/** Where every clock begins. */
mount.now = () => 1_790_000_000_000
