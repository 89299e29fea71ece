import type { Gesture } from './api'

// Taken before the page could put its own in their place.
const own = (name: 'eventPhase' | 'type') => Object.getOwnPropertyDescriptor(Event.prototype, name)!.get!
const phase = own('eventPhase'), type = own('type')

/**
 * The proof that a person has just opened the sheet, or null: a click the browser
 * itself vouches for, still being handled, on something that looks like a control.
 * An event made by script, kept from earlier or dressed up as one is none. The
 * sheet fills in the instants.
 */
export function gesture(e: unknown, trigger?: string): Gesture | null {
  const click = e as PointerEvent
  try {
    if (!click.isTrusted || type.call(click) !== 'click' || !phase.call(click)) return null
  } catch {
    return null // no event at all
  }
  if (navigator.userActivation && !navigator.userActivation.isActive) return null
  const control = trigger ?? click.composedPath().find((n): n is HTMLElement => n instanceof HTMLElement && n.matches('button,a,[role=button]'))?.innerText.trim()
  if (!control) return null
  const touch = click.pointerType ? click.pointerType !== 'mouse' : matchMedia('(pointer:coarse)').matches
  return {
    kind: !click.detail ? 'key' : touch ? 'tap' : 'click',
    trigger: [...control.replace(/[\p{C}\s]+/gu, ' ')].slice(0, 60).join(''),
    trusted: click.isTrusted,
    opened_at: 0,
    ticked_at: 0,
    box_default: false,
    viewport: Math.round(innerWidth) + 'x' + Math.round(innerHeight),
  }
}
