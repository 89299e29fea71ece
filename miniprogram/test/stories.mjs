// What the component does for a person, told once and run on every platform.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { number, Server, words, world } from './server.mjs'

const zh = words('zh'), en = words('en')
const tight = s => s.replace(/\s+/g, '')

/** What each platform gives for a yes, and what of it goes to the server. */
const yes = {
  douyin: [{ errMsg: 'getPhoneNumber:ok', code: 'token-1' }, { platform: 'douyin', code: 'token-1' }],
  wechat: [{ errMsg: 'getPhoneNumber:ok', code: 'token-1', encryptedData: 'x', iv: 'y' }, { platform: 'wechat', code: 'token-1' }],
  alipay: [{}, { platform: 'alipay', response: 'sealed==', sign: 'signed==' }],
}
const sealed = JSON.stringify({ response: 'sealed==', sign: 'signed==' })

/** What each platform says when it gives no number: detail, what is told, whether the page hears of it. */
const failures = name => name === 'alipay' ? [
  [{ type: 'getAuthorize', errorMessage: '用户取消授权' }, 'refused'],
  [{ type: 'getAuthorize', errorMessage: 'user cancel' }, 'refused'],
  [{ type: 'getAuthorize', errorMessage: '系统异常' }, 'failed'],
  [{}, 'failed', undefined],
  [{}, 'failed', 'no JSON {'],
  [{}, 'denied', JSON.stringify({ response: 'sealed==' })],
  [{}, 'denied', JSON.stringify({ response: { code: '40003', msg: 'Insufficient Conditions', subCode: 'isv.invalid-auth-relations' } })],
  [{}, 'failed', JSON.stringify({ response: { code: '20000', msg: 'Service Currently Unavailable', subCode: 'aop.unknow-error' } })],
] : [
  [{ errMsg: 'getPhoneNumber:fail auth deny' }, 'refused'],
  [{ errMsg: 'getPhoneNumber:fail user deny' }, 'refused'],
  [{ errMsg: 'getPhoneNumber:fail platform auth deny', errNo: 10101 }, 'denied'],
  [{ errMsg: 'getPhoneNumber:fail', errno: 10101 }, 'denied'],
  [{ errMsg: 'getPhoneNumber:fail no permission' }, 'denied'],
  [{ errMsg: 'getPhoneNumber:fail', errno: 1400001 }, 'denied'],
  [{ errMsg: 'getPhoneNumber:fail no phone number' }, 'none'],
  [{ errMsg: 'getPhoneNumber:fail phoneArray is empty' }, 'none'],
  [{ errMsg: 'getPhoneNumber:fail not login' }, 'signed_out'],
  [{ errMsg: 'getPhoneNumber:fail invalid session' }, 'signed_out'],
  [{ errMsg: 'getPhoneNumber:fail internal error' }, 'failed'],
  [{ errMsg: 'getPhoneNumber:ok' }, 'failed'],
  [{}, 'failed'],
]

