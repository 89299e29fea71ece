// What the template shows. No answer a person types and no number is ever in here,
// save the choice made from a list and a date, which the platform's pickers show
// from data; both are gone when the sheet closes.

import { choose } from '../../widget/words.json'
import type { Definition, Field, Lang } from './wire'

export interface Row {
  id: string
  kind: string
  as: 'phone' | 'input' | 'area' | 'radio' | 'list' | 'date'
  type: string
  label: string
  required: boolean
  hint: string
  format: string
  error: string
  max: number
  labels: string[]
  options: { value: string, label: string, on: boolean }[]
  /** What was chosen from a list: 0 is nothing. */
  index: number
  date: string
}

export interface Box { id: string, text: string, required: boolean, on: boolean, error: string }

/** A line of the summary: of a box, of the code, or a text. */
export interface Fault { at: string, kind: 'consent' | 'code' | 'text', text: string }

export interface View {
  zh: boolean
  /** '' while nothing is known, 'hidden' when there is nothing to show. */
  state: '' | 'ready' | 'closed' | 'hidden'
  /** Why nothing is collected, in the server's words. */
  why: string
  open: boolean
  /** Closed while it was being sent: what becomes of it is shown at the next tap. */
  kept: boolean
  /** The last try to fetch the form found no connection. */
  lost: boolean
  stage: 'form' | 'receipt' | 'closed'
  cfg: string
  label: string
  title: string
  operator: string
  other: '' | Lang
  test: boolean
  sections: { id: string, title: string, text: string, folds: boolean, shut: boolean }[]
  boxes: Box[]
  rows: Row[]
  verified: boolean
  agreed: boolean
  way: 'tap' | 'typed'
  granted: boolean
  /** Why the platform gave no number; '' when it was not asked. */
  tell: string
  again: boolean
  codeState: '' | 'wait' | 'preparing' | 'sending' | 'sent' | 'again'
  left: number
  codeError: string
  faults: Fault[]
  trouble: string
  network: boolean
  broken: boolean
  changed: boolean
  busy: boolean
  unsure: boolean
  at: string
  address: string
  statement: string
  reading: boolean
  deletion: string
  contact: string
  number: string
  url: string
  copied: '' | 'ok' | 'no'
}

/** Nothing is open, nothing is ticked, nothing is known. */
export function initial(): View {
  return {
    zh: true, state: '', why: '', open: false, kept: false, lost: false, stage: 'form', cfg: '', label: '', title: '', operator: '', other: '', test: false,
    sections: [], boxes: [], rows: [], verified: true, agreed: false, way: 'tap', granted: false, tell: '', again: false,
    codeState: 'wait', left: 0, codeError: '', faults: [], trouble: '', network: false, broken: false, changed: false, busy: false, unsure: false, at: '',
    address: '', statement: '', reading: false, deletion: '', contact: '', number: '', url: '', copied: '',
  }
}

const types: Record<string, string> = { number: 'digit' }

function row(f: Field, d: Definition, before: Row | undefined): Row {
  const choices = f.choices || []
  const few = f.required && choices.length < 7
  const max = f.max_length || 0
  const as = f.kind === 'phone' ? 'phone'
    : f.kind === 'choice' ? few ? 'radio' : 'list'
      : f.kind === 'date' ? 'date'
        : f.kind === 'text' && max > 100 ? 'area' : 'input'
  const on = (value: string) => !!before && before.options.some(o => o.value === value && o.on)
  return {
    id: f.id, kind: f.kind, as, type: types[f.kind] || 'text', label: f.label, required: f.required, error: '',
    hint: f.hint, format: f.format === f.hint ? '' : f.format, max: max || -1,
    // The first row takes an answer back.
    labels: [choose[d.lang]].concat(choices.map(c => c.label)),
    options: choices.map(c => ({ value: c.value, label: c.label, on: on(c.value) })),
    index: before ? before.index : 0, date: before ? before.date : '',
  }
}

/** A definition as the template shows it. Boxes begin empty, always; rows of before keep what was chosen. */
export function shown(d: Definition, before: Row[]): Partial<View> {
  return {
    state: 'ready', why: '', zh: d.lang === 'zh', label: d.trigger_label, title: d.title, operator: d.operator_name,
    other: d.langs.filter(l => l !== d.lang)[0] || '', test: d.test,
    // What clause 3.1.1 asks to be said is always in sight; long texts besides fold.
    sections: d.notice.sections.map(s => {
      const folds = s.text.length > (d.lang === 'zh' ? 60 : 160) && /^(rights|complaint|privacy)$/.test(s.id)
      return { id: s.id, title: s.title, text: s.text, folds, shut: folds }
    }),
    boxes: d.choices.map(c => ({ id: c.id, text: c.text, required: c.required, on: false, error: '' })),
    agreed: false,
    rows: d.fields.map(f => row(f, d, before.filter(r => r.id === f.id)[0])),
    verified: d.verification === 'verified',
    address: d.privacy.url || '', statement: d.privacy.text || '', reading: false,
    deletion: d.deletion_way, contact: d.complaint_contact,
    faults: [], trouble: '', network: false, broken: false, changed: false, codeError: '', at: '',
  }
}
