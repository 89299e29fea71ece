import type { Given } from 'platform'
import type { Grant, Reason } from './wire'

/** What Douyin and WeChat tell a handler of getPhoneNumber. */
export interface PhoneDetail {
  errMsg?: string
  errNo?: number
  errno?: number
  code?: string
  encryptedData?: string
  iv?: string
}

// In this order: "platform auth deny" holds "auth deny".
const reasons: [RegExp, Reason][] = [
  [/platform auth deny|no permission|no auth|access denied|not support/i, 'denied'],
  [/no phone number|phoneArray is empty/i, 'none'],
  [/not login|invalid session/i, 'signed_out'],
  [/deny|denied|cancel|reject/i, 'refused'],
]

/**
 * Reads the detail of getPhoneNumber. errNo 10101 is the platform's refusal to the
 * app, 1400001 its used-up quota: neither is the person's doing.
 */
export function read(platform: Grant['platform'], detail: PhoneDetail, login: string): Given {
  const text = detail.errMsg || '', no = Number(detail.errNo || detail.errno || 0)
  if (detail.code) return { grant: { platform, code: detail.code }, code: 'ok' }
  if (detail.encryptedData && detail.iv && login) {
    return { grant: { platform, encrypted_data: detail.encryptedData, iv: detail.iv, login_code: login }, code: 'ok' }
  }
  const found = reasons.find(r => r[0].test(text))
  const code = (no ? no + ' ' : '') + text.replace(/^getPhoneNumber:(fail\s*)?/, '').slice(0, 60)
  return { reason: no === 10101 || no === 1400001 ? 'denied' : found ? found[1] : 'failed', code: code || 'unknown' }
}

/** Whether a base library is older than another: "3.9.1" is older than "3.51.0". */
export function older(version: string, than: string): boolean {
  const a = version.split('.'), b = than.split('.')
  for (let i = 0; i < 3; i++) {
    const x = Number(a[i]) || 0, y = Number(b[i]) || 0
    if (x !== y) return x < y
  }
  return false
}
