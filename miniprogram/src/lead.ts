// <clew-lead>: a block with a button, and the sheet that a tap on it opens. Nothing
// else opens it: there is no method for a page to call.

import { copy, device, emit, go, oldLogin, property, seen } from 'platform'
import { base, call, lookUp } from './api'
import { ask, count, prepare } from './code'
import { given, missing, post, problem, show } from './form'
import { forget, now, state, tell as report } from './state'
import type { Self, State } from './state'
import { after, stop } from './timer'
import { initial, shown } from './view'
import type { Definition, EventKind, Gesture, Lang, Place, Problem, Stage } from './wire'

export { initial }
export type { Self }

/** The part of a platform's event the handlers read. */
export interface Event {
  type: string
  timeStamp?: number
  detail?: unknown
  target?: { dataset?: Record<string, string> }
  currentTarget?: { dataset?: Record<string, string> }
}

/** A definition older than this is fetched again before the sheet opens. */
const fresh = 30 * 60000

const dataset = (e: Event, name: string): string =>
  (e.currentTarget && e.currentTarget.dataset && e.currentTarget.dataset[name]) ||
  (e.target && e.target.dataset && e.target.dataset[name]) || ''

const value = (e: Event): string => String((e.detail as { value?: unknown }).value || '')

const source = (self: Self) => property(self, 'source').toLowerCase().replace(/[^a-z0-9_-]+/g, '-').slice(0, 40)

/** What the page knows of how the person came; what is no id is left out. */
function place(self: Self): Place {
  const p: Place = {}
  for (const name of ['room', 'video', 'promotion'] as const) {
    const id = property(self, name)
    if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) p[name] = id
  }
  return p
}

const tell = (self: Self, ...kinds: EventKind[]) => report(state(self), source(self), place(self), ...kinds)

// --- where it begins and ends ---------------------------------------------------

export function arrive(self: Self): void {
  state(self).here = true
  renew(self)
}

export function leave(self: Self): void {
  const s = state(self)
  s.here = false
  s.want = ''
  forget(s)
}

/** The page is in sight again: what could not be had before may be there now. */
export function back(self: Self): void {
  const s = state(self)
  if (!s.failed || self.data.open) return
  s.want = ''
  renew(self)
}

/** Fetches what the properties ask for, unless that is what is shown. */
export function renew(self: Self): void {
  const s = state(self)
  const server = property(self, 'server'), id = property(self, 'component')
  const app = property(self, 'app'), page = property(self, 'page')
  if (!s.here || !server || !id && !app) return
  const language = property(self, 'lang') || device().lang
  const lang: Lang = !language || /^zh|chinese|中文/i.test(language) ? 'zh' : 'en'
  const want = [server, id, app, page, lang, property(self, 'configId')].join(' ')
  if (want === s.want) return
  s.want = want
  s.failed = false
  s.lang = lang
  const take = (component: string, cfg: string) => {
    if (s.want !== want) return
    s.url = base(server) + 'components/' + encodeURIComponent(component)
    s.told = {}
    self.setData({ cfg })
    load(self, lang, () => {
      // Once it is drawn: what nobody scrolled to was not shown to anybody.
      after(100, () => { if (s.want === want && s.d) seen(self, '.cl-block', () => tell(self, 'component_show')) })
    })
  }
  if (id) return take(id, property(self, 'configId'))
  lookUp(server, app, page,
    a => a ? take(a.component, a.config_id || '') : nothing(self, s, want, { code: 'none', title: '' }),
    p => nothing(self, s, want, p))
}

/** There is nothing to open: the block says why, or is not there. */
function nothing(self: Self, s: State, want: string, p: Problem): void {
  if (s.want !== want) return
  emit(self, 'unavailable', { code: p.code || 'network' })
  // Out of reach just now is no reason to take away what stands there.
  if (!p.code && s.d) return self.setData({ lost: true })
  s.failed = true
  s.d = null
  self.setData({ state: p.code && p.title ? 'closed' : 'hidden', why: [p.title, p.detail].filter(Boolean).join(' '), zh: s.lang === 'zh' })
}

function load(self: Self, lang: Lang, done: () => void): void {
  const s = state(self), want = s.want, url = s.url
  call<Definition>(`${url}?lang=${lang}`, null, lang, '', d => {
    if (s.want !== want || s.url !== url) return
    s.d = d
    s.lang = d.lang
    s.loadedAt = Date.now()
    s.ahead = d.now ? d.now - Date.now() : 0
    self.setData(shown(d, []))
    done()
  }, p => nothing(self, s, want, p))
}

