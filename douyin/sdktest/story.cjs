// An operator's server as it is written for the real open platform, with the official
// SDK as it comes from the registry, and the host app's server beside it. Reads what
// it must know as JSON from standard input, prints what it learnt as JSON.
//   node --require ./lookup.cjs story.cjs place   components, before there is a lead
//   node --require ./lookup.cjs story.cjs read    everything else
'use strict'
const https = require('node:https')
const fs = require('node:fs')
const { default: Credential } = require('@open-dy/open_api_credential')
const sdk = require('@open-dy/open_api_sdk')

const given = JSON.parse(fs.readFileSync(0, 'utf8'))
const config = { clientKey: given.app_id, clientSecret: given.app_secret }
const credential = new Credential(config)
const client = new sdk.default(config)
// Out of the box the SDK looks at no certificate; a deployment should have it look.
client._ignoreSSL = false

// A plain client, for what the SDK has no method for.
const plain = (method, host, path, headers, body) =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const r = https.request({ method, host, path, headers: { ...headers, ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) } })
    r.on('error', reject)
    r.on('response', (res) => {
      let all = ''
      res.setEncoding('utf8')
      res.on('data', (part) => (all += part))
      res.on('end', () => {
        try {
          resolve({ status: res.statusCode, ...JSON.parse(all) })
        } catch (e) {
          reject(new Error(`${method} ${path} answered ${res.statusCode} and no JSON`))
        }
      })
    })
    r.end(text)
  })

const host = (path, body) => plain('POST', 'localhost', path, { authorization: `Bearer ${given.host_api_key}` }, body)

// What a call that must be refused is refused with.
const refused = async (call) => {
  try {
    await call()
  } catch (e) {
    return { code: String(e.code), message: String(e.message) }
  }
  return { code: '0' }
}

// Answers of the SDK as the plain objects they stand for.
const bare = (model) => JSON.parse(JSON.stringify(model.toMap ? model.toMap() : model))

const capacity = '/api/apps/v1/capacity/'

async function place() {
  const { accessToken } = await credential.getClientToken()
  const headers = { 'access-token': accessToken }
  const legacy = 'developer.toutiao.com'
  const mine = { config_name: '免费咨询', region: given.district, category_id: given.category }
  const first = await plain('POST', legacy, capacity + 'create_clue_component_info', headers, mine)
  const created = await plain('POST', legacy, capacity + 'create_clue_component_info', headers, { ...mine, component_id: given.component_id })
  const updated = await plain('POST', 'open-sandbox.douyin.com', capacity + 'update_clue_component_info', headers, { ...mine, config_id: created.data.config_id, config_name: '立即咨询' })
  const listed = await plain('GET', legacy, capacity + 'query_clue_component_info?page_no=1&page_size=20', headers)
  const deleted = await plain('DELETE', legacy, capacity + 'delete_clue_component_info', headers, { config_id: first.data.config_id })
  const left = await plain('GET', legacy, capacity + 'query_clue_component_info', headers)
  const long = await plain('POST', legacy, capacity + 'create_clue_component_info', headers, { ...mine, config_name: '长'.repeat(21) })
  return { created, updated, listed, deleted, left, long }
}

