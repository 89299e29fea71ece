import css from './clew.css'

let shared: CSSStyleSheet | undefined

/**
 * Puts the styles into a shadow root as a constructed sheet, which no content
 * security policy forbids; a browser without those gets a style element.
 */
export function style(root: ShadowRoot): void {
  try {
    if (!shared) {
      shared = new CSSStyleSheet()
      shared.replaceSync(css)
    }
    root.adoptedStyleSheets = [shared]
  } catch {
    if (root.querySelector('style')) return
    const e = document.createElement('style')
    e.textContent = css
    root.prepend(e)
  }
}
