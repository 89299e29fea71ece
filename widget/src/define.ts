import { ClewLead, from } from './element'

// A module has no currentScript; its tag is found by its name.
const script = document.currentScript ?? document.querySelector('script[src*="/widget/v1/clew.js"]')
if (script instanceof HTMLScriptElement && script.src) from(script.src)

// The first one wins: two copies of the script are one element. Where a browser has
// no dialog, nothing is defined and the link inside the element stays a link.
if (typeof HTMLDialogElement === 'function' && !customElements.get('clew-lead')) customElements.define('clew-lead', ClewLead)