async function read() {
  const out = {}
  const { accessToken } = await credential.getClientToken()
  out.legacy = await credential.getAccessToken()
  out.oauth = bare(await client.oauthClientToken(new sdk.OauthClientTokenRequest({ clientKey: given.app_id, clientSecret: given.app_secret, grantType: 'client_credential' })))
  await client.v2Token(new sdk.V2TokenRequest({ appid: given.app_id, secret: given.app_secret, grantType: 'client_credential' }))
  const wrong = new Credential({ ...config, clientSecret: 'wrong' })
  out.wrongSecret = await refused(() => wrong.getClientToken())

  const access = { accessToken }
  out.capacities = bare(await client.capacityQueryCapacityList(new sdk.CapacityQueryCapacityListRequest(access)))
  out.status = bare(await client.capacityQueryApplyStatus(new sdk.CapacityQueryApplyStatusRequest({ ...access, capacityKey: 'clue_component' })))
  out.apply = await refused(() => client.capacityApplyCapacity(new sdk.CapacityApplyCapacityRequest({ ...access, capacityKey: 'clue_component', applyReason: '法律咨询' })))
  out.categories = bare(await client.categoryGetAuditCategories(new sdk.CategoryGetAuditCategoriesRequest(access)))
  const item = new sdk.PrivacySettingAddRequestPrivacyItemListItem({ id: '1', applyDesc: '回电联系用户' })
  out.privacyAdd = bare(await client.privacySettingAdd(new sdk.PrivacySettingAddRequest({ ...access, isPrivacyConfig: true, contactWay: 1, email: 'privacy@qingzhou.example', privacyItemList: [item] })))
  out.privacy = bare(await client.privacySettingQuery(new sdk.PrivacySettingQueryRequest(access)))
  out.credit = await client.commonOpenAPI(new sdk.CommonRequest({
    host: 'open.douyin.com', path: '/api/apps/v2/credit_score/get_credit_score/', method: 'GET', header: { 'access-token': accessToken }, query: {}, body: {},
  }))

  const range = { ...access, startTime: given.start_time, endTime: given.end_time, componentIdList: [given.config_id] }
  const page = { ...range, pageNo: '1', pageSize: '10' }
  out.overview = bare(await client.queryComponentWithOverview(new sdk.QueryComponentWithOverviewRequest(range)))
  out.source = bare(await client.queryComponentWithSource(new sdk.QueryComponentWithSourceRequest({ ...range, componentIdList: [] })))
  out.data = bare(await client.queryComponentWithData(new sdk.QueryComponentWithDataRequest(page)))
  out.detail = bare(await client.queryComponentWithDetail(new sdk.QueryComponentWithDetailRequest({ ...page, isQueryVideo: true, isQueryLive: true })))
  out.foreign = await refused(() => client.queryComponentWithOverview(new sdk.QueryComponentWithOverviewRequest({ ...range, componentIdList: ['0'.repeat(32)] })))

  const query = { ...access, accountId: given.operator_id, startTime: given.start_text, endTime: given.end_text, page: 1, pageSize: 10 }
  out.clues = bare(await client.clueQuery(new sdk.ClueQueryRequest(query)))
  out.others = await refused(() => client.clueQuery(new sdk.ClueQueryRequest({ ...query, accountId: 'op_other' })))
  out.expired = await refused(() => client.clueQuery(new sdk.ClueQueryRequest({ ...query, accessToken: 'clt.nonsense' })))

  const codes = await host('/v1/host/login-codes', { app_id: given.app_id, subject: 'user-7', device: 'device-1' })
  const session = new sdk.V2Jscode2sessionRequest({ appid: given.app_id, secret: given.app_secret, code: codes.code, anonymousCode: codes.anonymous_code })
  out.session = bare(await client.v2Jscode2session(session))
  out.sessionAgain = await refused(() => client.v2Jscode2session(session))

  const tap = () => host('/v1/host/phone-codes', { app_id: given.app_id, config_id: given.config_id, subject: 'user-7', phone: given.number })
  const exchange = (body) => plain('POST', 'open.douyin.com', '/api/apps/v1/get_phonenumber_info/', { 'access-token': accessToken }, body)
  const tapped = await tap()
  out.phone = await exchange({ code: tapped.code })
  out.phoneAgain = await exchange({ code: tapped.code })
  const second = await tap()
  out.phoneForLogin = await exchange({ code: second.code, purpose: 'login' })
  out.phoneAfterwards = await exchange({ code: second.code })
  out.hostForLogin = await host('/v1/host/phone-codes', { app_id: given.app_id, config_id: given.config_id, subject: 'user-7', phone: given.number, purpose: 'login' })
  return out
}

;({ place, read })[process.argv[2]]().then(
  (out) => process.stdout.write(JSON.stringify(out)),
  (e) => {
    process.stderr.write(String(e && (e.stack || e)))
    process.exitCode = 1
  },
)