export function stories(name, label, mount) {
  const events = ['opened', 'refused', 'submitted', 'unavailable', 'phonefail']
  const begin = async ({ server = new Server(), more = {}, props = {} } = {}) => {
    const w = world(name, server, { sealed, ...more })
    let v
    server.clock = () => v ? v.clock.now : mount.now()
    v = await mount(name, 'clew-lead/index', { server: 'https://leads.example.com/', component: 'cmp_1', configId: 'a1b2c3d4', source: 'Detail Page', ...props }, w, { hears: events })
    await v.pass(200)
    const secrets = []
    // Whatever was typed is nowhere a page, a log or a screen recorder of data could find it.
    const quiet = () => {
      for (const s of secrets) {
        assert.ok(!JSON.stringify(v.self.data).includes(s), 'a number is in data')
        assert.ok(!JSON.stringify(v.emitted).includes(s), 'a number went to the page')
        assert.ok(!server.requests.some(r => r.path.includes(s) || JSON.stringify(r.query).includes(s)), 'a number is in an address')
        for (const r of server.requests) if (!['leads', 'codes'].includes(r.what)) assert.ok(!(r.raw ?? '').includes(s), 'a number went to ' + r.what)
      }
      assert.deepEqual(v.logged, [])
    }
    const sees = text => assert.ok(tight(v.text()).includes(tight(text)), `not on the screen: ${text}\n${v.text()}`)
    const misses = text => assert.ok(!tight(v.text()).includes(tight(text)), `on the screen: ${text}`)
    const typeNumber = async n => { const s = number(n); secrets.push(s); await v.type('cl-phone', s); return s }
    const fill = async () => { await v.tick(['lead']); await v.choose('cl-radios', 'suv') }
    return { v, server, w, quiet, sees, misses, typeNumber, fill, open: () => v.tap('cl-trigger'), isOpen: () => v.all('cl-form').length === 1 && v.all('cl-back').length === 1 }
  }
  const story = (what, f) => test(`${label}: ${what}`, f)

  story('nothing opens by itself, and only a tap opens', async () => {
    const { v, server, isOpen, sees, open } = await begin()
    sees('免费咨询')
    await v.pass(3_600_000)
    assert.ok(!isOpen())
    assert.deepEqual(server.requests.map(r => r.what), ['cmp_1', 'events'])
    assert.deepEqual(server.events().map(e => e.kind), ['component_show'])
    for (const forged of [undefined, {}, { type: 'custom', timeStamp: 1 }, { type: 'tap' }]) v.self.onTrigger(forged)
    assert.ok(!isOpen())
    await open()
    assert.ok(isOpen())
  })

  story('the notice comes first, then the consent, then the fields; the words are the widget’s', async () => {
    const { v, open } = await begin()
    await open()
    const text = tight(v.text())
    const order = ['示例汽车销售有限公司', zh.notice_title, '收集目的', '收集范围', '收集方式', '您可获得', '保存期限', '您的权利', zh.privacy_link, zh.consent_title, '我已阅读以上说明', zh.fields_title, '手机号', zh.phone_tap, zh.phone_type, '称呼', '意向车型', '留言', zh.submit, zh.decline, zh.deletion_title, zh.complaint_title]
    let at = 0
    for (const word of order) {
      const next = text.indexOf(tight(word), at)
      assert.ok(next >= 0, `${word} is not there, or too early`)
      at = next
    }
    assert.deepEqual(v.texts('cl-mark').slice(0, 4), [zh.mark_required, zh.mark_optional, zh.mark_required, zh.mark_optional])
    // A long section folds and opens again.
    assert.ok(!text.includes('立即生效'))
    await v.tap('cl-fold')
    assert.ok(tight(v.text()).includes('立即生效'))
  })

  story('boxes are empty; without the tick nothing is asked, sent or granted', async () => {
    const { v, server, open, sees } = await begin()
    await open()
    assert.ok(v.self.data.boxes.every(b => b.on === false))
    await v.tap('cl-ask') // an ordinary button so far
    sees(zh.consent_error)
    v.self.onPhone({ type: 'getphonenumber', detail: yes[name][0] }) // a page that forges the platform's answer
    await v.submit()
    assert.equal(v.self.data.granted, false)
    assert.ok(v.self.data.boxes[0].error)
    assert.deepEqual(server.requests.map(r => r.what).filter(w => w !== 'events'), ['cmp_1'])
  })

  story('each missing field says what is wrong with it', async () => {
    const { v, open, sees, misses, server } = await begin()
    await open()
    await v.tap('cl-type')
    await v.submit()
    sees(zh.error_summary_title)
    assert.equal(v.texts('cl-jump').length, 4) // consent, phone, code, model
    for (const message of [zh.consent_error, '请填写 11 位手机号。', zh.code_error, '请选择一种车型。']) {
      assert.equal(tight(v.text()).split(tight(message)).length - 1, 2, `${message}: once in the summary, once at its field`)
    }
    misses('请填写称呼。')
    await v.tap('cl-jump', 1)
    assert.equal(v.self.data.at, 'clew-field-phone')
    assert.equal(server.leads.size, 0)
  })

  story('one tap gives a token in the number’s place; the page hears of a receipt only', async () => {
    const { v, server, open, fill, sees, quiet } = await begin()
    await open()
    await fill()
    await v.phone(yes[name][0])
    sees(zh.phone_granted)
    await v.submit()
    const [lead] = server.sent('leads')
    assert.deepEqual(lead.body.phone_grant, yes[name][1])
    assert.deepEqual(lead.body.answers, { model: 'suv' })
    assert.equal(lead.body.source, 'detail-page')
    assert.ok(!('code' in lead.body))
    sees('ABCD-EFGH-2345')
    sees(zh.manage_link)
    sees('https://leads.example.com/r/token')
    assert.deepEqual(v.emitted, [['opened', {}], ['submitted', { receipt: 'ABCD-EFGH-2345' }]])
    assert.deepEqual(server.events().map(e => e.kind), ['component_show', 'click', 'open', 'consent'])
    assert.equal(new Set(server.events().map(e => e.id)).size, 4)
    assert.ok(server.events().every(e => e.source === 'detail-page'))
    assert.equal(server.sent('refusals').length, 0)
    quiet()
  })

  for (const [i, [detail, reason, answer]] of failures(name).entries()) {
    story(`no number, ${i + 1}: ${JSON.stringify(detail)}${answer ? ' ' + answer : ''} leads to the typed number, and nothing asks again`, async () => {
      const { v, server, open, fill, sees, isOpen, typeNumber, quiet } = await begin({ more: name === 'alipay' && !detail.errorMessage ? { sealed: answer } : {} })
      await open()
      await fill()
      await v.phone(detail)
      assert.ok(isOpen())
      sees(zh['tell_' + reason])
      await v.pass(600_000)
      assert.equal(v.all('cl-ask').length, 0) // the platform's button is gone until the person wants it
      assert.equal(v.all('cl-back-way').length, reason === 'refused' || reason === 'failed' ? 1 : 0)
      assert.equal(server.sent('refusals').length, reason === 'refused' ? 1 : 0)
      assert.equal(v.emitted.some(e => e[0] === 'phonefail' && e[1].reason === reason), reason !== 'refused')
      if (reason === 'refused') assert.equal(server.sent('refusals')[0].body.stage, 'phone')
      await typeNumber(i)
      await v.tap('cl-send')
      await v.pass(1000)
      await v.type('cl-digits', '246810')
      await v.submit()
      sees('ABCD-EFGH-2345')
      quiet()
    })
  }

  story('a typed number is proved by a code; the challenge is worked on before', async () => {
    const { v, server, open, fill, sees, typeNumber, quiet } = await begin()
    await open()
    await fill()
    await v.tap('cl-type')
    sees(zh.code_wait)
    await v.pass(100) // solved while the person types
    assert.equal(server.sent('challenges').length, 1)
    const to = await typeNumber(50)
    await v.tap('cl-send')
    assert.equal(server.sent('codes')[0].body.phone, to)
    sees(zh.code_sent)
    sees('60 秒后可重新获取')
    await v.tap('cl-send') // too soon: no request
    assert.equal(server.sent('codes').length, 1)
    await v.pass(61_000)
    sees(zh.resend_now)
    await v.type('cl-digits', '246810')
    await v.submit()
    const [lead] = server.sent('leads')
    assert.deepEqual([lead.body.code_id, lead.body.code, lead.body.answers], ['code_1', '246810', { phone: to, model: 'suv' }])
    assert.ok(!('phone_grant' in lead.body))
    quiet()
  })

  story('a challenge solved too long ago is solved anew', async () => {
    const { v, server, open, fill, sees, typeNumber } = await begin()
    await open()
    await fill()
    await v.tap('cl-type')
    await v.pass(9 * 60_000 + 1000)
    await typeNumber(60)
    await v.tap('cl-send')
    await v.pass(500)
    sees(zh.code_sent)
    const [first, second] = server.sent('challenges')
    assert.ok(first && second)
    assert.equal(server.sent('codes').length, 1)
  })

  story('a code belongs to the number it was sent to', async () => {
    const { v, server, open, fill, typeNumber } = await begin()
    await open()
    await fill()
    await v.tap('cl-type')
    await typeNumber(51)
    await v.tap('cl-send')
    await v.pass(100)
    await typeNumber(52)
    await v.type('cl-digits', '246810')
    await v.submit()
    assert.equal(server.sent('leads')[0].body.code_id, '')
  })

  story('without codes a typed number is enough', async () => {
    const server = new Server()
    server.verification = 'typed'
    const { v, open, fill, typeNumber, sees } = await begin({ server })
    await open()
    await fill()
    await v.tap('cl-type')
    assert.equal(v.all('cl-digits').length, 0)
    await typeNumber(53)
    await v.submit()
    sees('ABCD-EFGH-2345')
    assert.ok(!('code' in server.sent('leads')[0].body))
    assert.equal(server.sent('challenges').length, 0)
  })

  story('a broken network: the same submission again, with the same key', async () => {
    const server = new Server()
    server.drop.leads = 4
    const { v, open, fill, sees, quiet } = await begin({ server })
    await open()
    await fill()
    await v.phone(yes[name][0])
    await v.submit()
    sees(zh.sending)
    await v.pass(10_000)
    sees(zh.network_error)
    sees(zh.retry)
    await v.submit()
    await v.pass(10_000)
    sees('ABCD-EFGH-2345')
    const sent = server.sent('leads')
    assert.equal(sent.length, 5)
    assert.equal(new Set(sent.map(r => r.key)).size, 1)
    assert.equal(new Set(sent.map(r => r.raw)).size, 1)
    assert.equal(server.leads.size, 1)
    quiet()
  })

  story('other answers are another submission', async () => {
    const server = new Server()
    server.instead.leads = [[422, { code: 'answers_invalid', errors: [{ field: 'answers.name', code: 'shape', message: '称呼太长。' }] }]]
    const { v, open, fill, sees } = await begin({ server })
    await open()
    await fill()
    await v.phone(yes[name][0])
    await v.type('cl-line', '张三')
    await v.submit()
    assert.equal(tight(v.text()).split('称呼太长。').length - 1, 2)
    await v.type('cl-line', '张')
    await v.submit()
    sees('ABCD-EFGH-2345')
    const [a, b] = server.sent('leads')
    assert.notEqual(a.key, b.key)
    assert.deepEqual(b.body.phone_grant, yes[name][1]) // still good: it was not what was wrong
  })

  story('a double tap submits once', async () => {
    const server = new Server()
    server.hold = []
    const { v, open, fill, sees } = await begin({ server })
    await open()
    await fill()
    await v.phone(yes[name][0])
    await v.submit()
    await v.submit()
    assert.equal(server.hold.length, 1)
    server.hold[0]()
    await v.pass(1)
    sees('ABCD-EFGH-2345')
    assert.equal(server.sent('leads').length, 1)
  })

  story('a token used up leads to another tap or a typed number', async () => {
    const server = new Server()
    server.instead.leads = [[422, { code: 'phone_grant_failed', errors: [{ field: 'phone_grant', code: 'used', message: '这次授权已经用过。' }] }]]
    const { v, open, fill, sees } = await begin({ server })
    await open()
    await fill()
    await v.phone(yes[name][0])
    await v.submit()
    sees('这次授权已经用过。')
    sees(zh.tell_spent)
    await v.tap('cl-back-way')
    await v.phone(yes[name][0])
    await v.submit()
    sees('ABCD-EFGH-2345')
  })

  story('closing is a refusal: said once, and all that was typed is gone', async () => {
    const { v, server, open, isOpen, typeNumber, quiet } = await begin()
    await open()
    await v.tap('cl-type')
    await typeNumber(54)
    await v.tap('cl-decline')
    assert.ok(!isOpen())
    assert.deepEqual(server.sent('refusals').map(r => [r.body.stage, Object.keys(r.body.gesture)]), [['fields', ['kind']]])
    assert.deepEqual(server.events().map(e => e.kind), ['component_show', 'click', 'open'])
    assert.deepEqual(v.emitted, [['opened', {}], ['refused', { stage: 'fields' }]])
    await v.pass(3_600_000)
    assert.ok(!isOpen())
    await open() // the person's own tap, a new form
    assert.ok(isOpen())
    await v.tick(['lead'])
    await v.choose('cl-radios', 'suv')
    await v.submit()
    assert.equal(server.sent('leads').length, 0)
    quiet()
  })

  story('closing while it is sent loses nothing', async () => {
    const server = new Server()
    server.hold = []
    const { v, open, fill, isOpen, sees } = await begin({ server })
    await open()
    await fill()
    await v.phone(yes[name][0])
    await v.submit()
    await v.tap('cl-x')
    assert.ok(!isOpen())
    server.hold[0]()
    await v.pass(1)
    assert.deepEqual(v.emitted.map(e => e[0]), ['opened', 'submitted'])
    await open()
    sees('ABCD-EFGH-2345')
    assert.equal(server.sent('refusals').length, 0)
  })

  story('a notice that changed is shown anew, and asked about anew', async () => {
    const server = new Server()
    const { v, open, fill, sees } = await begin({ server })
    await open()
    await fill()
    await v.phone(yes[name][0])
    server.version = 4
    await v.submit()
    sees(zh.notice_changed)
    assert.ok(v.self.data.boxes.every(b => !b.on))
    await v.submit()
    assert.ok(v.self.data.boxes[0].error)
    await v.tick(['lead'])
    await v.submit()
    sees('ABCD-EFGH-2345')
    assert.equal(server.sent('leads').at(-1).body.answers.model, 'suv') // what was chosen stayed
  })

  story('another language is another text, and another consent', async () => {
    const { v, open, fill, sees, server } = await begin()
    await open()
    await fill()
    await v.tap('cl-plain')
    sees('Free advice on buying a car')
    sees(en.phone_tap_wait)
    assert.ok(v.self.data.boxes.every(b => !b.on))
    assert.ok(!/[\u4e00-\u9fff]/.test(v.text().replace('中文', '')), v.text())
    await v.tick(['lead'])
    await v.phone(yes[name][0])
    await v.submit()
    sees('Submitted')
    assert.equal(server.sent('leads')[0].body.form_token, 'form-en-3')
  })

  story('a component the platform closed says why, and has no form', async () => {
    const server = new Server()
    const why = { code: 'capability_suspended', title: '暂停收集', detail: '平台已暂停本小程序的线索组件。' }
    server.instead.cmp_1 = [[403, why]]
    const { v, sees } = await begin({ server })
    sees('暂停收集')
    sees('平台已暂停本小程序的线索组件。')
    assert.equal(v.all('cl-trigger').length, 0)
    assert.deepEqual(v.emitted, [['unavailable', { code: 'capability_suspended' }]])

    const open = await begin()
    await open.open()
    await open.fill()
    await open.v.phone(yes[name][0])
    open.server.instead.leads = [[403, why]]
    await open.v.submit()
    open.sees('平台已暂停本小程序的线索组件。')
    open.sees(zh.closed_kept)
    assert.equal(open.v.all('cl-form').length, 0)
    await open.v.tap('cl-x')
    assert.equal(open.v.all('cl-sheet').length, 0)
    assert.equal(open.v.all('cl-trigger').length, 0)
    open.sees('暂停收集')
  })

  story('the component this page should carry is looked up; none hides the block', async () => {
    const { v, server, sees, open } = await begin({ props: { component: '', configId: '', app: 'app_1', page: 'pages/index/index' } })
    sees('免费咨询')
    assert.deepEqual(server.requests[0].query, { page: 'pages/index/index' })
    await open()
    assert.equal(v.self.data.cfg, 'a1b2c3d4')

    const gone = new Server()
    gone.active = null
    const none = await begin({ server: gone, props: { component: '', configId: '', app: 'app_1', page: 'pages/index/index' } })
    assert.equal(tight(none.v.text()), '')
    assert.deepEqual(none.v.emitted, [['unavailable', { code: 'none' }]])

    const lost = new Server()
    lost.drop.component = 1
    const off = await begin({ server: lost, props: { component: '', configId: '', app: 'app_1', page: 'pages/index/index' } })
    assert.equal(tight(off.v.text()), '')
    assert.deepEqual(off.v.emitted, [['unavailable', { code: 'network' }]])
    await off.v.comeBack()
    off.sees('免费咨询')
  })

  story('out of reach at the tap: the block stays and says so', async () => {
    const server = new Server()
    const { v, open, sees, isOpen } = await begin({ server })
    await v.pass(31 * 60_000) // what was fetched is stale
    server.drop.cmp_1 = 1
    await open()
    sees(zh.lost)
    assert.ok(!isOpen())
    await open()
    assert.ok(isOpen())
  })

  story('statement and receipt: in place, on a page of the app, or taken along', async () => {
    const a = await begin()
    await a.open()
    await a.v.tap('cl-link')
    assert.deepEqual(a.w.seen.copied, ['https://example.com/privacy'])
    a.sees(zh.link_copied)

    const b = await begin({ props: { privacyPage: '/pages/privacy/privacy', webPage: '/pages/web/web' } })
    await b.open()
    await b.v.tap('cl-link')
    assert.deepEqual(b.w.seen.opened, ['/pages/privacy/privacy'])
    await b.fill()
    await b.v.phone(yes[name][0])
    await b.v.submit()
    await b.v.tap('cl-manage')
    assert.equal(b.w.seen.opened[1], '/pages/web/web?url=' + encodeURIComponent('https://leads.example.com/r/token'))

    const server = new Server()
    server.privacy = { url: null, text: '我们这样保护您的信息。' }
    const c = await begin({ server })
    await c.open()
    c.misses('我们这样保护您的信息。')
    await c.v.tap('cl-link')
    c.sees('我们这样保护您的信息。')
  })

  story('tests count nothing', async () => {
    const server = new Server()
    server.test = true
    const { v, open, fill, sees } = await begin({ server })
    await open()
    sees(zh.test_banner)
    await fill()
    await v.phone(yes[name][0])
    await v.submit()
    assert.equal(server.sent('events').length, 0)
  })

  story('shown is what came in sight, with what led there', async () => {
    const { v, server, w, open } = await begin({ more: { below: true }, props: { source: 'live', room: '7301234', video: 'no id!' } })
    await v.pass(60_000)
    assert.equal(server.events().length, 0)
    w.seen.watched({ intersectionRatio: 0.4 })
    assert.deepEqual(server.events().map(({ kind, source, room, video }) => [kind, source, room, video]), [['component_show', 'live', '7301234', undefined]])
    await open()
    assert.deepEqual(server.events().map(e => e.kind), ['component_show', 'click', 'open'])

    const tapped = await begin({ more: { below: true } })
    await tapped.open() // who taps has seen it
    assert.deepEqual(tapped.server.events().map(e => e.kind), ['component_show', 'click', 'open'])
  })

  story('the platform closed to the app on the server’s side: typed, and the page hears why', async () => {
    const server = new Server()
    server.instead.leads = [[422, { code: 'phone_grant_failed', errors: [{ field: 'phone_grant', code: 'denied_10101', message: '小程序暂时不能获取手机号。请手动填写。' }] }]]
    const { v, open, fill, sees } = await begin({ server, props: { room: 'room-1' } })
    await open()
    await fill()
    await v.phone(yes[name][0])
    await v.submit()
    sees(zh.tell_denied)
    assert.equal(v.all('cl-back-way').length, 0)
    assert.deepEqual(v.emitted.at(-1), ['phonefail', { reason: 'denied', code: 'phone_grant_failed' }])
    assert.deepEqual(server.sent('leads')[0].body.place, { room: 'room-1' })
  })

  story('a lost event is told once more with its id, then given up', async () => {
    const server = new Server()
    server.drop.events = 1
    const { v } = await begin({ server })
    await v.pass(60_000)
    const sent = server.sent('events')
    assert.equal(sent.length, 2)
    assert.equal(sent[0].raw, sent[1].raw)
  })

  story('choices made from lists and dates go along', async () => {
    const { v, server, open, fill } = await begin()
    await open()
    await fill()
    await v.choose('cl-list', name === 'wechat' ? '2' : 2)
    if (name === 'alipay') await v.type('cl-line', '2026-12-01', 1)
    else await v.choose('cl-date', '2026-12-01')
    await v.phone(yes[name][0])
    await v.submit()
    assert.deepEqual(server.sent('leads')[0].body.answers, { model: 'suv', when: 'later', day: '2026-12-01' })
  })

  if (name !== 'alipay') {
    story('an old base library: the login comes before the tap, the sealed answer goes along', async () => {
      const { v, server, w, open, fill } = await begin({ more: { info: { SDKVersion: '2.9.1' } } })
      await open()
      assert.equal(w.seen.logins, 0) // not before the consent
      await fill()
      assert.equal(w.seen.logins, 1)
      await v.phone({ errMsg: 'getPhoneNumber:ok', encryptedData: 'sealed', iv: 'iv' })
      await v.submit()
      assert.deepEqual(server.sent('leads')[0].body.phone_grant, { platform: name, encrypted_data: 'sealed', iv: 'iv', login_code: 'login-code' })
    })
  }
}
