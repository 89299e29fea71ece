import { request } from 'platform'
import type { Active, Problem } from './wire'

/**
 * One request to the server; exactly one of its two ends is called. A problem with
 * code '' means that no answer came.
 */
export function call<T>(
  url: string, body: object | string | null, lang: string, key: string,
  ok: (value: T) => void, refused: (p: Problem) => void,
): void {
  const headers: Record<string, string> = { 'Accept-Language': lang }
  if (body) headers['Content-Type'] = 'application/json'
  if (key) headers['Idempotency-Key'] = key
  const text = !body ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  request(body ? 'POST' : 'GET', url, text, headers, answer => {
    let value: unknown = answer.value
    if (typeof value === 'string' && value) {
      try {
        value = JSON.parse(value)
      } catch (e) {
        value = null
      }
    }
    if (answer.status >= 200 && answer.status < 300) return ok(value as T)
    const p = (value && typeof value === 'object' ? value : {}) as Partial<Problem>
    refused({
      code: answer.status ? String(p.code || answer.status) : '',
      title: p.title || '', detail: p.detail || '', errors: p.errors || [],
    })
  })
}

/** An identifier no one has used: 128 bits, and the instant besides. It is no secret. */
export function newKey(): string {
  const part = () => Math.floor(Math.random() * 0x100000000).toString(16)
  return [Date.now().toString(16), part(), part(), part(), part()].join('-')
}

export const base = (server: string) => server.replace(/\/+$/, '') + '/v1/public/'

/** Asks which component this page of this app should carry now. */
export function lookUp(server: string, app: string, page: string, ok: (a: Active | null) => void, refused: (p: Problem) => void): void {
  const url = `${base(server)}apps/${encodeURIComponent(app)}/component?page=${encodeURIComponent(page)}`
  call<Active>(url, null, '', '', a => ok(a && a.component ? a : null), p => p.code && p.code !== '429' && !/^5/.test(p.code) ? ok(null) : refused(p))
}
