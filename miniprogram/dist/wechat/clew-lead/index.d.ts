// Types of <clew-lead> for WeChat: what a page sets and what it hears.
export { activeComponent } from './active'
export type { Active } from './active'

/** What the page may set. Either component, or app and page, must be there. */
export interface ClewLeadProperties {
  /** Origin of the Clew server, such as https://leads.example.com. */
  server: string
  /** The component's id; left out, app and page are looked up. */
  component?: string
  app?: string
  page?: string
  /** The config id the platform knows the component by; looked up with app and page. */
  configId?: string
  /** zh… or en…; left out, the device's language. */
  lang?: string
  /**
   * How people came here, stored with the lead: video, live, solid_entrance, search,
   * share, scan, or a name of your own of at most 40 of a-z 0-9 _ -.
   */
  source?: string
  /** The live room, video and promotion that led here, by the host platform's ids. */
  room?: string
  video?: string
  promotion?: string
  /** auto follows the device, dark is dark; left out, light. */
  theme?: '' | 'auto' | 'dark'
  /** A page of the app with the privacy statement, such as /pages/privacy/privacy. */
  privacyPage?: string
  /** A page of the app with a web-view, called with ?url=…; left out, links are copied. */
  webPage?: string
}

/** How far the person had come when they left or refused. */
export type Stage = 'notice' | 'consent' | 'fields' | 'phone' | 'code'

/** What each event carries. Never an answer, never a number. */
export interface ClewLeadEvents {
  opened: Record<string, never>
  refused: { stage: Stage }
  /** The receipt's number. */
  submitted: { receipt: string }
  /** There is nothing to open; the server's problem code, "none" or "network". */
  unavailable: { code: string }
  /** The platform gave no number although the person did not refuse; code is the platform's. */
  phonefail: { reason: 'denied' | 'none' | 'signed_out' | 'failed', code: string }
}
