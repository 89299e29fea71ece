import { call, Refused } from './api'
import { tell } from './count'
import type { Challenge, Consent, Definition, Gesture, Lead, Received, Sent, Shown } from './api'
import { h, link, put, set } from './dom'
import { control, faults, mark, wrong } from './field'
import type { Control } from './field'
import { solvable, solve } from './puzzle'

/** What is typed and must outlive a change of language. It lives in memory only. */
export interface Kept {
  answers: Record<string, string>
  code: string
  /** The code asked for last, the number it went to, and when another may be. */
  codeID: string
  sentTo: string
  resendAt: number
}

export interface Outcome {
  done(r: Received): void
  decline(): void
  /** The notice or the form is no longer current: show the current one. */
  stale(): void
}

/** How far the person has come, for the record of a refusal. */
export type Stage = 'notice' | 'consent' | 'fields' | 'code'

export interface Form {
  readonly element: HTMLFormElement
  /** True from the tap on submit until the server has answered. */
  busy(): boolean
  stage(): Stage
  /** To be called when an input changed: no request goes out here. */
  typed(): void
  /** Says in the summary that the notice is another one now. */
  changed(): void
  /** Says in the summary what could not be done. */
  failed(e: unknown): void
  /** Stops the clock. */
  end(): void
}

interface Fault { control?: Control | undefined, message: string }

