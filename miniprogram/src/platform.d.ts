// What differs between the platforms: each has one file of these functions. The
// build puts the right one in the place of "platform".
declare module 'platform' {
  import type { Grant, Reason } from './wire'

  export interface Answer { status: number, value: unknown }
  export interface Device { lang: string, viewport: string, host: Grant['platform'] }
  export interface Given { grant?: Grant, reason?: Reason, code: string }

  /** One request; done gets status 0 where no answer came. */
  export function request(method: 'GET' | 'POST', url: string, body: string, headers: Record<string, string>, done: (a: Answer) => void): void
  export function device(): Device
  export function copy(text: string, done: (ok: boolean) => void): void
  /** Opens a page of the app itself. */
  export function go(url: string, done: (ok: boolean) => void): void
  /** A login code where this base library gives numbers the old way only, else ''. Asks the person nothing. */
  export function oldLogin(done: (code: string) => void): void
  /** What the platform's button gave, or why not. */
  export function given(detail: unknown, login: string, done: (g: Given) => void): void
  /** A property of the component as the page set it. */
  export function property(self: object, name: string): string
  /** Calls done once, when the element is in sight; at once where the platform cannot tell. */
  export function seen(self: object, selector: string, done: () => void): void
  export function emit(self: object, name: string, detail: object): void
}
