import type { Answer, Device, Given } from 'platform'
import { older, read } from '../reason'
import type { PhoneDetail } from '../reason'

export function request(method: 'GET' | 'POST', url: string, body: string, headers: Record<string, string>, done: (a: Answer) => void): void {
  const options = {
    url, method, header: headers, dataType: 'string', timeout: 15000,
    success: (res: { statusCode: number, data: unknown }) => done({ status: res.statusCode, value: res.data }),
    fail: () => done({ status: 0, value: null }),
  }
  wx.request(body ? Object.assign(options, { data: body }) : options)
}

export function device(): Device {
  const info = wx.getSystemInfoSync()
  return { lang: info.language || '', viewport: Math.round(info.windowWidth) + 'x' + Math.round(info.windowHeight), host: 'wechat' }
}

export function copy(text: string, done: (ok: boolean) => void): void {
  wx.setClipboardData({ data: text, success: () => done(true), fail: () => done(false) })
}

export function go(url: string, done: (ok: boolean) => void): void {
  wx.navigateTo({ url, success: () => done(true), fail: () => done(false) })
}

// A login after the tap would change the session that the answer is sealed under, so
// it comes before; from base library 2.21.2 on the button gives a code and needs none.
export function oldLogin(done: (code: string) => void): void {
  if (!older(wx.getSystemInfoSync().SDKVersion, '2.21.2')) return done('')
  wx.login({ success: res => done(res.code || ''), fail: () => done('') })
}

export function given(detail: unknown, login: string, done: (g: Given) => void): void {
  done(read('wechat', detail as PhoneDetail, login))
}

export function property(self: object, name: string): string {
  return String((self as { properties: Record<string, unknown> }).properties[name] || '')
}

export function emit(self: object, name: string, detail: object): void {
  (self as { triggerEvent(name: string, detail: object): void }).triggerEvent(name, detail)
}

export function seen(self: object, selector: string, done: () => void): void {
  if (!wx.createIntersectionObserver) return done()
  const observer = wx.createIntersectionObserver(self as never)
  let counted = false
  observer.relativeToViewport({}).observe(selector, (at: { intersectionRatio: number }) => {
    if (counted || at.intersectionRatio <= 0) return
    counted = true
    observer.disconnect()
    done()
  })
}
