// Elements are made one by one: no markup is ever parsed, so that a text from the
// server stays a text, and pages with Trusted Types need no exception.

export type Child = Node | string | null | false | undefined

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes?: Record<string, string | boolean | undefined | null> | null, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag)
  for (const name in attributes) set(e, name, attributes[name])
  put(e, ...children)
  return e
}

/** Makes these the children of e; what is not there is left out. */
export const put = (e: Element, ...children: Child[]) =>
  e.replaceChildren(...children.filter((c): c is Node | string => !!c))

/** Sets an attribute; true is empty, and false, undefined, null and '' take it away. */
export function set(e: Element, name: string, value: string | boolean | undefined | null): void {
  if (value) e.setAttribute(name, value === true ? '' : value)
  else e.removeAttribute(name)
}

/** A link that leaves the page where it is and tells the other one nothing. */
export const link = (href: string, text: string) => {
  // A javascript: address is no address.
  const safe = /^(https?|tel|mailto):/i.test(new URL(href, location.href).href)
  return h('a', { href: safe && href, target: '_blank', rel: 'noopener noreferrer' }, text)
}
