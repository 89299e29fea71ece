// The public wire, as a mini-program speaks it. Times are milliseconds since 1970.

export type Lang = 'zh' | 'en'
export type Kind = 'phone' | 'name' | 'region' | 'choice' | 'text' | 'date' | 'number' | 'email'

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
  notice: { version: number, hash: string, sections: { id: string, title: string, text: string }[] }
  /** One box each; a third party has a box of its own. */
  choices: { id: string, text: string, required: boolean }[]
  fields: Field[]
  privacy: { url: string | null, text: string | null }
  complaint_contact: string
  deletion_way: string
  verification: 'verified' | 'typed'
  form_token: string
  /** The server's instant: a device's clock may be wrong by hours. */
  now?: number
  test: boolean
}

export interface Field {
  id: string
  kind: Kind
  required: boolean
  label: string
  hint: string
  /** The shape expected, in words. */
  format: string
  /** Said when the answer is missing or of the wrong shape. */
  error: string
  choices?: { value: string, label: string }[] | null
  /** In characters; 0 for no bound. */
  max_length?: number
}

export interface Gesture {
  kind: 'tap'
  trigger: string
  /** The framework's own tap event, from the view layer; README.md says what that proves. */
  trusted: boolean
  opened_at: number
  ticked_at: number
  box_default: boolean
  viewport: string
  /** Whose framework told of the tap. */
  host: 'douyin' | 'wechat' | 'alipay'
}

export interface Consent {
  notice_version: number
  notice_hash: string
  choices: { id: string, accepted: boolean }[]
  gesture: Gesture
}

/** What a platform gives in place of a number. Whoever holds it, holds no number. */
export interface Grant {
  platform: 'douyin' | 'wechat' | 'alipay'
  /** Valid for five minutes and once. */
  code?: string
  /** The way of older base libraries: AES under the session that login_code opens. */
  encrypted_data?: string
  iv?: string
  login_code?: string
  /** Alipay's sealed answer and its signature. */
  response?: string
  sign?: string
}

export interface Lead {
  form_token: string
  consent: Consent
  answers: Record<string, string>
  phone_grant?: Grant
  code_id?: string
  code?: string
  source: string
  place?: Place
}

/** That it was refused, and that a lead came of it, the server counts by itself. */
export type EventKind = 'component_show' | 'click' | 'open' | 'consent'
export interface FunnelEvent extends Place { id: string, kind: EventKind, at: number, source: string }

/** What led a person here, by the host platform's ids. */
export interface Place { room?: string, video?: string, promotion?: string }

export interface Challenge { token: string, nonce: string, salt: string, iterations: number, bits: number, max_counter?: number }
export interface Sent { code_id: string, expires_at: number, resend_at: number }
export interface Received { receipt: { number: string, url: string, issued_at: number }, test: boolean }
/** GET apps/{app}/component?page=: what a page should carry now. */
export interface Active { component: string, config_id: string }

/** application/problem+json; code is '' when the server could not be reached. */
export interface Problem {
  code: string
  title: string
  detail?: string
  errors?: { field: string, code: string, message: string }[]
}

/** How far the person had come when they left. */
export type Stage = 'notice' | 'consent' | 'fields' | 'phone' | 'code'

/** Why a platform gave no number; never who asked. */
export type Reason = 'refused' | 'denied' | 'none' | 'signed_out' | 'failed' | 'spent'
