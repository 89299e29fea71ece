// The public API as the component needs it, in memory: strict where the component
// could be wrong.

import { pbkdf2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'

const widget = JSON.parse(readFileSync(new URL('../../widget/words.json', import.meta.url)))
const own = JSON.parse(readFileSync(new URL('../words.json', import.meta.url)))
/** Every word of the component, in a language. */
export const words = lang => Object.fromEntries(Object.entries({ ...widget, ...own }).map(([k, v]) => [k, v[lang]]))

/** A mobile number nobody has written down. */
export const number = n => ['1', 3, 8].join('') + String(10000000 + n)

export class Server {
  requests = []
  leads = new Map()
  version = 3
  bits = 3
  verification = 'verified'
  test = false
  /** Network failures still to come, for paths that end so. */
  drop = {}
  /** Answers to give instead, once each, by the path's end. */
  instead = {}
  /** Held answers: set to an array to hold, then call each. */
  hold = null
  active = { component: 'cmp_1', config_id: 'a1b2c3d4' }
  privacy = { url: 'https://example.com/privacy', text: null }
  codes = 0

  /** What to hand to a platform's request. done gets status 0 where the network fails. */
  take(method, url, headers, body, done) {
    const u = new URL(url)
    const what = u.pathname.split('/').pop()
    const header = Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k.toLowerCase(), v]))
    const json = body ? JSON.parse(body) : null
    this.requests.push({ method, path: u.pathname, what, query: Object.fromEntries(u.searchParams), key: header['idempotency-key'], body: json, raw: body })
    const send = () => {
      if (this.drop[what] > 0) { this.drop[what]--; return done(0, null) }
      const [status, answer] = this.instead[what]?.length ? this.instead[what].shift() : this.answer(method, u, header, json)
      done(status, JSON.stringify(answer))
    }
    if (this.hold && method === 'POST' && what === 'leads') this.hold.push(send)
    else send()
  }

  sent(what) { return this.requests.filter(r => r.what === what) }
  events() { return this.sent('events').flatMap(r => r.body.events) }

  answer(method, u, header, body) {
    const lang = u.searchParams.get('lang') ?? 'zh'
    if (method === 'POST' && header['content-type'] !== 'application/json') throw new Error('no JSON content type')
    if (/^\/v1\/public\/apps\/app_1\/component$/.test(u.pathname)) {
      return this.active && u.searchParams.get('page') === 'pages/index/index' ? [200, this.active] : [404, { code: 'component_none', title: '' }]
    }
    const m = /^\/v1\/public\/components\/cmp_1(?:\/(\w+))?$/.exec(u.pathname)
    if (!m) return [404, { code: 'component_unknown', title: '没有这个线索组件' }]
    switch (m[1]) {
      case undefined: return [200, this.definition(lang)]
      case 'events': {
        for (const e of body.events) {
          const { room, video, promotion, ...rest } = e
          if (Object.keys(rest).sort().join() !== 'at,id,kind,source' || !/^(component_show|click|open|consent)$/.test(e.kind) || !Number.isInteger(e.at) || !/^[A-Za-z0-9_-]{8,64}$/.test(e.id)) throw new Error('bad event ' + JSON.stringify(e))
        }
        return [202, { counted: body.events.length, duplicate: 0 }]
      }
      case 'refusals':
        if (!/^[a-z-]{1,24}$/.test(body.stage) || body.gesture.kind !== 'tap') throw new Error('bad refusal')
        return [204, null]
      case 'challenges':
        this.formed(body)
        return [200, { token: 'challenge-' + this.requests.length, nonce: 'bm9uY2U', salt: 'c2FsdC1zYWx0LXNhbHQtMQ', iterations: 20, bits: this.bits, max_counter: 16384 }]
      case 'codes': {
        this.formed(body)
        this.agreed(body.consent)
        const key = pbkdf2Sync(`bm9uY2U:${body.challenge.counter}`, Buffer.from('c2FsdC1zYWx0LXNhbHQtMQ', 'base64url'), 20, 16, 'sha256')
        if (key[0] >> (8 - this.bits)) throw new Error('the challenge is not solved')
        return [201, { code_id: 'code_' + ++this.codes, expires_at: this.now() + 300000, resend_at: this.now() + 60000 }]
      }
      case 'leads': return this.lead(header['idempotency-key'], body)
    }
    throw new Error('unknown path ' + u.pathname)
  }

  /** The device's clock; this server's is two hours ahead of it. */
  clock = () => 1_790_000_000_000
  now = () => this.clock() + 7_200_000

  formed(body) { if (!/^form-(zh|en)-\d+$/.test(body.form_token)) throw new Error('no form token') }

  agreed(c) {
    const g = c.gesture
    if (g.kind !== 'tap' || g.trusted !== true || !g.trigger || g.box_default !== false || !/^\d+x\d+$/.test(g.viewport)) throw new Error('no gesture: ' + JSON.stringify(g))
    if (!(g.opened_at > 0) || g.ticked_at < g.opened_at) throw new Error('gesture out of order: ' + JSON.stringify(g))
    if (Math.abs(g.ticked_at - this.now()) > 1e7) throw new Error('the instants are not the server’s')
    if (!c.choices.find(x => x.id === 'lead')?.accepted) throw new Error('no consent')
  }

  lead(key, body) {
    if (!/^[A-Za-z0-9_-]{8,128}$/.test(key ?? '')) throw new Error('no idempotency key: ' + key)
    this.formed(body)
    this.agreed(body.consent)
    if (body.form_token.split('-')[2] !== String(this.version) || body.consent.notice_hash !== this.hash(body.form_token.split('-')[1])) return [409, { code: 'notice_stale', title: '说明有更新' }]
    const grant = body.phone_grant
    if (grant ? 'phone' in body.answers || !(grant.code || grant.encrypted_data && grant.iv && grant.login_code || grant.response && grant.sign) : !body.answers.phone) {
      return [422, { code: 'answers_invalid', title: '', errors: [{ field: 'phone', code: 'required', message: '请填写手机号。' }] }]
    }
    const held = this.leads.get(key)
    if (held && held !== JSON.stringify(body)) return [409, { code: 'idempotency_reused', title: '请重新提交' }]
    this.leads.set(key, JSON.stringify(body))
    return [201, { receipt: { number: 'ABCD-EFGH-2345', url: 'https://leads.example.com/r/token', issued_at: this.now() }, test: this.test }]
  }

  hash(lang) { return `sha256:${lang}-${this.version}` }

  definition(lang) {
    const t = (zh, en) => lang === 'en' ? en : zh
    const section = (id, title, text) => ({ id, title, text })
    return {
      id: 'cmp_1', version: this.version, lang, langs: ['zh', 'en'], operator_name: t('示例汽车销售有限公司', 'Example Motors Ltd'),
      title: t('免费咨询购车方案', 'Free advice on buying a car'), trigger_label: t('免费咨询', 'Free advice'),
      notice: {
        version: this.version, hash: this.hash(lang), lang, sections: [
          section('purpose', t('收集目的', 'What for'), t('由购车顾问回电，解答您关于车型、价格和试驾的问题。', 'A sales adviser calls you back about models, prices and test drives.')),
          section('scope', t('收集范围', 'What is collected'), t('手机号和意向车型（必填），称呼和留言（选填）。', 'Phone number and model (required), name and message (optional).')),
          section('manner', t('收集方式', 'How'), t('由您一键授权或主动填写。', 'You let the platform give your number, or type it.')),
          section('benefit', t('您可获得', 'What you get'), t('一次免费的一对一购车咨询。', 'One free personal consultation.')),
          section('retention', t('保存期限', 'How long'), t('180 天，到期自动删除。', '180 days, then it is deleted.')),
          section('rights', t('您的权利', 'Your rights'), t('可以不填、随时撤回同意、查询、复制或删除。凭提交后得到的回执链接即可办理，不需要注册，也不需要说明理由；我们收到后立即生效。', 'You may decline, withdraw, see, copy or delete it at any time, with the link on your receipt: no account is needed, no reason asked, and it takes effect at once when we receive it, whatever the day.')),
        ],
      },
      choices: [
        { id: 'lead', required: true, text: t('我已阅读以上说明，同意示例汽车为回复本次咨询收集并使用我填写的信息。', 'I have read the above and agree that Example Motors collects and uses my answers to reply to this enquiry.') },
        { id: 'share-bank', required: false, text: t('同意示例汽车将我的手机号提供给示例银行，用于办理贷款方案咨询。', 'I agree that Example Motors passes my number to Example Bank for advice on a loan.') },
      ],
      fields: [
        { id: 'phone', kind: 'phone', required: true, label: t('手机号', 'Phone number'), hint: t('仅用于回电。', 'Only to call you back.'), format: t('11 位中国大陆手机号。', '11 digits, mainland China.'), error: t('请填写 11 位手机号。', 'Enter a phone number of 11 digits.'), max_length: 20 },
        { id: 'name', kind: 'name', required: false, label: t('称呼', 'Name'), hint: '', format: '', error: t('请填写称呼。', 'Enter a name.'), max_length: 40 },
        { id: 'model', kind: 'choice', required: true, label: t('意向车型', 'Model'), hint: '', format: '', error: t('请选择一种车型。', 'Choose a model.'), choices: [{ value: 'sedan', label: t('轿车', 'Saloon') }, { value: 'suv', label: 'SUV' }] },
        { id: 'when', kind: 'choice', required: false, label: t('购车时间', 'When'), hint: '', format: '', error: t('请选择。', 'Choose one.'), choices: [{ value: 'soon', label: t('一个月内', 'Within a month') }, { value: 'later', label: t('以后', 'Later') }] },
        { id: 'day', kind: 'date', required: false, label: t('方便的日期', 'A day that suits'), hint: '', format: t('例如 2026-12-01。', 'Such as 2026-12-01.'), error: t('请填写日期。', 'Enter a date.') },
        { id: 'message', kind: 'text', required: false, label: t('留言', 'Message'), hint: t('请不要填写身份证号等敏感信息。', 'Leave out anything sensitive.'), format: '', error: t('留言太长。', 'Too long.'), max_length: 200 },
      ],
      privacy: this.privacy, complaint_contact: 'help@example.com', deletion_way: t('凭回执链接随时删除或撤回，或联系客服。', 'Use the link on your receipt at any time, or contact us.'),
      verification: this.verification, form_token: `form-${lang}-${this.version}`, now: this.now(), test: this.test, words: words(lang),
    }
  }
}

