// What saves a round trip, and nothing else: every page works without this file.

const root = document
const all = <T extends HTMLElement>(selector: string, at: ParentNode = root): T[] => [...at.querySelectorAll<T>(selector)]

// Texts to take elsewhere.
for (const button of all<HTMLButtonElement>('[data-copy]')) {
  if (!navigator.clipboard) break
  button.hidden = false
  const label = button.textContent
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.dataset.copy!)
    button.textContent = button.dataset.done!
    setTimeout(() => { button.textContent = label }, 2000)
  })
}

// What went wrong, or was just done, is where reading goes on.
all('[data-focus]')[0]?.focus()

// On a phone the present place may lie beyond the edge of the strip.
all('.nav [aria-current], .tabs [aria-current]').forEach(a => {
  const strip = a.closest<HTMLElement>('.nav, .tabs')!
  if (strip.scrollWidth > strip.clientWidth) strip.scrollLeft = a.offsetLeft - strip.offsetLeft - 40
})

// Filters act when they are changed.
for (const form of all<HTMLFormElement>('form[data-auto]')) {
  form.addEventListener('change', e => {
    if ((e.target as HTMLInputElement).type !== 'date' || (e.target as HTMLInputElement).value !== '') form.requestSubmit()
  })
  // Empty members stay out of the address.
  form.addEventListener('formdata', e => {
    for (const [key, value] of [...e.formData]) if (value === '') e.formData.delete(key)
  })
}

// "/" goes to the filter, j and k along the rows, n to the next page.
const rows = all('table[data-rows] a.row')
root.addEventListener('keydown', e => {
  const at = e.target as HTMLElement
  if (e.metaKey || e.ctrlKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) return
  const step = { j: 1, k: -1 }[e.key]
  if (step && rows.length) {
    const here = rows.indexOf(at)
    rows[here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + step, 0), rows.length - 1)]!.focus()
  } else if (e.key === '/') {
    const filter = all('[data-filter]')[0]
    if (!filter) return
    filter.focus()
  } else if (e.key === 'n') {
    all<HTMLAnchorElement>('[data-key=next]')[0]?.click()
    return
  } else {
    return
  }
  e.preventDefault()
})

// A long list narrows as people type.
for (const list of all('[data-narrow]')) {
  const field = all<HTMLInputElement>('[data-narrow-by]', list)[0]!
  const none = all('[data-narrow-none]', list)[0]!
  field.hidden = false
  field.addEventListener('input', () => {
    let head: HTMLElement | undefined
    let any = false
    for (const part of all('[data-narrow-head], [data-narrow-row]', list)) {
      if (part.dataset.narrowRow === undefined) {
        head = part
        part.hidden = true
        continue
      }
      part.hidden = !part.dataset.narrowRow.includes(field.value.trim())
      if (part.hidden) continue
      any = true
      if (head) head.hidden = false
    }
    none.hidden = any
  })
}

// Districts are looked up by name and added to the list below as a line each.
for (const box of all('[data-places]')) {
  const field = all<HTMLInputElement>('input', box)[0]!
  const found = all('.found', box)[0]!
  const lines = box.parentElement!.querySelector('textarea')!
  let running: AbortController | undefined
  box.hidden = false
  field.addEventListener('input', async () => {
    running?.abort()
    const { signal } = (running = new AbortController())
    const q = field.value.trim()
    if (q === '') return found.replaceChildren()
    try {
      const answer = await fetch(box.dataset.places! + '?q=' + encodeURIComponent(q), { signal, headers: { 'Clew-Part': '1' } })
      if (answer.ok) found.replaceChildren(...new DOMParser().parseFromString(await answer.text(), 'text/html').body.childNodes)
    } catch {
      // The next key asks again.
    }
  })
  const add = (button: HTMLButtonElement | null) => {
    const line = button?.dataset.add
    if (!line) return
    if (!lines.value.includes(line)) lines.value = (lines.value.trimEnd() + '\n' + line + '\n').trimStart()
    field.value = ''
    found.replaceChildren()
    field.focus()
  }
  found.addEventListener('click', e => add((e.target as HTMLElement).closest('button')))
  field.addEventListener('keydown', e => {
    // Enter while composing ends a word of the input method, not the search.
    if (e.key !== 'Enter' || e.isComposing) return
    e.preventDefault()
    add(found.querySelector('button'))
  })
}

