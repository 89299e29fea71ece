import type { Answer, Device, Given } from 'platform'
import { older, read } from '../reason'
import type { PhoneDetail } from '../reason'

export function request(method: 'GET' | 'POST', url: string, body: string, headers: Record<string, string>, done: (a: Answer) => void): void {
  const options = {
    url, method, header: headers, dataType: 'string',
    success: (res: { statusCode: number, data: unknown }) => done({ status: res.statusCode, value: res.data }),
    fail: () => done({ status: 0, value: null }),
  }
  tt.request(body ? Object.assign(options, { data: body }) : options)
}

export function device(): Device {
  const info = tt.getSystemInfoSync()
  return { lang: (info as { language?: string }).language || '', viewport: Math.round(info.windowWidth) + 'x' + Math.round(info.windowHeight), host: 'douyin' }
}

export function copy(text: string, done: (ok: boolean) => void): void {
  tt.setClipboardData({ data: text, success: () => done(true), fail: () => done(false) })
}

export function go(url: string, done: (ok: boolean) => void): void {
  tt.navigateTo({ url, success: () => done(true), fail: () => done(false) })
}

// A login after the tap would change the session that the answer is sealed under, so
// it comes before; from base library 3.51.0 on the button gives a code and needs none.
export function oldLogin(done: (code: string) => void): void {
  if (!older(tt.getSystemInfoSync().SDKVersion, '3.51.0')) return done('')
  tt.login({ force: false, success: res => done(res.code || ''), fail: () => done('') })
}

export function given(detail: unknown, login: string, done: (g: Given) => void): void {
  done(read('douyin', detail as PhoneDetail, login))
}

export function property(self: object, name: string): string {
  return String((self as { properties: Record<string, unknown> }).properties[name] || '')
}

export function emit(self: object, name: string, detail: object): void {
  (self as { triggerEvent(name: string, detail: object): void }).triggerEvent(name, detail)
}

export function seen(self: object, selector: string, done: () => void): void {
  if (!tt.createIntersectionObserver) return done()
  const observer = tt.createIntersectionObserver(self as never)
  let counted = false
  observer.relativeToViewport({}).observe(selector, (at: { intersectionRatio: number }) => {
    if (counted || at.intersectionRatio <= 0) return
    counted = true
    observer.disconnect()
    done()
  })
}
