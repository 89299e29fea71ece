import { call, Refused } from './api'
import type { Definition, Gesture, Lang, Shown } from './api'
import { tell } from './count'
import { h, set } from './dom'
import { gesture } from './gesture'
import { sheet } from './sheet'
import type { Sheet } from './sheet'
import { style } from './style'

let origin = ''
/** Says where the server is when no attribute does: where this script came from. */
export const from = (url: string) => { origin = new URL(url).origin }

/** A definition older than this is fetched again before the sheet opens. */
const fresh = 30 * 60_000

/**
 * `<clew-lead component="cmp_…">`: a trigger, and the sheet it opens. Everything
 * that matters sits behind a closed root and real private members: the page
 * around it can neither read nor work it.
 */
export class ClewLead extends HTMLElement {
  static get observedAttributes(): string[] { return ['component', 'server', 'lang', 'preview'] }

  #root = this.attachShadow({ mode: 'closed' })
  #trigger: HTMLButtonElement | null = null
  /** The trigger, or what stands in its place. */
  #shown: Element | null = null
  #definition: Shown | null = null
  #loadedAt = 0
  #loaded = ''
  #sheet: Sheet | null = null
  #opening = false

  connectedCallback(): void {
    style(this.#root)
    void this.#load()
  }

  disconnectedCallback(): void {
    this.#sheet?.end()
    this.#sheet = null
  }

  attributeChangedCallback(): void {
    if (this.isConnected) void this.#load()
  }

  /**
   * Opens the sheet from a control of the page's own: call it with the click event
   * while that is being handled. Without a person's own click nothing happens.
   */
  open(event?: Event): void {
    void this.#open(gesture(event))
  }

  #url(): string {
    return `${this.getAttribute('server')?.replace(/\/+$/, '') ?? origin}/v1/public/components/${encodeURIComponent(this.getAttribute('component') ?? '')}`
  }

  async #get(lang: Lang): Promise<Shown> {
    const preview = this.getAttribute('preview')
    const d = await call<Definition>(`${this.#url()}?lang=${lang}${preview ? '&preview=' + encodeURIComponent(preview) : ''}`)
    return { ...d, ahead: d.now ? d.now - Date.now() : 0, source: this.getAttribute('source') ?? '' }
  }

  async #load(again?: boolean): Promise<void> {
    const lang = /^zh/i.test(this.lang || document.documentElement.lang || navigator.language) ? 'zh' : 'en'
    const want = [this.#url(), lang, this.getAttribute('preview')].join()
    if (!this.getAttribute('component') || !again && this.#loaded === want) return
    this.#loaded = want
    try {
      const d = await this.#get(lang)
      if (this.#loaded !== want) return
      this.#definition = d
      this.#loadedAt = Date.now()
      this.#trigger ??= h('button', { type: 'button', part: 'trigger', 'aria-haspopup': 'dialog' })
      this.#trigger.onclick = e => void this.#open(gesture(e, this.#definition!.trigger_label))
      this.#trigger.textContent = d.trigger_label
      set(this.#trigger, 'lang', d.lang)
      this.#render(this.#trigger)
      new IntersectionObserver((seen, o) => {
        if (seen[0]!.isIntersecting) {
          tell(this.#url(), d, 'component_show')
          o.disconnect()
        }
      }).observe(this.#trigger)
    } catch (e) {
      if (!(e instanceof Refused)) throw e
      if (this.#loaded !== want || this.#sheet?.open()) return
      this.#loaded = ''
      this.#definition = null
      // Out of reach: the page's own link, if it put one inside, is better than nothing.
      this.#render(e.problem.code ? h('p', { lang }, e.problem.title) : h('slot'))
      this.#emit('clew-unavailable', { code: e.problem.code || 'network' })
    }
  }

  #render(what: Element): void {
    if (what === this.#shown) return
    this.#shown?.remove()
    this.#root.prepend(what)
    this.#shown = what
  }

  async #open(g: Gesture | null): Promise<void> {
    if (!g || this.#opening || this.#sheet?.dialog.open) return
    // Closed while it was being sent: show what became of it.
    if (this.#sheet) return this.#sheet.show()
    if (!this.#definition) return
    if (Date.now() - this.#loadedAt > fresh) {
      this.#opening = true
      await this.#load(true)
      this.#opening = false
      if (!this.#definition || !this.isConnected) return
    }
    const url = this.#url(), d = this.#definition
    const made = sheet(this, url, d, g, {
      again: lang => this.#get(lang),
      submitted: r => this.#emit('clew-submit', { receipt: r.receipt.number }),
      closed: (stage, form_token) => {
        // The dialog gives the focus back to what had it, which on some phones is nothing.
        if (document.activeElement === document.body) this.#trigger?.focus({ preventScroll: true })
        if (made.open()) return
        made.end()
        this.#sheet = null
        if (!stage) return
        call(url + '/refusals', JSON.stringify({ form_token, gesture: { kind: g.kind }, stage })).catch(() => {}) // a count, not worth a word
        this.#emit('clew-refuse', { stage })
      },
    })
    this.#sheet = made
    this.#root.append(made.dialog)
    made.show()
    tell(url, d, 'click')
    tell(url, d, 'open')
    this.#emit('clew-open', {})
  }

  #emit(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }
}