/** The platform's own object, as documented, in front of a server. */
export function world(name, server, more = {}) {
  const seen = { copied: [], opened: [], logins: 0 }
  const w = {
    seen,
    request(o) {
      const answer = (status, data) => {
        if (name === 'alipay') {
          if (!status) o.fail({ error: 12, errorMessage: 'network error' })
          else if (status >= 400) o.fail({ error: 19, errorMessage: 'http status error', status, data, headers: {} })
          else o.success({ status, data, headers: {} })
        } else if (!status) o.fail({ errMsg: 'request:fail', errNo: 21100 })
        else o.success({ statusCode: status, data, header: {}, errMsg: 'request:ok' })
      }
      server.take(o.method, o.url, name === 'alipay' ? o.headers : o.header, o.data, answer)
    },
    getSystemInfoSync: () => ({ language: 'zh_CN', windowWidth: 390, windowHeight: 844, SDKVersion: '3.60.0', ...more.info }),
    navigateTo(o) { seen.opened.push(o.url); more.noPage ? o.fail({}) : o.success({}) },
    setClipboardData(o) { seen.copied.push(o.data); o.success({}) },
    setClipboard(o) { seen.copied.push(o.text); o.success({}) },
    login(o) { seen.logins++; o.success({ code: 'login-code' }) },
    createIntersectionObserver() {
      return { relativeToViewport() { return this }, observe(selector, f) { seen.watched = f; f({ intersectionRatio: more.below ? 0 : 1 }) }, disconnect() { seen.watched = null } }
    },
    getPhoneNumber(o) { more.sealed === undefined ? o.fail({ error: 11, errorMessage: 'unavailable' }) : o.success({ response: more.sealed }) },
  }
  // Each platform has its own name for some of these; another's would not be there.
  for (const other of name === 'alipay' ? ['setClipboardData', 'login'] : ['setClipboard', 'getPhoneNumber']) delete w[other]
  return w
}
