import { emit, given as fromPlatform } from 'platform'
import { call, newKey } from './api'
import { state } from './state'
import type { Self, State } from './state'
import { after } from './timer'
import type { Fault } from './view'
import type { Consent, Field, Lead, Place, Problem, Reason, Received } from './wire'

/** How long to wait before a submission that got no answer goes out again, with the same key. */
const waits = [1000, 3000]

export const phoneOf = (s: State): Field | undefined => s.d ? s.d.fields.filter(f => f.kind === 'phone')[0] : undefined

/**
 * Whether an answer is plainly missing or of another kind. The server judges; this
 * must never refuse what the server would take.
 */
export function wrong(f: Field, answer: string): boolean {
  if (!answer) return f.required
  if (f.kind === 'phone') return answer.normalize('NFKC').replace(/\D/g, '').length < 5
  return f.kind === 'email' && !/.@./.test(answer)
}

/** Whether the person lets the platform's number stand for a typed one. */
const byTap = (self: Self, s: State) => self.data.way === 'tap' && !!s.grant

/** What is missing before anything may be sent; before a code may, less. */
export function missing(self: Self, forCode: boolean): Fault[] {
  const s = state(self), list: Fault[] = []
  if (!s.d) return list
  for (const b of self.data.boxes) {
    if (b.required && !b.on) list.push({ at: 'clew-box-' + b.id, kind: 'consent', text: '' })
  }
  for (const f of s.d.fields) {
    const isPhone = f.kind === 'phone', tapped = isPhone && byTap(self, s)
    if ((isPhone || !forCode) && !tapped && wrong(f, s.answers[f.id] || '')) list.push({ at: 'clew-field-' + f.id, kind: 'text', text: f.error })
    if (isPhone && !forCode && !tapped && self.data.way === 'typed' && self.data.verified && !s.code && (f.required || s.answers[f.id])) {
      list.push({ at: 'clew-code', kind: 'code', text: '' })
    }
  }
  return list
}

/** Marks what is wrong and shows the list of it. */
export function show(self: Self, faults: Fault[], trouble: string): void {
  const said = (at: string) => faults.filter(f => f.at === at)[0]
  const bad = (at: string) => { const f = said(at); return f ? f.text || f.kind : '' }
  self.setData({ at: '' }) // to scroll there even when it was there before
  self.setData({
    faults, trouble, network: false, broken: false, changed: false,
    at: faults.length || trouble ? 'clew-summary' : '',
    boxes: self.data.boxes.map(b => Object.assign({}, b, { error: bad('clew-box-' + b.id) })),
    rows: self.data.rows.map(r => Object.assign({}, r, { error: bad('clew-field-' + r.id) })),
    codeError: bad('clew-code'),
  })
}

/** Shows what the server refused, field by field where it names them. */
export function problem(self: Self, p: Problem): void {
  const s = state(self)
  const at = (field: string): string => {
    const name = field.split(/[./]/).pop() || '', phone = phoneOf(s)
    if (name === 'code' || name === 'code_id') return 'clew-code'
    if (/^phone_grant\b/.test(field)) return phone ? 'clew-field-' + phone.id : ''
    return (self.data.boxes.some(b => b.id === name) ? 'clew-box-' : 'clew-field-') + name
  }
  const errors = p.errors || []
  show(self, errors.map((e): Fault => ({ at: at(e.field), kind: 'text', text: e.message })),
    errors.length || !p.code ? '' : [p.title, p.detail].filter(Boolean).join(' '))
  self.setData({ unsure: !p.code, network: !p.code, broken: !!p.code && !errors.length && !p.title && !p.detail, at: 'clew-summary' })
  // What stood for the number is used up or worthless: the person types it, or taps anew.
  const phone = phoneOf(s)
  if (s.grant && (/^phone_/.test(p.code) || errors.some(e => /^phone_grant\b/.test(e.field) || !!phone && e.field.split(/[./]/).pop() === phone.id))) {
    s.grant = null
    const codes = p.code + ' ' + errors.map(e => e.code).join(' ')
    const denied = /denied/.test(codes)
    self.setData({ way: 'typed', granted: false, tell: denied ? 'denied' : /\b(expired|used)\b/.test(codes) ? 'spent' : 'failed', again: !denied })
    if (denied) emit(self, 'phonefail', { reason: 'denied', code: p.code })
  }
}

/**
 * Reads what the platform's button gave. Whatever it is, the sheet stays as it is and
 * nothing is asked again: without a number the person may type one.
 */
export function given(self: Self, detail: unknown, without: (r: Reason) => void): void {
  const s = state(self)
  if (!s.d || !self.data.agreed || s.busy) return
  fromPlatform(detail, s.login, g => {
    if (!s.gesture || !self.data.open) return
    s.grant = g.grant || null
    if (g.grant) {
      const phone = phoneOf(s)
      if (phone) delete s.answers[phone.id]
      self.setData({ granted: true, tell: '', way: 'tap', rows: self.data.rows.map(r => r.kind === 'phone' ? Object.assign({}, r, { error: '' }) : r) })
      return
    }
    const reason = g.reason || 'failed'
    self.setData({ granted: false, way: 'typed', tell: reason, again: reason === 'refused' || reason === 'failed' })
    if (reason !== 'refused') emit(self, 'phonefail', { reason, code: g.code })
    without(reason)
  })
}

export const consent = (self: Self, s: State): Consent => ({
  notice_version: s.d!.notice.version,
  notice_hash: s.d!.notice.hash,
  choices: self.data.boxes.map(b => ({ id: b.id, accepted: b.on })),
  gesture: s.gesture!,
})

/** Sends the lead; it is one submission however often it has to be sent. */
export function post(self: Self, source: string, place: Place, done: (r: Received) => void, refused: (p: Problem) => void): void {
  const s = state(self), d = s.d!
  const lead: Lead = { form_token: d.form_token, consent: consent(self, s), answers: {}, source, place }
  for (const f of d.fields) {
    const answer = s.answers[f.id]
    if (answer && !(f.kind === 'phone' && byTap(self, s))) lead.answers[f.id] = answer
  }
  if (byTap(self, s)) {
    lead.phone_grant = s.grant!
  } else if (self.data.verified) {
    lead.code_id = s.codeID
    lead.code = s.code
  }
  // The same words again are the same submission; other words are another one.
  const body = JSON.stringify(lead)
  if (body !== s.body) s.key = newKey()
  s.body = body
  s.busy = true
  self.setData({ busy: true, unsure: false })
  const url = s.url + '/leads', key = s.key
  const send = (time: number) => call<Received>(url, body, s.lang, key, r => {
    if (s.key !== key) return
    s.busy = false
    self.setData({ busy: false })
    done(r)
  }, p => {
    if (s.key !== key) return
    const wait = waits[time]
    if (!p.code && wait) {
      s.later = after(wait, () => send(time + 1))
      return
    }
    s.busy = false
    self.setData({ busy: false })
    refused(p)
  })
  send(0)
}
