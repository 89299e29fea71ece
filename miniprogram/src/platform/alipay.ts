import type { Answer, Device, Given } from 'platform'

export function request(method: 'GET' | 'POST', url: string, body: string, headers: Record<string, string>, done: (a: Answer) => void): void {
  const options = { url, method, headers, dataType: 'text' as const, timeout: 15000 }
  my.request(Object.assign(options, body ? { data: body } : {}, {
    success: (res: { status: number, data: unknown }) => done({ status: res.status, value: res.data }),
    // An answer with an error status comes here, with the status and what the server said.
    fail: (res: { error?: number, status?: number, data?: unknown }) => done({ status: Number(res.status) >= 400 ? Number(res.status) : res.error === 19 ? 599 : 0, value: res.data }),
  }))
}

export function device(): Device {
  const info = my.getSystemInfoSync()
  return { lang: info.language || '', viewport: Math.round(info.windowWidth) + 'x' + Math.round(info.windowHeight), host: 'alipay' }
}

export function copy(text: string, done: (ok: boolean) => void): void {
  my.setClipboard({ text, success: () => done(true), fail: () => done(false) })
}

export function go(url: string, done: (ok: boolean) => void): void {
  my.navigateTo({ url, success: () => done(true), fail: () => done(false) })
}

export function oldLogin(done: (code: string) => void): void {
  done('')
}

// After the person's tap and yes (onGetAuthorize) the sealed number is fetched; a no,
// and a fault, come as the button's onError with an errorMessage.
export function given(detail: unknown, _login: string, done: (g: Given) => void): void {
  const { errorMessage } = (detail || {}) as { errorMessage?: string }
  if (errorMessage) {
    done({ reason: /取消|拒绝|cancel|deny|reject/i.test(errorMessage) ? 'refused' : 'failed', code: errorMessage.slice(0, 60) })
    return
  }
  my.getPhoneNumber({
    success: (res: { response?: unknown }) => done(sealed(res.response)),
    fail: (res: { error?: number, errorMessage?: string }) => done({ reason: 'failed', code: String(res.errorMessage || res.error || 'unknown').slice(0, 60) }),
  } as Parameters<typeof my.getPhoneNumber>[0])
}

/** The answer is text: {response, sign} sealed, or {response: {code, subCode}} in the open when there is no number. */
function sealed(text: unknown): Given {
  let answer: { response?: unknown, sign?: unknown } = {}
  try {
    answer = typeof text === 'string' ? JSON.parse(text) : Object(text)
  } catch (e) {
    return { reason: 'failed', code: 'malformed' }
  }
  const { response, sign } = answer
  if (typeof response === 'string' && typeof sign === 'string' && sign) {
    return { grant: { platform: 'alipay', response, sign }, code: 'ok' }
  }
  const problem = Object(response) as { code?: string, subCode?: string }
  // Without a signature nothing can be believed: the app's keys are not set up.
  const code = typeof response === 'string' ? 'unsigned' : String(problem.subCode || problem.code || 'malformed').slice(0, 60)
  return { reason: /auth|unsigned|permission|4000[136]/i.test(code + problem.code) ? 'denied' : 'failed', code }
}

export function property(self: object, name: string): string {
  return String((self as { props: Record<string, unknown> }).props[name] || '')
}

/** The page's onOpened for "opened", as custom components of this platform have it. */
export function emit(self: object, name: string, detail: object): void {
  const heard = (self as { props: Record<string, unknown> }).props['on' + name.charAt(0).toUpperCase() + name.slice(1)]
  if (typeof heard === 'function') heard(detail)
}

export function seen(_self: object, selector: string, done: () => void): void {
  if (!my.createIntersectionObserver) return done()
  const observer = my.createIntersectionObserver()
  let counted = false
  observer.relativeToViewport({}).observe(selector, (at: { intersectionRatio: number }) => {
    if (counted || at.intersectionRatio <= 0) return
    counted = true
    observer.disconnect()
    done()
  })
}
