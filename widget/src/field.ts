import type { Definition, Field } from './api'
import { h, set } from './dom'

/** Something with a label that can be wrong. The error stands above the input. */
export interface Control {
  id: string
  /** What goes into the form. */
  box: HTMLElement
  /** What the summary's link focuses. */
  input: HTMLElement
  value(): string
  /** Shows or, with '', clears the error. */
  fault(message: string): void
}

/** The word that says whether something must be given: on every field, never colour alone. */
export const mark = (d: Definition, required: boolean) =>
  h('em', { class: required ? 'mark must' : 'mark' }, d.words[required ? 'mark_required' : 'mark_optional'])

/** Ties hint and error to the inputs, and gives the function that shows the error. */
export function faults(n: string, box: HTMLElement, inputs: HTMLElement[], hinted: boolean) {
  const error = h('p', { id: 'e' + n, class: 'error', hidden: true })
  const fault = (message: string) => {
    error.textContent = message
    error.hidden = !message
    box.classList.toggle('bad', !!message)
    for (const i of inputs) {
      if (i.matches('input,select,textarea')) set(i, 'aria-invalid', message && 'true')
      set(i, 'aria-describedby', [message && error.id, hinted && 'h' + n].filter(Boolean).join(' '))
    }
  }
  fault('')
  return { error, fault }
}

const types: Partial<Record<Field['kind'], string>> = { phone: 'tel', email: 'email', date: 'date' }

/** The input for one field, holding was: what had been typed into it before. */
export function control(d: Definition, f: Field, n: string, was = ''): Control {
  const hint = [f.hint, f.format].filter((t, i, all) => t && all.indexOf(t) === i).join('\n')
  const label = [f.label, ' ', mark(d, f.required)]
  const hints = hint ? h('p', { id: 'h' + n, class: 'hint' }, hint) : null
  const choices = f.choices ?? []

  // Few and required: all in sight. Otherwise a list, whose first row takes an answer back.
  if (f.kind === 'choice' && f.required && choices.length < 7) {
    const radios = choices.map((c, i) => h('input', { id: 'f' + n + i, type: 'radio', name: 'f' + n, value: c.value, required: true, checked: c.value === was }))
    const box = h('fieldset', { class: 'field' }, h('legend', null, ...label), hints)
    const { error, fault } = faults(n, box, [box], !!hint)
    box.append(error, ...radios.map((r, i) => h('label', { class: 'box' }, r, h('span', null, choices[i]!.label))))
    return { id: f.id, box, input: radios[0]!, fault, value: () => radios.find(r => r.checked)?.value ?? '' }
  }

  const shared = { id: 'f' + n, required: f.required, autocomplete: f.autocomplete }
  const input = f.kind === 'choice'
    ? h('select', shared, h('option', { value: '' }, d.words.choose), ...choices.map(c => h('option', { value: c.value }, c.label)))
    : f.kind === 'text' && (f.max_length ?? 0) > 100
      ? h('textarea', { ...shared, rows: '3' })
      : h('input', { ...shared, type: types[f.kind] ?? 'text', inputmode: f.inputmode ?? (f.kind === 'number' && 'decimal') })
  const box = h('div', { class: 'field' }, h('label', { for: 'f' + n }, ...label), hints)
  const { error, fault } = faults(n, box, [input], !!hint)
  box.append(error, input)
  input.value = was
  return { id: f.id, box, input, fault, value: () => input.value.trim() }
}

/**
 * Whether an answer is plainly missing or of another kind. The server judges; this
 * must never refuse what the server would take.
 */
export function wrong(f: Field, c: Control): boolean {
  const value = c.value().normalize('NFKC')
  if (!value) return f.required || !!(c.input as HTMLInputElement).validity?.badInput
  if (f.kind === 'phone') return value.replace(/\D/g, '').length < 5
  return f.kind === 'email' && !/.@./.test(value)
}
