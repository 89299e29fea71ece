// SHA-256 and PBKDF2 (FIPS 180-4, RFC 8018): mini-programs have no crypto.subtle.
// Used for the proof of work before a text message only, never to hide a number.

const K = new Int32Array(64)
const H = new Int32Array(8)
{
  // The first 32 bits of the fractional parts of the roots of the first 64 primes.
  const bits = (x: number) => ((x - Math.floor(x)) * 0x100000000) | 0
  let n = 0
  for (let p = 2; n < 64; p++) {
    let prime = true
    for (let q = 2; q * q <= p; q++) if (p % q === 0) { prime = false; break }
    if (!prime) continue
    if (n < 8) H[n] = bits(Math.sqrt(p))
    K[n++] = bits(Math.cbrt(p))
  }
}
const W = new Int32Array(64)

/** Takes the 16 words at the front of W into state. */
function compress(state: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15]!, y = W[i - 2]!
    W[i] = (W[i - 16]! + W[i - 7]! +
      ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) +
      ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10)) | 0
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!
  for (let i = 0; i < 64; i++) {
    const t = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i]! + W[i]!) | 0
    const u = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c)) | 0
    h = g; g = f; f = e; e = (d + t) | 0
    d = c; c = b; b = a; a = (t + u) | 0
  }
  state[0]! += a; state[1]! += b; state[2]! += c; state[3]! += d
  state[4]! += e; state[5]! += f; state[6]! += g; state[7]! += h
}

/** Puts up to 64 bytes, the end mark and the length of the whole into W. */
function block(bytes: number[], length: number): void {
  W.fill(0, 0, 16)
  for (let i = 0; i < bytes.length; i++) W[i >> 2]! |= bytes[i]! << (24 - (i & 3) * 8)
  if (length) {
    W[bytes.length >> 2]! |= 0x80 << (24 - (bytes.length & 3) * 8)
    W[15] = length * 8
  }
}

/**
 * The first 128 bits of PBKDF2-HMAC-SHA-256, as four words. Password and salt are
 * bytes, at most 64 and 47 of them.
 */
export function derive(password: number[], salt: number[], iterations: number): Int32Array {
  const key = (pad: number) => {
    const padded: number[] = []
    for (let i = 0; i < 64; i++) padded.push((password[i] || 0) ^ pad)
    const state = new Int32Array(H)
    block(padded, 0)
    compress(state)
    return state
  }
  const inner = key(0x36), outer = key(0x5c)
  const state = new Int32Array(8), out = new Int32Array(4)
  const finish = () => {
    compress(state)
    W.set(state)
    W.fill(0, 8, 16)
    W[8] = 1 << 31
    W[15] = 96 * 8
  }
  state.set(inner)
  block(salt.concat(0, 0, 0, 1), 64 + salt.length + 4)
  for (let i = 0; i < iterations; i++) {
    finish()
    state.set(outer)
    finish()
    for (let j = 0; j < 4; j++) out[j]! ^= state[j]!
    state.set(inner)
  }
  return out
}
