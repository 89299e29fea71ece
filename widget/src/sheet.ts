import type { Gesture, Lang, Received, Shown } from './api'
import { h, link, put, set } from './dom'
import type { Child } from './dom'
import { form } from './form'
import type { Form, Kept, Stage } from './form'
import { gesture } from './gesture'

export interface Ends {
  /** A definition in another language, or a fresh one. */
  again(lang: Lang): Promise<Shown>
  submitted(r: Received): void
  /** It is gone from the screen. stage is null when nothing was refused: submitted, or still being sent. */
  closed(stage: Stage | null, token: string): void
}

// Keys and text that would otherwise cross the shadow boundary on their way up.
const crossing = ('keydown keypress keyup beforeinput input textInput paste copy cut drop ' +
  'compositionstart compositionupdate compositionend').split(' ')

export interface Sheet {
  readonly dialog: HTMLDialogElement
  /** On the screen, or closed while a submission was on its way. */
  open(): boolean
  show(): void
  /** Takes everything down without a word to anyone. What was typed is gone with it. */
  end(): void
}

/** The sheet: a modal dialog that every way out closes. */
export function sheet(host: HTMLElement, url: string, d: Shown, g: Gesture, on: Ends): Sheet {
  const dialog = h('dialog', { 'aria-labelledby': 't' })
  const kept: Kept = { answers: {}, code: '', codeID: '', sentTo: '', resendAt: 0 }
  let current: Form, title: HTMLElement, received = false, down: EventTarget | null, x = 0, y = 0

  // What is typed here is no business of the page's own listeners.
  const keep = (e: Event) => {
    if (e.target !== host) return
    e.stopImmediatePropagation()
    if (e.type === 'input') current.typed()
  }
  const guard = (way: 'addEventListener' | 'removeEventListener') => {
    for (const type of crossing) window[way](type, keep, true)
  }

  const close = () => dialog.close()
  const button = (text: string, kind: string, press: (e: MouseEvent) => void, label?: string) => {
    const b = h('button', { type: 'button', class: kind, 'aria-label': label }, text)
    b.onclick = press
    return b
  }

  function frame(heading: string, other: Lang | undefined, ...content: Child[]): void {
    const { words: w, lang, test } = d
    title = h('h2', { id: 't', tabindex: '-1' }, heading)
    set(dialog, 'lang', lang)
    put(dialog,
      h('div', { class: 'top' }, title,
        other && h('span', { lang: other }, button(w.switch_lang, 'lang', e => void again(other, gesture(e, w.switch_lang)))),
        button('×', 'x', close, w.close)),
      h('div', { class: 'body' }, test && h('p', { class: 'test' }, w.test_banner), ...content))
    title.focus()
  }

  function build(by: Gesture): void {
    const g = { ...by, opened_at: Date.now() + d.ahead, ticked_at: 0 }
    current = form(d, url, kept, g, {
      done,
      decline: close,
      // The person has just pressed a button in this sheet: that is the gesture of the new text.
      stale: () => void again(d.lang, g, true),
    })
    frame(d.title, d.langs.find(l => l !== d.lang), h('p', { class: 'by' }, d.operator_name), current.element)
  }

  // Another text needs another consent: boxes come back empty, answers stay.
  async function again(lang: Lang, g: Gesture | null, stale?: boolean): Promise<void> {
    const old = current
    if (!g || old.busy()) return
    try {
      const next = await on.again(lang)
      if (old !== current || old.busy() || received) return
      d = next
    } catch (e) {
      return old.failed(e)
    }
    old.end()
    build(g)
    if (stale) current.changed()
  }

  function done(r: Received): void {
    const w = d.words
    received = true
    current.end()
    frame(w.receipt_title, undefined, h('div', { class: 'receipt' },
      h('p', null, w.receipt_next.replace('{operator}', d.operator_name)),
      h('dl', null, h('dt', null, w.receipt_number), h('dd', null, r.receipt.number)),
      h('p', { class: 'go' }, link(r.receipt.url, w.manage_link + w.opens_new)),
      h('p', { class: 'hint' }, w.receipt_keep),
      h('div', { class: 'acts' }, button(w.done, 'main', close))))
    on.submitted(r)
  }

  build(g)
  dialog.onpointerdown = e => { down = e.target }
  // A press that began in the sheet and ended outside selects text; it closes nothing.
  dialog.onclick = e => { if (e.target === dialog && down === dialog) close() }
  dialog.onclose = () => {
    guard('removeEventListener')
    scrollTo({ left: x, top: y, behavior: 'instant' })
    on.closed(received || current.busy() ? null : current.stage(), d.form_token)
  }

  return {
    dialog,
    open: () => dialog.open || current.busy(),
    show() {
      x = scrollX
      y = scrollY
      guard('addEventListener')
      dialog.showModal()
      title.focus()
    },
    end() {
      current.end()
      dialog.onclose = null
      guard('removeEventListener')
      dialog.remove()
    },
  }
}
