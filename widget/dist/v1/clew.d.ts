// Types of <clew-lead>, for pages written in TypeScript.

export interface ClewLead extends HTMLElement {
  /**
   * Opens the sheet from a control of the page's own. Call it with the click event
   * while that is being handled; without a person's own click nothing happens.
   */
  open(event?: Event): void
}

/** The sheet was opened. */
export type ClewOpenEvent = CustomEvent<Record<string, never>>
/** The sheet was closed or declined; stage is how far the person had come. */
export type ClewRefuseEvent = CustomEvent<{ stage: 'notice' | 'consent' | 'fields' | 'code' }>
/** A lead was stored; receipt is its number. Never an answer. */
export type ClewSubmitEvent = CustomEvent<{ receipt: string }>
/** There is nothing to open; code is the server's problem code, or "network". */
export type ClewUnavailableEvent = CustomEvent<{ code: string }>

declare global {
  interface HTMLElementTagNameMap {
    'clew-lead': ClewLead
  }
  interface HTMLElementEventMap {
    'clew-open': ClewOpenEvent
    'clew-refuse': ClewRefuseEvent
    'clew-submit': ClewSubmitEvent
    'clew-unavailable': ClewUnavailableEvent
  }
}
