// What must not be in a component's data, where the page around it could read it.

import { call, newKey } from './api'
import { after, stop } from './timer'
import type { Timer } from './timer'
import type { View } from './view'
import type { Definition, EventKind, FunnelEvent, Gesture, Grant, Lang, Place, Received } from './wire'

/** The component as its handlers see it. */
export interface Self {
  data: View
  setData(patch: Partial<View>): void
}

export interface State {
  here: boolean
  /** What was asked for last: server, component, app, page, language. */
  want: string
  /** It could not be had, or is closed. */
  failed: boolean
  url: string
  lang: Lang
  d: Definition | null
  /** How far the server's clock is ahead, in milliseconds. */
  ahead: number
  loadedAt: number
  gesture: Gesture | null
  /** By field id; the phone number among them while it is typed. Emptied when the sheet closes. */
  answers: Record<string, string>
  /** What stands for the number the person let the platform give. */
  grant: Grant | null
  login: string
  code: string
  codeID: string
  sentTo: string
  resendAt: number
  /** A solved challenge, ready before it is asked for. */
  solved: { token: string, counter: number } | null
  solvedAt: number
  solving: boolean
  sending: boolean
  busy: boolean
  body: string
  key: string
  clock: Timer
  later: Timer
  /** Counted already, for this opening of the sheet. */
  told: Partial<Record<EventKind, boolean>>
  /** This form's refusal is on the record. */
  refused: boolean
  received: Received | null
}

const states = new WeakMap<object, State>()

export function state(self: Self): State {
  let s = states.get(self)
  if (!s) {
    s = {
      here: false, want: '', failed: false, url: '', lang: 'zh', d: null, ahead: 0, loadedAt: 0, gesture: null, answers: {}, grant: null, login: '',
      code: '', codeID: '', sentTo: '', resendAt: 0, solved: null, solvedAt: 0, solving: false, sending: false, busy: false, body: '', key: '',
      clock: undefined, later: undefined, told: {}, refused: false, received: null,
    }
    states.set(self, s)
  }
  return s
}

/** Lets go of everything the person gave and of what stands for it. */
export function forget(s: State): void {
  stop(s.clock)
  stop(s.later)
  s.answers = {}
  s.grant = s.gesture = s.solved = s.received = null
  s.login = s.code = s.codeID = s.sentTo = s.body = s.key = ''
  s.solving = s.sending = s.busy = false
  s.told = { component_show: true }
  s.refused = false
}

/** The server's instant, as far as this device can tell. */
export const now = (s: State) => Date.now() + s.ahead

/**
 * Reports what happened to the funnel, each kind once an opening; a failed report is
 * sent once more with the same id, then given up. No event says anything about who.
 */
export function tell(s: State, source: string, place: Place, ...kinds: EventKind[]): void {
  const events: FunnelEvent[] = []
  for (const kind of kinds) {
    if (s.told[kind]) continue
    s.told[kind] = true
    events.push(Object.assign({ id: newKey(), kind, at: now(s), source }, place))
  }
  if (!events.length || !s.d || s.d.test) return
  const url = s.url + '/events', body = JSON.stringify({ events })
  call(url, body, s.lang, '', () => {}, p => {
    if (!p.code) after(3000, () => call(url, body, s.lang, '', () => {}, () => {}))
  })
}