// The editor: the norm answers as people type, and the preview follows.
const editor = all<HTMLFormElement>('form[data-editor]')[0]
if (editor) {
  for (const button of all('[data-noscript]', editor)) button.hidden = true
  const frame = all<HTMLIFrameElement>('iframe[data-preview]')[0]!
  let lang = all('[data-preview-lang][aria-current]')[0]?.dataset.previewLang ?? 'zh'
  let running: AbortController | undefined
  let dirty = false

  const ask = (url: string, signal: AbortSignal) =>
    fetch(url, {
      method: 'POST', body: new URLSearchParams([...new FormData(editor)].map(([k, v]) => [k, String(v)])),
      headers: { 'Clew-Part': '1' }, signal,
    }).then(r => (r.ok ? r.text() : Promise.reject(new Error(String(r.status)))))

  const check = async () => {
    running?.abort()
    const { signal } = (running = new AbortController())
    try {
      const [panel, page] = await Promise.all([
        ask(editor.dataset.check!, signal), ask(frame.dataset.preview! + '?as=' + lang, signal),
      ])
      const fresh = new DOMParser().parseFromString(panel, 'text/html').querySelector('#norm')
      // The live region itself stays, so that screen readers hear what changed in it.
      if (fresh) all('#norm')[0]!.replaceChildren(...fresh.childNodes)
      frame.srcdoc = page
    } catch {
      // Overtaken by the next keystroke, or offline: what stands there stays.
    }
  }
  let wait = 0
  editor.addEventListener('input', e => {
    dirty = true
    clearTimeout(wait)
    if ((e.target as HTMLInputElement).name === 'langs') {
      // Other languages are other inputs: the server writes them.
      all<HTMLButtonElement>('[value=check]', editor)[0]!.click()
      return
    }
    wait = window.setTimeout(check, 250)
  })
  editor.addEventListener('submit', () => { dirty = false })
  window.addEventListener('beforeunload', e => { if (dirty) e.preventDefault() })
  for (const a of all('[data-preview-lang]')) {
    a.addEventListener('click', e => {
      e.preventDefault()
      lang = a.dataset.previewLang!
      for (const other of all('[data-preview-lang]')) other.toggleAttribute('aria-current', other === a)
      void check()
    })
  }
  // A shortfall leads to its field, unfolding what hides it.
  root.addEventListener('click', e => {
    const a = (e.target as HTMLElement).closest<HTMLAnchorElement>('#norm a')
    const field = a && root.getElementById(decodeURIComponent(a.hash.slice(1)))
    if (!field) return
    e.preventDefault()
    field.closest('details')?.setAttribute('open', '')
    field.querySelector('details')?.setAttribute('open', '')
    const input = field.matches('input,select,textarea') ? field : field.querySelector<HTMLElement>('input:not([type=hidden]),select,textarea')
    field.scrollIntoView({ block: 'center' })
    input?.focus({ preventScroll: true })
  })
}

// The preview on a component's page changes language in place.
if (!editor) {
  for (const a of all('[data-preview-lang]')) {
    a.addEventListener('click', () => {
      for (const other of all('[data-preview-lang]')) other.toggleAttribute('aria-current', other === a)
    })
  }
}

// Passkeys.
const post = async (url: string, body: unknown) => {
  const r = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const answer = await r.json()
  if (!r.ok) throw new Refused(answer.detail)
  return answer
}
class Refused extends Error {}

const run = (place: HTMLElement, ceremony: () => Promise<string>) => {
  const button = place.querySelector('button')!
  const failed = place.querySelector<HTMLElement>('[data-failed]')!
  place.hidden = false
  button.addEventListener('click', async () => {
    button.disabled = true
    failed.textContent = ''
    try {
      location.assign(await ceremony())
    } catch (e) {
      failed.textContent = e instanceof Refused ? e.message : failed.dataset.failed!
      button.disabled = false
    }
  })
}
const known = window.PublicKeyCredential as typeof PublicKeyCredential & {
  parseCreationOptionsFromJSON?(o: unknown): PublicKeyCredentialCreationOptions
  parseRequestOptionsFromJSON?(o: unknown): PublicKeyCredentialRequestOptions
} | undefined
if (known?.parseRequestOptionsFromJSON && known.parseCreationOptionsFromJSON) {
  const asked = (o: { publicKey?: unknown }) => o.publicKey ?? o
  for (const place of all('[data-passkey]')) {
    run(place, async () => {
      const at = place.dataset.passkey!
      const { ceremony, options } = await post(at + '/begin', {})
      const credential = await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON!(asked(options)) })
      return (await post(at, { ceremony, credential, next: place.dataset.next })).next
    })
  }
  for (const place of all('[data-passkey-add]')) {
    run(place, async () => {
      const at = place.dataset.passkeyAdd!
      const { ceremony, options } = await post(at + '/begin', {})
      const credential = await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON!(asked(options)) })
      return (await post(at, { ceremony, credential, name: place.querySelector('input')!.value })).next
    })
  }
}
