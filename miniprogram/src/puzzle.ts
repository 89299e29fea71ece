import { derive } from './sha256'
import { after } from './timer'
import type { Challenge } from './wire'

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

function unbase64url(text: string): number[] {
  const bytes: number[] = []
  let bits = 0, held = 0
  for (const c of text.replace(/[=\s]/g, '')) {
    held = held << 6 | digits.indexOf(c)
    if ((bits += 6) >= 8) bytes.push(held >> (bits -= 8) & 255)
  }
  return bytes
}

/**
 * Looks for the smallest counter whose key begins with enough zero bits, one at a
 * time so that taps are still heard; done is called with it once. stopped is asked
 * between two.
 */
export function solve(c: Challenge, stopped: () => boolean, done: (counter: number) => void): void {
  const salt = unbase64url(c.salt)
  const next = (counter: number) => {
    if (stopped()) return
    if (counter > (c.max_counter || 1e6)) return done(0) // refused, with the server's words
    const password = `${c.nonce}:${counter}`
    const bytes: number[] = []
    for (let i = 0; i < password.length; i++) bytes.push(password.charCodeAt(i)) // base64url, ':' and digits
    const key = derive(bytes, salt, c.iterations)
    for (let i = 0; i < c.bits; i++) {
      if (key[i >> 5]! << (i & 31) < 0) {
        after(0, () => next(counter + 1))
        return
      }
    }
    done(counter)
  }
  next(0)
}
