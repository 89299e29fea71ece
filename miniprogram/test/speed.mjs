// How long one step of the real challenge takes here: node [--jitless] test/speed.mjs
import { readFileSync } from 'node:fs'

const bundle = readFileSync(new URL('../dist/douyin/clew-lead/index.js', import.meta.url), 'utf8')
// As a platform runs it: the file is a function's body.
const { derive } = new Function('Component', 'tt', bundle + '\n;return { derive }')(() => {}, {})
const salt = Array.from({ length: 16 }, (_, i) => i), password = Array.from({ length: 24 }, (_, i) => i)
derive(password, salt, 5000)
const from = process.hrtime.bigint()
for (let i = 0; i < 5; i++) derive(password, salt, 5000)
const one = Number(process.hrtime.bigint() - from) / 5e6
console.log(`one derivation of 5000 rounds: ${one.toFixed(1)} ms; 128 of them, the average of 7 bits: ${(one * 128 / 1000).toFixed(1)} s`)