// --- the sheet ------------------------------------------------------------------

/** A tap that the view layer sent, as the proof wants it; null for anything else. */
function tapped(s: State, e: Event, trigger: string): Gesture | null {
  if (!e || e.type !== 'tap' || typeof e.timeStamp !== 'number' || !trigger) return null
  return {
    kind: 'tap', trigger: trigger.replace(/\s+/g, ' ').slice(0, 60), trusted: true,
    opened_at: now(s), ticked_at: 0, box_default: false, viewport: device().viewport, host: device().host,
  }
}

function open(self: Self, g: Gesture): void {
  const s = state(self)
  s.gesture = g
  // What is really there when it is first shown, not what was meant.
  g.box_default = self.data.boxes.some(b => b.on)
  self.setData({ open: true, kept: false, lost: false, stage: 'form', way: 'tap', granted: false, tell: '', again: false, codeState: 'wait', left: 0, copied: '', unsure: false })
  tell(self, 'component_show', 'click', 'open')
  emit(self, 'opened', {})
}

function stage(self: Self, s: State): Stage {
  if (s.codeID) return 'code'
  for (const id in s.answers) if (s.answers[id]) return 'fields'
  return s.grant || self.data.tell ? 'phone' : self.data.boxes.some(b => b.on) ? 'consent' : 'notice'
}

/** The person left. While it is being sent nothing is cancelled: the next tap shows what became of it. */
function close(self: Self): void {
  const s = state(self)
  if (!self.data.open) return
  self.setData({ open: false, kept: s.busy })
  if (s.busy) return
  if (s.d && !s.received && self.data.stage === 'form') refuse(self, s, stage(self, s))
  finish(self, s)
}

function refuse(self: Self, s: State, at: Stage): void {
  if (!s.d || s.refused) return
  s.refused = true
  call(s.url + '/refusals', { form_token: s.d.form_token, gesture: { kind: 'tap' }, stage: at }, s.lang, '', () => {}, () => {}) // a count, not worth a word
  emit(self, 'refused', { stage: at })
}

/** Empties the sheet. The block stays. */
function finish(self: Self, s: State): void {
  const shut = self.data.stage === 'closed'
  forget(s)
  if (shut || !s.d) return self.setData({ open: false, stage: 'form' })
  // A form token is one form's: the next opening gets its own.
  s.loadedAt = 0
  self.setData(shown(s.d, []))
}

/** Another text needs another consent: boxes come back empty, answers stay. */
function again(self: Self, lang: Lang, changed: boolean): void {
  const s = state(self), was = s.d
  call<Definition>(`${s.url}?lang=${lang}`, null, lang, '', d => {
    if (s.d !== was || s.busy || !self.data.open || !s.gesture) return
    s.d = d
    s.lang = d.lang
    s.loadedAt = Date.now()
    s.ahead = d.now ? d.now - Date.now() : 0
    s.gesture.opened_at = now(s)
    s.gesture.ticked_at = 0
    s.solved = null
    self.setData(shown(d, self.data.rows))
    s.gesture.box_default = self.data.boxes.some(b => b.on)
    if (changed) self.setData({ changed: true, at: 'clew-summary' })
  }, p => problem(self, p))
}

// --- what a person does -----------------------------------------------------------

