import type { Challenge } from './api'

export const solvable = () => typeof crypto === 'object' && !!crypto.subtle

/**
 * The smallest counter whose PBKDF2-HMAC-SHA-256 over "nonce:counter" begins with
 * enough zero bits, looked for up to max_counter where there is one. Rounds of eight: the browser works on them side by side.
 */
export async function solve(c: Challenge): Promise<{ token: string, counter: number }> {
  const salt = Uint8Array.from(atob(c.salt.replace(/-/g, '+').replace(/_/g, '/')), s => s.charCodeAt(0))
  const fits = async (counter: number) => {
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(`${c.nonce}:${counter}`), 'PBKDF2', false, ['deriveBits'])
    const bits = new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: c.iterations }, key, 128))
    for (let i = 0; i < c.bits; i++) if (bits[i >> 3]! << (i & 7) & 128) return false
    return true
  }
  for (let first = 0; !(first > c.max_counter!); first += 8) {
    const round = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(i => fits(first + i)))
    const at = round.indexOf(true)
    if (at >= 0) return { token: c.token, counter: first + at }
  }
  return { token: c.token, counter: 0 } // refused, with the server's words; the next challenge is another one
}
