// The component's own PBKDF2 against node's, over the bundle that goes to phones.

import assert from 'node:assert/strict'
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import vm from 'node:vm'

const bundle = readFileSync(new URL('../dist/douyin/clew-lead/index.js', import.meta.url), 'utf8')

/** The bundle's own functions, with a timer that runs at once. */
export function inside() {
  const context = vm.createContext({ Component() {}, tt: {}, setTimeout: run => run(), clearTimeout() {} })
  return vm.runInContext(bundle + '\n;({ derive, solve })', context)
}

const bytes = words => Buffer.from([...words].flatMap(w => [w >>> 24, w >>> 16 & 255, w >>> 8 & 255, w & 255]))

test('derive is PBKDF2-HMAC-SHA-256', () => {
  const { derive } = inside()
  for (const [length, salt, iterations] of [[0, 0, 1], [1, 1, 1], [24, 16, 1], [24, 16, 2], [64, 47, 3], [30, 16, 5000]]) {
    for (let i = 0; i < 5; i++) {
      const p = randomBytes(length), s = randomBytes(salt)
      assert.deepEqual(bytes(derive([...p], [...s], iterations)), pbkdf2Sync(p, s, iterations, 16, 'sha256'), `${length} ${salt} ${iterations}`)
    }
  }
})

test('solve finds the smallest counter, stops when told, and gives up in the end', () => {
  const { solve } = inside()
  for (let i = 0; i < 10; i++) {
    const c = { token: 't', nonce: randomBytes(16).toString('base64url'), salt: randomBytes(16).toString('base64url'), iterations: 10, bits: 5, max_counter: 5000 }
    const zero = n => pbkdf2Sync(`${c.nonce}:${n}`, Buffer.from(c.salt, 'base64url'), 10, 16, 'sha256')[0] >> 3 === 0
    let want = 0
    while (!zero(want)) want++
    let got
    solve(c, () => false, n => { got = n })
    assert.equal(got, want)
  }
  let asked = 0, got
  solve({ nonce: 'n', salt: 'c2FsdA', iterations: 1, bits: 100, max_counter: 1e6 }, () => ++asked > 3, n => { got = n })
  assert.deepEqual([asked, got], [4, undefined])
  solve({ nonce: 'n', salt: 'c2FsdA', iterations: 1, bits: 100, max_counter: 20 }, () => false, n => { got = n })
  assert.equal(got, 0)
})