export function form(d: Shown, url: string, kept: Kept, gesture: Gesture, on: Outcome): Form {
  const w = d.words, form_token = d.form_token
  const phoneAt = d.fields.findIndex(f => f.kind === 'phone')
  let busy = false, sending = false, unsure = false, tick = 0
  let body = '', key = ''

  const boxes = d.choices.map((c, i): Control & { input: HTMLInputElement, required: boolean } => {
    const input = h('input', { id: 'b' + i, type: 'checkbox', required: c.required })
    const box = h('div', { class: 'choice' })
    const { error, fault } = faults('b' + i, box, [input], false)
    box.append(error, h('label', { class: 'box' }, input, h('span', null, c.text, ' ', mark(d, c.required))))
    return { id: c.id, required: c.required, box, input, fault, value: () => input.checked ? '1' : '' }
  })
  const fields = d.fields.map((f, i) => control(d, f, String(i), kept.answers[f.id]))
  const rows = fields.map(c => c.box)

  let code: Control | undefined
  const send = h('button', { type: 'button', class: 'send', 'aria-describedby': 'cs' })
  const status = h('p', { id: 'cs', class: 'hint', role: 'status' })
  if (d.verification === 'verified') {
    const input = h('input', { id: 'code', required: true, autocomplete: 'one-time-code', inputmode: 'numeric' })
    const box = h('div', { class: 'field' },
      h('label', { for: 'code' }, w.code_label, ' ', mark(d, true)), h('p', { id: 'hcode', class: 'hint' }, w.code_hint))
    const { error, fault } = faults('code', box, [input], true)
    box.append(error, h('div', { class: 'row' }, input, send), status)
    input.value = kept.code
    send.onclick = () => void ask()
    code = { id: 'code', box, input, fault, value: () => input.value.normalize('NFKC').replace(/\s/g, '') }
    rows.splice(phoneAt + 1, 0, box)
  }
  const controls = [...boxes, ...fields, ...(code ? [code] : [])]

  const submit = h('button', { class: 'main' })
  const decline = h('button', { type: 'button' }, w.decline)
  decline.onclick = () => on.decline()
  const summary = h('div', { class: 'summary', role: 'group', tabindex: '-1', 'aria-labelledby': 'st', hidden: true })
  const element = h('form', { novalidate: true },
    summary,
    notice(d),
    h('fieldset', null, h('legend', null, h('h3', null, w.consent_title)), ...boxes.map(b => b.box)),
    h('section', null, h('h3', null, w.fields_title), ...rows),
    h('div', { class: 'acts' }, submit, decline),
    about(d))
  element.onsubmit = e => {
    e.preventDefault()
    if (e.isTrusted) void go()
  }
  element.onchange = e => {
    const box = boxes.find(b => b.input === e.target)
    if (box?.input.checked && e.isTrusted) {
      gesture.ticked_at = Date.now() + d.ahead
      box.fault('')
    }
    typed()
  }

  const phone = () => fields[phoneAt]?.value() ?? ''
  const agreed = () => boxes.every(b => b.input.checked || !b.required)
  const say = (text: string) => { if (status.textContent !== text) status.textContent = text }

  function typed(): void {
    for (const c of fields) kept.answers[c.id] = c.value()
    kept.code = code?.value() ?? ''
    submit.textContent = busy ? w.sending : unsure ? w.retry : w.submit
    set(submit, 'aria-disabled', busy && 'true')
    // A code belongs to the number it was sent to.
    if (kept.sentTo !== phone()) kept.codeID = ''
    const wait = Math.ceil((kept.resendAt - Date.now()) / 1000)
    const ready = agreed() && phoneAt >= 0 && !!phone() && !wrong(d.fields[phoneAt]!, fields[phoneAt]!)
    send.textContent = sending ? w.code_sending : wait > 0 ? w.resend_in.replace('{n}', String(wait)) : w.send_code
    set(send, 'aria-disabled', (!ready || wait > 0 || sending) && 'true')
    if (!ready) say(w.code_wait)
    else if (status.textContent === w.code_wait) say('')
  }

  /** What is missing before anything may be sent; before a code may, less. */
  function missing(forCode: boolean): Fault[] {
    const list: Fault[] = []
    for (const b of boxes) if (b.required && !b.input.checked) list.push({ control: b, message: w.consent_error })
    d.fields.forEach((f, i) => {
      const c = fields[i]!, isPhone = f.kind === 'phone'
      if ((isPhone || !forCode) && wrong(f, c)) list.push({ control: c, message: f.error })
      if (isPhone && !forCode && code && !code.value()) list.push({ control: code, message: w.code_error })
    })
    return list
  }

  /** Marks what is wrong and moves the focus to the list of it. */
  function show(list: Fault[], text = ''): void {
    for (const c of controls) c.fault(list.find(x => x.control === c)?.message ?? '')
    summary.hidden = !list.length && !text
    if (summary.hidden) return
    put(summary,
      h('h3', { id: 'st' }, w.error_summary_title),
      text && h('p', null, text),
      list.length > 0 && h('ul', null, ...list.map(({ control: c, message }) => {
        const a = c && h('a', { href: '#' + c.input.id }, message)
        if (a) a.onclick = e => {
          e.preventDefault() // the page's address is the page's
          c.input.focus()
          c.box.scrollIntoView({ block: 'nearest' })
        }
        return h('li', null, a ?? message)
      })))
    summary.focus()
  }

  function failed(e: unknown): void {
    if (!(e instanceof Refused)) throw e
    const { code: why, title, detail, errors = [] } = e.problem
    unsure = !why
    typed()
    if (/^(notice_stale|form_expired|form_forged)$/.test(why)) return on.stale()
    show(errors.map(x => ({ control: controls.find(c => c.id === x.field.split(/[./]/).pop()), message: x.message })),
      errors.length ? '' : !why ? w.network_error : [title, detail].filter(Boolean).join(' ') || w.server_error)
  }

  async function ask(): Promise<void> {
    if (sending || kept.resendAt > Date.now()) return
    const list = missing(true)
    if (!list.length && !solvable()) list.push({ control: code, message: w.insecure })
    show(list)
    if (list.length) return
    sending = true
    say('')
    typed()
    const to = phone()
    try {
      const challenge = await solve(await call<Challenge>(url + '/challenges', JSON.stringify({ form_token }), d.lang))
      const sent = await call<Sent>(url + '/codes', JSON.stringify({ form_token, consent: consent(), phone: to, challenge }), d.lang)
      kept.codeID = sent.code_id
      kept.sentTo = to
      // Clocks can be wrong in more than one way: a minute is the most anyone waits.
      kept.resendAt = Math.min(sent.resend_at - d.ahead, Date.now() + 6e4)
      say(w.code_sent)
      count()
      code!.input.focus()
    } catch (e) {
      failed(e)
    }
    sending = false
    typed()
  }

  function count(): void {
    end()
    tick = setInterval(() => {
      if (kept.resendAt <= Date.now()) {
        end()
        say(w.resend_now)
      }
      typed()
    }, 1000)
  }

  const end = () => clearInterval(tick)

  const consent = (): Consent => ({
    notice_version: d.notice.version,
    notice_hash: d.notice.hash,
    choices: boxes.map(b => ({ id: b.id, accepted: b.input.checked })),
    gesture,
  })

  async function go(): Promise<void> {
    if (busy) return
    const list = missing(false)
    show(list)
    if (list.length) return
    const lead: Lead = {
      form_token, consent: consent(), source: d.source,
      answers: Object.fromEntries(fields.filter(c => c.value()).map(c => [c.id, c.value()])),
      ...(code && { code_id: kept.codeID, code: code.value() }),
    }
    // The same words again are the same submission; other words are another one.
    const now = JSON.stringify(lead)
    if (!body) tell(url, d, 'consent')
    if (now !== body) key = crypto.getRandomValues(new Uint32Array(4)).join('-')
    body = now
    busy = true
    typed()
    try {
      const received = await call<Received>(url + '/leads', body, d.lang, key)
      busy = false
      on.done(received)
    } catch (e) {
      busy = false
      failed(e)
    }
  }

  // What is really there when it is first shown, not what was meant.
  gesture.box_default = boxes.some(b => b.input.checked)
  typed()
  if (kept.resendAt > Date.now()) count()

  return {
    element, typed, failed, end,
    busy: () => busy,
    changed: () => show([], w.notice_changed),
    stage: () => kept.codeID ? 'code' : fields.some(c => c.value()) ? 'fields' : boxes.some(b => b.input.checked) ? 'consent' : 'notice',
  }
}

// What clause 3.1.1 asks to be said is always in sight; long texts besides fold.
function notice(d: Definition): HTMLElement {
  return h('section', { class: 'notice' }, h('h3', null, d.words.notice_title),
    ...d.notice.sections.map(s => s.text.length > (d.lang === 'zh' ? 60 : 160) && /^(rights|complaint|privacy)$/.test(s.id)
      ? h('details', null, h('summary', null, s.title), h('p', null, s.text))
      : h('div', null, h('h4', null, s.title), h('p', null, s.text))))
}

function about(d: Definition): HTMLElement {
  const w = d.words, { url, text } = d.privacy
  return h('div', { class: 'about' },
    url ? h('p', null, link(url, w.privacy_link + w.opens_new))
      : text && h('details', null, h('summary', null, w.privacy_link), h('p', null, text)),
    h('p', null, h('b', null, w.deletion_title), ' ', d.deletion_way),
    h('p', null, h('b', null, w.complaint_title), ' ', d.complaint_contact))
}
