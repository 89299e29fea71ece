// The public wire as the widget sees it. Times are milliseconds since 1970.

import type { words } from './words'

export type Kind = 'phone' | 'name' | 'region' | 'choice' | 'text' | 'date' | 'number' | 'email'
export type Word = keyof typeof words
export type Lang = 'zh' | 'en'

/** GET components/{id}: everything a person reads, in one language. */
export interface Definition {
  id: string
  version: number
  lang: Lang
  /** Languages the notice exists in. */
  langs: Lang[]
  operator_name: string
  title: string
  trigger_label: string
  notice: { version: number, hash: string, lang: Lang, sections: { id: string, title: string, text: string }[] }
  /** One box each; a third party has a box of its own. */
  choices: { id: string, text: string, required: boolean }[]
  fields: Field[]
  /** A link, or a text shown in place. */
  privacy: { url: string | null, text: string | null }
  complaint_contact: string
  deletion_way: string
  verification: 'verified' | 'typed'
  form_token: string
  /** The server's instant. A device's clock may be wrong by hours; times sent are by this one. */
  now?: number
  test: boolean
  words: Record<Word, string>
}

/** A definition, how far the server's clock is ahead of the device's, and where the element stands. */
export type Shown = Definition & { ahead: number, source: string }

export interface Field {
  id: string
  kind: Kind
  required: boolean
  label: string
  hint: string
  /** The shape expected, in words: "11 位数字". */
  format: string
  /** Said when the answer is missing or of the wrong shape. */
  error: string
  choices?: { value: string, label: string }[] | null
  /** In characters; 0 for no bound. Long texts get a larger box. */
  max_length?: number
  autocomplete?: string
  inputmode?: string
}

export interface Gesture {
  kind: 'tap' | 'click' | 'key'
  trigger: string
  trusted: boolean
  opened_at: number
  ticked_at: number
  box_default: boolean
  viewport: string
}

export interface Consent {
  notice_version: number
  notice_hash: string
  choices: { id: string, accepted: boolean }[]
  gesture: Gesture
}

export interface Lead {
  form_token: string
  consent: Consent
  answers: Record<string, string>
  code_id?: string
  code?: string
  source: string
}

export interface Challenge { token: string, nonce: string, salt: string, iterations: number, bits: number, max_counter?: number }
export interface Sent { code_id: string, expires_at: number, resend_at: number }
export interface Received { receipt: { number: string, url: string, issued_at: number }, test: boolean }

/** application/problem+json. Code is '' when the server could not be reached. */
export interface Problem {
  title: string
  detail?: string
  code: string
  errors?: { field: string, code: string, message: string }[]
}

/** What the server refused, or could not be asked. */
export class Refused extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.code)
    this.problem = problem
  }
}

/** One request: with a body a POST, without one a GET. What it is refused with is said in lang. The answer's shape is the server's promise, held by its own tests. */
export async function call<T>(url: string, body?: string, lang?: string, key?: string): Promise<T> {
  let answer: Response
  let value: unknown
  try {
    answer = await fetch(url, {
      // No cookie goes out or comes back, and the host page's path stays at home.
      credentials: 'omit', cache: 'no-store', referrerPolicy: 'strict-origin',
      ...(body && {
        method: 'POST', body, keepalive: true,
        headers: { 'Content-Type': 'application/json', ...(lang && { 'Accept-Language': lang }), ...(key && { 'Idempotency-Key': key }) },
      }),
    })
    const text = await answer.text()
    value = text && JSON.parse(text)
  } catch {
    throw new Refused({ title: '', code: '' })
  }
  if (!answer.ok) throw new Refused({ title: '', code: String(answer.status), ...(value as object) })
  return value as T
}
