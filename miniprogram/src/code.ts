// The code by text message, for a number that is typed.

import { call } from './api'
import { consent, missing, phoneOf, problem, show, wrong } from './form'
import { solve } from './puzzle'
import { state } from './state'
import type { Self, State } from './state'
import { after, stop } from './timer'
import type { Challenge, Problem, Sent } from './wire'

/** A solved challenge is taken for ten minutes; one this old is not worth the try. */
const solvedLife = 9 * 60000

/**
 * Works on the challenge while the number is still being typed: without the
 * browser's own cryptography it takes seconds. It needs the consent, and no number.
 */
export function prepare(self: Self, s: State, then?: () => void): void {
  if (!s.d || !self.data.verified || !self.data.agreed || self.data.way !== 'typed' || s.solving) return
  if (s.solved) {
    if (then) then()
    return
  }
  s.solving = true
  const token = s.d.form_token
  const gone = () => !s.d || s.d.form_token !== token || !self.data.open
  call<Challenge>(s.url + '/challenges?engine=app', { form_token: token }, s.lang, '', c => solve(c, () => {
    const over = gone()
    if (over) s.solving = false
    return over
  }, counter => {
    s.solving = false
    s.solved = { token: c.token, counter }
    s.solvedAt = Date.now()
    if (s.sending) send(self, s)
    else if (then) then()
  }), p => {
    s.solving = false
    if (s.sending) fail(self, s, p)
  })
}

function fail(self: Self, s: State, p: Problem): void {
  s.sending = false
  problem(self, p)
  count(self)
}

/** Shows how it stands with the code: no request goes out here. */
export function count(self: Self): void {
  const s = state(self), phone = phoneOf(s)
  const number = (phone && s.answers[phone.id]) || ''
  // A code belongs to the number it was sent to.
  if (s.sentTo !== number) s.codeID = ''
  stop(s.clock)
  const left = Math.max(0, Math.ceil((s.resendAt - Date.now()) / 1000))
  const next = s.sending ? s.solved ? 'sending' : 'preparing'
    : left ? 'sent'
      : s.resendAt ? 'again'
        : phone && self.data.agreed && number && !wrong(phone, number) ? '' : 'wait'
  if (self.data.codeState !== next || self.data.left !== left) self.setData({ codeState: next, left })
  if (left && self.data.open) s.clock = after(1000, () => count(self))
}

export function ask(self: Self): void {
  const s = state(self)
  if (s.sending || s.busy || s.resendAt > Date.now()) return
  if (Date.now() - s.solvedAt > solvedLife) s.solved = null
  const faults = missing(self, true)
  show(self, faults, '')
  if (faults.length) return
  s.sending = true
  count(self)
  if (s.solved) send(self, s)
  else prepare(self, s)
}

function send(self: Self, s: State): void {
  const d = s.d, phone = phoneOf(s)
  if (!d || !phone || !s.gesture) return
  const to = s.answers[phone.id] || ''
  const challenge = s.solved
  s.solved = null // it opens once
  call<Sent>(s.url + '/codes', { form_token: d.form_token, consent: consent(self, s), phone: to, challenge }, s.lang, '', sent => {
    s.sending = false
    s.codeID = sent.code_id
    s.sentTo = to
    // Clocks can be wrong in more than one way: a minute is the most anyone waits.
    s.resendAt = Math.min(sent.resend_at - s.ahead, Date.now() + 60000)
    count(self)
  }, p => fail(self, s, p))
}
