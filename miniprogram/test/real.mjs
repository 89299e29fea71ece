// One whole story against a server that runs: node test/real.mjs PLATFORM SERVER COMPONENT
// Prints {"number": …} when a code was sent to it, reads the code as a line from
// standard input, and prints {"receipt", "url", "told", "refused"} when the lead is
// stored: what was told of a token the server refused, and which calls were refused.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { mount } from './harness.mjs'
import { number, world } from './server.mjs'

const [name, server, component] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })
const refused = []
let flying = 0

/** A platform's request over real HTTP. */
const net = {
  take(method, url, headers, body, done) {
    flying++
    fetch(url, { method, headers, body: body || null })
      .then(async r => { if (!r.ok) refused.push([url.split('/').pop().split('?')[0], r.status]); done(r.status, await r.text()) }, () => done(0, null))
      .finally(() => { flying-- })
  },
}
const v = mount(name, 'clew-lead/index', { server, component, source: 'real' }, world(name, net, { sealed: JSON.stringify({ response: 'c2VhbGVk', sign: 'c2lnbmVk' }) }), { hears: ['submitted', 'unavailable'], now: Date.now() })

/** Waits for what was asked of the server, and lets the component's timers run. */
const settle = async () => {
  do {
    await new Promise(resolve => setTimeout(resolve, 20))
    v.pass(1)
  } while (flying || v.self.data.busy || v.self.data.codeState === 'preparing')
}

// An app the server knows nothing of has nothing to carry: no block, and the page hears it.
const none = mount(name, 'clew-lead/index', { server, app: 'app_nobody', page: 'pages/index/index' }, world(name, net), { hears: ['unavailable'], now: Date.now() })
await settle()
if (none.text() !== '' || JSON.stringify(none.emitted) !== '[["unavailable",{"code":"none"}]]') throw new Error(none.text() + JSON.stringify(none.emitted))
refused.length = 0

if (!v.all('cl-trigger').length) throw new Error(JSON.stringify([v.emitted, refused, v.self.data.why]))
v.tap('cl-trigger')
await settle()
v.tick(v.self.data.boxes.filter(b => b.required).map(b => b.id))
for (const row of v.self.data.rows) if (row.required && row.as === 'radio') v.choose('cl-radios', row.options[0].value)
for (const row of v.self.data.rows) if (row.required && row.as === 'list') v.choose('cl-list', 1)

// A token the server can make nothing of: the person is told, and types.
v.phone(name === 'alipay' ? {} : { errMsg: 'getPhoneNumber:ok', code: 'a-token-of-nobody' })
v.submit()
await settle()
if (v.self.data.way !== 'typed' || !v.self.data.tell || v.self.data.stage !== 'form') throw new Error(v.text())
const told = v.texts('cl-jump').join(' ')
await settle()
v.type('cl-phone', number(Number(process.pid) * 7 % 9_000_000))
if (v.self.data.verified) {
  v.tap('cl-send')
  await settle()
  if (v.self.data.faults.length) throw new Error(v.text())
  console.log(JSON.stringify({ number: v.typedIn(v.self.data.rows.find(r => r.as === 'phone').id) }))
  const [code] = await once(lines, 'line')
  v.type('cl-digits', code)
}
v.submit()
await settle()
if (v.self.data.stage !== 'receipt') throw new Error(v.text())
console.log(JSON.stringify({ receipt: v.self.data.number, url: v.self.data.url, told, refused }))
lines.close()