export const handlers = {
  onTrigger(this: Self, e: Event): void {
    const s = state(this)
    const g = tapped(s, e, this.data.label)
    if (!g || this.data.open || !s.d) return
    // Closed while it was being sent: show what became of it.
    if (this.data.kept) return this.setData({ open: true, kept: false })
    if (s.loadedAt && Date.now() - s.loadedAt < fresh) return open(this, g)
    load(this, s.lang, () => { if (!this.data.open) open(this, g) })
  },

  onClose(this: Self): void { close(this) },

  /** Taps on the sheet are the sheet's own. */
  onStay(): void {},

  onLanguage(this: Self): void {
    if (this.data.other && !state(this).busy) again(this, this.data.other, false)
  },

  onFold(this: Self, e: Event): void {
    const id = dataset(e, 'id')
    this.setData({ sections: this.data.sections.map(x => x.id === id ? Object.assign({}, x, { shut: !x.shut }) : x) })
  },

  onTick(this: Self, e: Event): void {
    const s = state(this), ticked = ((e.detail as { value?: string[] }).value) || []
    const boxes = this.data.boxes.map(b => {
      const on = ticked.indexOf(b.id) >= 0
      return Object.assign({}, b, { on, error: on ? '' : b.error })
    })
    const agreed = boxes.every(b => b.on || !b.required)
    if (s.gesture && ticked.length) s.gesture.ticked_at = now(s)
    this.setData({ boxes, agreed })
    if (!agreed) return
    tell(this, 'consent')
    if (this.data.way === 'tap' && !s.grant) oldLogin(code => { s.login = code })
    prepare(this, s)
  },

  onInput(this: Self, e: Event): void {
    state(this).answers[dataset(e, 'id')] = value(e).trim()
    count(this)
  },

  onRadio(this: Self, e: Event): void {
    const id = dataset(e, 'id'), chosen = value(e)
    state(this).answers[id] = chosen
    this.setData({ rows: this.data.rows.map(r => r.id !== id ? r : Object.assign({}, r, { options: r.options.map(o => Object.assign({}, o, { on: o.value === chosen })) })) })
  },

  onList(this: Self, e: Event): void {
    const id = dataset(e, 'id'), index = Number(value(e)) || 0
    this.setData({
      rows: this.data.rows.map(r => {
        if (r.id !== id) return r
        const chosen = r.options[index - 1]
        state(this).answers[id] = chosen ? chosen.value : ''
        return Object.assign({}, r, { index })
      }),
    })
  },

  onDate(this: Self, e: Event): void {
    const id = dataset(e, 'id'), date = value(e)
    state(this).answers[id] = date
    this.setData({ rows: this.data.rows.map(r => r.id === id ? Object.assign({}, r, { date }) : r) })
  },

  onCode(this: Self, e: Event): void { state(this).code = value(e).replace(/\s/g, '') },

  onAskCode(this: Self): void { ask(this) },

  /** Before the consent nothing is asked of the platform. */
  onTooEarly(this: Self): void { show(this, missing(this, true), '') },

  /** The platform's answer to a tap on its button: something that stands for the number, or a reason. */
  onPhone(this: Self, e: Event): void {
    given(this, e.detail, reason => {
      const s = state(this)
      if (reason === 'refused' && s.d) refuse(this, s, 'phone')
      prepare(this, s)
    })
  },

  onType(this: Self): void {
    const s = state(this)
    s.grant = null
    this.setData({ way: 'typed', granted: false })
    prepare(this, s)
    count(this)
  },

  onBack(this: Self): void {
    const s = state(this)
    const phone = s.d && s.d.fields.filter(f => f.kind === 'phone')[0]
    if (phone) delete s.answers[phone.id]
    s.code = s.codeID = s.sentTo = ''
    this.setData({ way: 'tap', tell: '' })
    if (this.data.agreed) oldLogin(code => { s.login = code })
  },

  onJump(this: Self, e: Event): void { this.setData({ at: dataset(e, 'at') }) },

  onSubmit(this: Self): void {
    const s = state(this)
    if (s.busy || !s.d || !s.gesture || this.data.stage !== 'form') return
    const faults = missing(this, false)
    show(this, faults, '')
    if (faults.length) return
    post(this, source(this), place(this), r => {
      s.received = r
      s.answers = {}
      s.grant = null
      s.code = s.body = ''
      stop(s.clock)
      this.setData({ stage: 'receipt', number: r.receipt.number, url: r.receipt.url, at: '' })
      emit(this, 'submitted', { receipt: r.receipt.number })
    }, p => {
      if (/^(capability_|category_lapsed|component_)/.test(p.code)) {
        this.setData({ stage: 'closed', state: 'closed', why: [p.title, p.detail].filter(Boolean).join(' ') })
        forget(s)
        s.failed = true
        emit(this, 'unavailable', { code: p.code })
      } else if (/^(notice_stale|form_expired|form_forged)$/.test(p.code)) {
        again(this, s.lang, true)
      } else {
        problem(this, p)
      }
    })
  },

  /** The statement: in place, on a page of the app's own, or its address to take along. */
  onPrivacy(this: Self): void {
    const page = property(this, 'privacyPage')
    if (this.data.statement) return this.setData({ reading: !this.data.reading })
    if (page) return go(page, ok => { if (!ok) take(this, this.data.address) })
    visit(this, this.data.address)
  },

  /** The person's own page of what they gave: to see, withdraw or delete it. */
  onReceipt(this: Self): void { visit(this, this.data.url) },
}

function visit(self: Self, address: string): void {
  const page = property(self, 'webPage')
  if (!page) return take(self, address)
  go(page + '?url=' + encodeURIComponent(address), ok => { if (!ok) take(self, address) })
}

function take(self: Self, address: string): void {
  copy(address, ok => self.setData({ copied: ok ? 'ok' : 'no' }))
}
