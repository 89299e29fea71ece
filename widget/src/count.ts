import { call } from './api'
import type { Shown } from './api'

/** What a page says of itself: what happened, never by whom. That a sheet was closed is counted with the refusal. */
export type Counted = 'component_show' | 'click' | 'open' | 'consent'

/** Counted when the server hears of it; what is lost is lost. A test is counted by nobody. */
export const tell = (url: string, d: Shown, kind: Counted) => {
  if (!d.test) call(url + '/events', JSON.stringify({ events: [{ kind, source: d.source }] })).catch(() => {})
}
