/* @clew/lead-douyin 0.1.0 */
"use strict";

// src/reason.ts
var reasons = [
  [/platform auth deny|no permission|no auth|access denied|not support/i, "denied"],
  [/no phone number|phoneArray is empty/i, "none"],
  [/not login|invalid session/i, "signed_out"],
  [/deny|denied|cancel|reject/i, "refused"]
];
function read(platform, detail, login) {
  const text2 = detail.errMsg || "", no = Number(detail.errNo || detail.errno || 0);
  if (detail.code) return { grant: { platform, code: detail.code }, code: "ok" };
  if (detail.encryptedData && detail.iv && login) {
    return { grant: { platform, encrypted_data: detail.encryptedData, iv: detail.iv, login_code: login }, code: "ok" };
  }
  const found = reasons.find((r) => r[0].test(text2));
  const code = (no ? no + " " : "") + text2.replace(/^getPhoneNumber:(fail\s*)?/, "").slice(0, 60);
  return { reason: no === 10101 || no === 1400001 ? "denied" : found ? found[1] : "failed", code: code || "unknown" };
}
function older(version, than) {
  const a = version.split("."), b = than.split(".");
  for (let i = 0; i < 3; i++) {
    const x = Number(a[i]) || 0, y = Number(b[i]) || 0;
    if (x !== y) return x < y;
  }
  return false;
}

// src/platform/douyin.ts
function request(method, url, body, headers, done) {
  const options = {
    url,
    method,
    header: headers,
    dataType: "string",
    success: (res) => done({ status: res.statusCode, value: res.data }),
    fail: () => done({ status: 0, value: null })
  };
  tt.request(body ? Object.assign(options, { data: body }) : options);
}
function device() {
  const info = tt.getSystemInfoSync();
  return { lang: info.language || "", viewport: Math.round(info.windowWidth) + "x" + Math.round(info.windowHeight), host: "douyin" };
}
function copy(text2, done) {
  tt.setClipboardData({ data: text2, success: () => done(true), fail: () => done(false) });
}
function go(url, done) {
  tt.navigateTo({ url, success: () => done(true), fail: () => done(false) });
}
function oldLogin(done) {
  if (!older(tt.getSystemInfoSync().SDKVersion, "3.51.0")) return done("");
  tt.login({ force: false, success: (res) => done(res.code || ""), fail: () => done("") });
}
function given(detail, login, done) {
  done(read("douyin", detail, login));
}
function property(self, name) {
  return String(self.properties[name] || "");
}
function emit(self, name, detail) {
  self.triggerEvent(name, detail);
}
function seen(self, selector, done) {
  if (!tt.createIntersectionObserver) return done();
  const observer = tt.createIntersectionObserver(self);
  let counted = false;
  observer.relativeToViewport({}).observe(selector, (at) => {
    if (counted || at.intersectionRatio <= 0) return;
    counted = true;
    observer.disconnect();
    done();
  });
}

// src/api.ts
function call(url, body, lang, key, ok, refused) {
  const headers = { "Accept-Language": lang };
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const text2 = !body ? "" : typeof body === "string" ? body : JSON.stringify(body);
  request(body ? "POST" : "GET", url, text2, headers, (answer) => {
    let value2 = answer.value;
    if (typeof value2 === "string" && value2) {
      try {
        value2 = JSON.parse(value2);
      } catch (e) {
        value2 = null;
      }
    }
    if (answer.status >= 200 && answer.status < 300) return ok(value2);
    const p = value2 && typeof value2 === "object" ? value2 : {};
    refused({
      code: answer.status ? String(p.code || answer.status) : "",
      title: p.title || "",
      detail: p.detail || "",
      errors: p.errors || []
    });
  });
}
function newKey() {
  const part = () => Math.floor(Math.random() * 4294967296).toString(16);
  return [Date.now().toString(16), part(), part(), part(), part()].join("-");
}
var base = (server) => server.replace(/\/+$/, "") + "/v1/public/";
function lookUp(server, app, page, ok, refused) {
  const url = `${base(server)}apps/${encodeURIComponent(app)}/component?page=${encodeURIComponent(page)}`;
  call(url, null, "", "", (a) => ok(a && a.component ? a : null), (p) => p.code && p.code !== "429" && !/^5/.test(p.code) ? ok(null) : refused(p));
}

// src/timer.ts
var after = (ms, run) => setTimeout(run, ms);
var stop = (timer) => {
  if (timer !== void 0) clearTimeout(timer);
};

// src/state.ts
var states = /* @__PURE__ */ new WeakMap();
function state(self) {
  let s = states.get(self);
  if (!s) {
    s = {
      here: false,
      want: "",
      failed: false,
      url: "",
      lang: "zh",
      d: null,
      ahead: 0,
      loadedAt: 0,
      gesture: null,
      answers: {},
      grant: null,
      login: "",
      code: "",
      codeID: "",
      sentTo: "",
      resendAt: 0,
      solved: null,
      solvedAt: 0,
      solving: false,
      sending: false,
      busy: false,
      body: "",
      key: "",
      clock: void 0,
      later: void 0,
      told: {},
      refused: false,
      received: null
    };
    states.set(self, s);
  }
  return s;
}
function forget(s) {
  stop(s.clock);
  stop(s.later);
  s.answers = {};
  s.grant = s.gesture = s.solved = s.received = null;
  s.login = s.code = s.codeID = s.sentTo = s.body = s.key = "";
  s.solving = s.sending = s.busy = false;
  s.told = { component_show: true };
  s.refused = false;
}
var now = (s) => Date.now() + s.ahead;
function tell(s, source2, place2, ...kinds) {
  const events = [];
  for (const kind of kinds) {
    if (s.told[kind]) continue;
    s.told[kind] = true;
    events.push(Object.assign({ id: newKey(), kind, at: now(s), source: source2 }, place2));
  }
  if (!events.length || !s.d || s.d.test) return;
  const url = s.url + "/events", body = JSON.stringify({ events });
  call(url, body, s.lang, "", () => {
  }, (p) => {
    if (!p.code) after(3e3, () => call(url, body, s.lang, "", () => {
    }, () => {
    }));
  });
}

// src/form.ts
var waits = [1e3, 3e3];
var phoneOf = (s) => s.d ? s.d.fields.filter((f) => f.kind === "phone")[0] : void 0;
function wrong(f, answer) {
  if (!answer) return f.required;
  if (f.kind === "phone") return answer.normalize("NFKC").replace(/\D/g, "").length < 5;
  return f.kind === "email" && !/.@./.test(answer);
}
var byTap = (self, s) => self.data.way === "tap" && !!s.grant;
function missing(self, forCode) {
  const s = state(self), list = [];
  if (!s.d) return list;
  for (const b of self.data.boxes) {
    if (b.required && !b.on) list.push({ at: "clew-box-" + b.id, kind: "consent", text: "" });
  }
  for (const f of s.d.fields) {
    const isPhone = f.kind === "phone", tapped2 = isPhone && byTap(self, s);
    if ((isPhone || !forCode) && !tapped2 && wrong(f, s.answers[f.id] || "")) list.push({ at: "clew-field-" + f.id, kind: "text", text: f.error });
    if (isPhone && !forCode && !tapped2 && self.data.way === "typed" && self.data.verified && !s.code && (f.required || s.answers[f.id])) {
      list.push({ at: "clew-code", kind: "code", text: "" });
    }
  }
  return list;
}
function show(self, faults, trouble) {
  const said = (at) => faults.filter((f) => f.at === at)[0];
  const bad = (at) => {
    const f = said(at);
    return f ? f.text || f.kind : "";
  };
  self.setData({ at: "" });
  self.setData({
    faults,
    trouble,
    network: false,
    broken: false,
    changed: false,
    at: faults.length || trouble ? "clew-summary" : "",
    boxes: self.data.boxes.map((b) => Object.assign({}, b, { error: bad("clew-box-" + b.id) })),
    rows: self.data.rows.map((r) => Object.assign({}, r, { error: bad("clew-field-" + r.id) })),
    codeError: bad("clew-code")
  });
}
function problem(self, p) {
  const s = state(self);
  const at = (field) => {
    const name = field.split(/[./]/).pop() || "", phone2 = phoneOf(s);
    if (name === "code" || name === "code_id") return "clew-code";
    if (/^phone_grant\b/.test(field)) return phone2 ? "clew-field-" + phone2.id : "";
    return (self.data.boxes.some((b) => b.id === name) ? "clew-box-" : "clew-field-") + name;
  };
  const errors = p.errors || [];
  show(
    self,
    errors.map((e) => ({ at: at(e.field), kind: "text", text: e.message })),
    errors.length || !p.code ? "" : [p.title, p.detail].filter(Boolean).join(" ")
  );
  self.setData({ unsure: !p.code, network: !p.code, broken: !!p.code && !errors.length && !p.title && !p.detail, at: "clew-summary" });
  const phone = phoneOf(s);
  if (s.grant && (/^phone_/.test(p.code) || errors.some((e) => /^phone_grant\b/.test(e.field) || !!phone && e.field.split(/[./]/).pop() === phone.id))) {
    s.grant = null;
    const codes = p.code + " " + errors.map((e) => e.code).join(" ");
    const denied = /denied/.test(codes);
    self.setData({ way: "typed", granted: false, tell: denied ? "denied" : /\b(expired|used)\b/.test(codes) ? "spent" : "failed", again: !denied });
    if (denied) emit(self, "phonefail", { reason: "denied", code: p.code });
  }
}
function given2(self, detail, without) {
  const s = state(self);
  if (!s.d || !self.data.agreed || s.busy) return;
  given(detail, s.login, (g) => {
    if (!s.gesture || !self.data.open) return;
    s.grant = g.grant || null;
    if (g.grant) {
      const phone = phoneOf(s);
      if (phone) delete s.answers[phone.id];
      self.setData({ granted: true, tell: "", way: "tap", rows: self.data.rows.map((r) => r.kind === "phone" ? Object.assign({}, r, { error: "" }) : r) });
      return;
    }
    const reason = g.reason || "failed";
    self.setData({ granted: false, way: "typed", tell: reason, again: reason === "refused" || reason === "failed" });
    if (reason !== "refused") emit(self, "phonefail", { reason, code: g.code });
    without(reason);
  });
}
var consent = (self, s) => ({
  notice_version: s.d.notice.version,
  notice_hash: s.d.notice.hash,
  choices: self.data.boxes.map((b) => ({ id: b.id, accepted: b.on })),
  gesture: s.gesture
});
function post(self, source2, place2, done, refused) {
  const s = state(self), d = s.d;
  const lead = { form_token: d.form_token, consent: consent(self, s), answers: {}, source: source2, place: place2 };
  for (const f of d.fields) {
    const answer = s.answers[f.id];
    if (answer && !(f.kind === "phone" && byTap(self, s))) lead.answers[f.id] = answer;
  }
  if (byTap(self, s)) {
    lead.phone_grant = s.grant;
  } else if (self.data.verified) {
    lead.code_id = s.codeID;
    lead.code = s.code;
  }
  const body = JSON.stringify(lead);
  if (body !== s.body) s.key = newKey();
  s.body = body;
  s.busy = true;
  self.setData({ busy: true, unsure: false });
  const url = s.url + "/leads", key = s.key;
  const send2 = (time) => call(url, body, s.lang, key, (r) => {
    if (s.key !== key) return;
    s.busy = false;
    self.setData({ busy: false });
    done(r);
  }, (p) => {
    if (s.key !== key) return;
    const wait = waits[time];
    if (!p.code && wait) {
      s.later = after(wait, () => send2(time + 1));
      return;
    }
    s.busy = false;
    self.setData({ busy: false });
    refused(p);
  });
  send2(0);
}

// src/sha256.ts
var K = new Int32Array(64);
var H = new Int32Array(8);
{
  const bits = (x) => (x - Math.floor(x)) * 4294967296 | 0;
  let n = 0;
  for (let p = 2; n < 64; p++) {
    let prime = true;
    for (let q = 2; q * q <= p; q++) if (p % q === 0) {
      prime = false;
      break;
    }
    if (!prime) continue;
    if (n < 8) H[n] = bits(Math.sqrt(p));
    K[n++] = bits(Math.cbrt(p));
  }
}
var W = new Int32Array(64);
function compress(state2) {
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    W[i] = W[i - 16] + W[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) | 0;
  }
  let a = state2[0], b = state2[1], c = state2[2], d = state2[3], e = state2[4], f = state2[5], g = state2[6], h = state2[7];
  for (let i = 0; i < 64; i++) {
    const t = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + W[i] | 0;
    const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
    h = g;
    g = f;
    f = e;
    e = d + t | 0;
    d = c;
    c = b;
    b = a;
    a = t + u | 0;
  }
  state2[0] += a;
  state2[1] += b;
  state2[2] += c;
  state2[3] += d;
  state2[4] += e;
  state2[5] += f;
  state2[6] += g;
  state2[7] += h;
}
function block(bytes, length) {
  W.fill(0, 0, 16);
  for (let i = 0; i < bytes.length; i++) W[i >> 2] |= bytes[i] << 24 - (i & 3) * 8;
  if (length) {
    W[bytes.length >> 2] |= 128 << 24 - (bytes.length & 3) * 8;
    W[15] = length * 8;
  }
}
function derive(password, salt, iterations) {
  const key = (pad) => {
    const padded = [];
    for (let i = 0; i < 64; i++) padded.push((password[i] || 0) ^ pad);
    const state3 = new Int32Array(H);
    block(padded, 0);
    compress(state3);
    return state3;
  };
  const inner = key(54), outer = key(92);
  const state2 = new Int32Array(8), out = new Int32Array(4);
  const finish2 = () => {
    compress(state2);
    W.set(state2);
    W.fill(0, 8, 16);
    W[8] = 1 << 31;
    W[15] = 96 * 8;
  };
  state2.set(inner);
  block(salt.concat(0, 0, 0, 1), 64 + salt.length + 4);
  for (let i = 0; i < iterations; i++) {
    finish2();
    state2.set(outer);
    finish2();
    for (let j = 0; j < 4; j++) out[j] ^= state2[j];
    state2.set(inner);
  }
  return out;
}

// src/puzzle.ts
var digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
function unbase64url(text2) {
  const bytes = [];
  let bits = 0, held = 0;
  for (const c of text2.replace(/[=\s]/g, "")) {
    held = held << 6 | digits.indexOf(c);
    if ((bits += 6) >= 8) bytes.push(held >> (bits -= 8) & 255);
  }
  return bytes;
}
function solve(c, stopped, done) {
  const salt = unbase64url(c.salt);
  const next = (counter) => {
    if (stopped()) return;
    if (counter > (c.max_counter || 1e6)) return done(0);
    const password = `${c.nonce}:${counter}`;
    const bytes = [];
    for (let i = 0; i < password.length; i++) bytes.push(password.charCodeAt(i));
    const key = derive(bytes, salt, c.iterations);
    for (let i = 0; i < c.bits; i++) {
      if (key[i >> 5] << (i & 31) < 0) {
        after(0, () => next(counter + 1));
        return;
      }
    }
    done(counter);
  };
  next(0);
}

// src/code.ts
var solvedLife = 9 * 6e4;
function prepare(self, s, then) {
  if (!s.d || !self.data.verified || !self.data.agreed || self.data.way !== "typed" || s.solving) return;
  if (s.solved) {
    if (then) then();
    return;
  }
  s.solving = true;
  const token = s.d.form_token;
  const gone = () => !s.d || s.d.form_token !== token || !self.data.open;
  call(s.url + "/challenges?engine=app", { form_token: token }, s.lang, "", (c) => solve(c, () => {
    const over = gone();
    if (over) s.solving = false;
    return over;
  }, (counter) => {
    s.solving = false;
    s.solved = { token: c.token, counter };
    s.solvedAt = Date.now();
    if (s.sending) send(self, s);
    else if (then) then();
  }), (p) => {
    s.solving = false;
    if (s.sending) fail(self, s, p);
  });
}
function fail(self, s, p) {
  s.sending = false;
  problem(self, p);
  count(self);
}
function count(self) {
  const s = state(self), phone = phoneOf(s);
  const number = phone && s.answers[phone.id] || "";
  if (s.sentTo !== number) s.codeID = "";
  stop(s.clock);
  const left = Math.max(0, Math.ceil((s.resendAt - Date.now()) / 1e3));
  const next = s.sending ? s.solved ? "sending" : "preparing" : left ? "sent" : s.resendAt ? "again" : phone && self.data.agreed && number && !wrong(phone, number) ? "" : "wait";
  if (self.data.codeState !== next || self.data.left !== left) self.setData({ codeState: next, left });
  if (left && self.data.open) s.clock = after(1e3, () => count(self));
}
function ask(self) {
  const s = state(self);
  if (s.sending || s.busy || s.resendAt > Date.now()) return;
  if (Date.now() - s.solvedAt > solvedLife) s.solved = null;
  const faults = missing(self, true);
  show(self, faults, "");
  if (faults.length) return;
  s.sending = true;
  count(self);
  if (s.solved) send(self, s);
  else prepare(self, s);
}
function send(self, s) {
  const d = s.d, phone = phoneOf(s);
  if (!d || !phone || !s.gesture) return;
  const to = s.answers[phone.id] || "";
  const challenge = s.solved;
  s.solved = null;
  call(s.url + "/codes", { form_token: d.form_token, consent: consent(self, s), phone: to, challenge }, s.lang, "", (sent) => {
    s.sending = false;
    s.codeID = sent.code_id;
    s.sentTo = to;
    s.resendAt = Math.min(sent.resend_at - s.ahead, Date.now() + 6e4);
    count(self);
  }, (p) => fail(self, s, p));
}

// ../widget/words.json
var choose = { zh: "请选择", en: "Choose one" };

// src/view.ts
function initial() {
  return {
    zh: true,
    state: "",
    why: "",
    open: false,
    kept: false,
    lost: false,
    stage: "form",
    cfg: "",
    label: "",
    title: "",
    operator: "",
    other: "",
    test: false,
    sections: [],
    boxes: [],
    rows: [],
    verified: true,
    agreed: false,
    way: "tap",
    granted: false,
    tell: "",
    again: false,
    codeState: "wait",
    left: 0,
    codeError: "",
    faults: [],
    trouble: "",
    network: false,
    broken: false,
    changed: false,
    busy: false,
    unsure: false,
    at: "",
    address: "",
    statement: "",
    reading: false,
    deletion: "",
    contact: "",
    number: "",
    url: "",
    copied: ""
  };
}
var types = { number: "digit" };
function row(f, d, before) {
  const choices = f.choices || [];
  const few = f.required && choices.length < 7;
  const max = f.max_length || 0;
  const as = f.kind === "phone" ? "phone" : f.kind === "choice" ? few ? "radio" : "list" : f.kind === "date" ? "date" : f.kind === "text" && max > 100 ? "area" : "input";
  const on = (value2) => !!before && before.options.some((o) => o.value === value2 && o.on);
  return {
    id: f.id,
    kind: f.kind,
    as,
    type: types[f.kind] || "text",
    label: f.label,
    required: f.required,
    error: "",
    hint: f.hint,
    format: f.format === f.hint ? "" : f.format,
    max: max || -1,
    // The first row takes an answer back.
    labels: [choose[d.lang]].concat(choices.map((c) => c.label)),
    options: choices.map((c) => ({ value: c.value, label: c.label, on: on(c.value) })),
    index: before ? before.index : 0,
    date: before ? before.date : ""
  };
}
function shown(d, before) {
  return {
    state: "ready",
    why: "",
    zh: d.lang === "zh",
    label: d.trigger_label,
    title: d.title,
    operator: d.operator_name,
    other: d.langs.filter((l) => l !== d.lang)[0] || "",
    test: d.test,
    // What clause 3.1.1 asks to be said is always in sight; long texts besides fold.
    sections: d.notice.sections.map((s) => {
      const folds = s.text.length > (d.lang === "zh" ? 60 : 160) && /^(rights|complaint|privacy)$/.test(s.id);
      return { id: s.id, title: s.title, text: s.text, folds, shut: folds };
    }),
    boxes: d.choices.map((c) => ({ id: c.id, text: c.text, required: c.required, on: false, error: "" })),
    agreed: false,
    rows: d.fields.map((f) => row(f, d, before.filter((r) => r.id === f.id)[0])),
    verified: d.verification === "verified",
    address: d.privacy.url || "",
    statement: d.privacy.text || "",
    reading: false,
    deletion: d.deletion_way,
    contact: d.complaint_contact,
    faults: [],
    trouble: "",
    network: false,
    broken: false,
    changed: false,
    codeError: "",
    at: ""
  };
}

// src/lead.ts
var fresh = 30 * 6e4;
var dataset = (e, name) => e.currentTarget && e.currentTarget.dataset && e.currentTarget.dataset[name] || e.target && e.target.dataset && e.target.dataset[name] || "";
var value = (e) => String(e.detail.value || "");
var source = (self) => property(self, "source").toLowerCase().replace(/[^a-z0-9_-]+/g, "-").slice(0, 40);
function place(self) {
  const p = {};
  for (const name of ["room", "video", "promotion"]) {
    const id = property(self, name);
    if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) p[name] = id;
  }
  return p;
}
var tell2 = (self, ...kinds) => tell(state(self), source(self), place(self), ...kinds);
function arrive(self) {
  state(self).here = true;
  renew(self);
}
function leave(self) {
  const s = state(self);
  s.here = false;
  s.want = "";
  forget(s);
}
function back(self) {
  const s = state(self);
  if (!s.failed || self.data.open) return;
  s.want = "";
  renew(self);
}
function renew(self) {
  const s = state(self);
  const server = property(self, "server"), id = property(self, "component");
  const app = property(self, "app"), page = property(self, "page");
  if (!s.here || !server || !id && !app) return;
  const language = property(self, "lang") || device().lang;
  const lang = !language || /^zh|chinese|中文/i.test(language) ? "zh" : "en";
  const want = [server, id, app, page, lang, property(self, "configId")].join(" ");
  if (want === s.want) return;
  s.want = want;
  s.failed = false;
  s.lang = lang;
  const take2 = (component2, cfg) => {
    if (s.want !== want) return;
    s.url = base(server) + "components/" + encodeURIComponent(component2);
    s.told = {};
    self.setData({ cfg });
    load(self, lang, () => {
      after(100, () => {
        if (s.want === want && s.d) seen(self, ".cl-block", () => tell2(self, "component_show"));
      });
    });
  };
  if (id) return take2(id, property(self, "configId"));
  lookUp(
    server,
    app,
    page,
    (a) => a ? take2(a.component, a.config_id || "") : nothing(self, s, want, { code: "none", title: "" }),
    (p) => nothing(self, s, want, p)
  );
}
function nothing(self, s, want, p) {
  if (s.want !== want) return;
  emit(self, "unavailable", { code: p.code || "network" });
  if (!p.code && s.d) return self.setData({ lost: true });
  s.failed = true;
  s.d = null;
  self.setData({ state: p.code && p.title ? "closed" : "hidden", why: [p.title, p.detail].filter(Boolean).join(" "), zh: s.lang === "zh" });
}
function load(self, lang, done) {
  const s = state(self), want = s.want, url = s.url;
  call(`${url}?lang=${lang}`, null, lang, "", (d) => {
    if (s.want !== want || s.url !== url) return;
    s.d = d;
    s.lang = d.lang;
    s.loadedAt = Date.now();
    s.ahead = d.now ? d.now - Date.now() : 0;
    self.setData(shown(d, []));
    done();
  }, (p) => nothing(self, s, want, p));
}
function tapped(s, e, trigger) {
  if (!e || e.type !== "tap" || typeof e.timeStamp !== "number" || !trigger) return null;
  return {
    kind: "tap",
    trigger: trigger.replace(/\s+/g, " ").slice(0, 60),
    trusted: true,
    opened_at: now(s),
    ticked_at: 0,
    box_default: false,
    viewport: device().viewport,
    host: device().host
  };
}
function open(self, g) {
  const s = state(self);
  s.gesture = g;
  g.box_default = self.data.boxes.some((b) => b.on);
  self.setData({ open: true, kept: false, lost: false, stage: "form", way: "tap", granted: false, tell: "", again: false, codeState: "wait", left: 0, copied: "", unsure: false });
  tell2(self, "component_show", "click", "open");
  emit(self, "opened", {});
}
function stage(self, s) {
  if (s.codeID) return "code";
  for (const id in s.answers) if (s.answers[id]) return "fields";
  return s.grant || self.data.tell ? "phone" : self.data.boxes.some((b) => b.on) ? "consent" : "notice";
}
function close(self) {
  const s = state(self);
  if (!self.data.open) return;
  self.setData({ open: false, kept: s.busy });
  if (s.busy) return;
  if (s.d && !s.received && self.data.stage === "form") refuse(self, s, stage(self, s));
  finish(self, s);
}
function refuse(self, s, at) {
  if (!s.d || s.refused) return;
  s.refused = true;
  call(s.url + "/refusals", { form_token: s.d.form_token, gesture: { kind: "tap" }, stage: at }, s.lang, "", () => {
  }, () => {
  });
  emit(self, "refused", { stage: at });
}
function finish(self, s) {
  const shut = self.data.stage === "closed";
  forget(s);
  if (shut || !s.d) return self.setData({ open: false, stage: "form" });
  s.loadedAt = 0;
  self.setData(shown(s.d, []));
}
function again(self, lang, changed) {
  const s = state(self), was = s.d;
  call(`${s.url}?lang=${lang}`, null, lang, "", (d) => {
    if (s.d !== was || s.busy || !self.data.open || !s.gesture) return;
    s.d = d;
    s.lang = d.lang;
    s.loadedAt = Date.now();
    s.ahead = d.now ? d.now - Date.now() : 0;
    s.gesture.opened_at = now(s);
    s.gesture.ticked_at = 0;
    s.solved = null;
    self.setData(shown(d, self.data.rows));
    s.gesture.box_default = self.data.boxes.some((b) => b.on);
    if (changed) self.setData({ changed: true, at: "clew-summary" });
  }, (p) => problem(self, p));
}
var handlers = {
  onTrigger(e) {
    const s = state(this);
    const g = tapped(s, e, this.data.label);
    if (!g || this.data.open || !s.d) return;
    if (this.data.kept) return this.setData({ open: true, kept: false });
    if (s.loadedAt && Date.now() - s.loadedAt < fresh) return open(this, g);
    load(this, s.lang, () => {
      if (!this.data.open) open(this, g);
    });
  },
  onClose() {
    close(this);
  },
  /** Taps on the sheet are the sheet's own. */
  onStay() {
  },
  onLanguage() {
    if (this.data.other && !state(this).busy) again(this, this.data.other, false);
  },
  onFold(e) {
    const id = dataset(e, "id");
    this.setData({ sections: this.data.sections.map((x) => x.id === id ? Object.assign({}, x, { shut: !x.shut }) : x) });
  },
  onTick(e) {
    const s = state(this), ticked = e.detail.value || [];
    const boxes = this.data.boxes.map((b) => {
      const on = ticked.indexOf(b.id) >= 0;
      return Object.assign({}, b, { on, error: on ? "" : b.error });
    });
    const agreed = boxes.every((b) => b.on || !b.required);
    if (s.gesture && ticked.length) s.gesture.ticked_at = now(s);
    this.setData({ boxes, agreed });
    if (!agreed) return;
    tell2(this, "consent");
    if (this.data.way === "tap" && !s.grant) oldLogin((code) => {
      s.login = code;
    });
    prepare(this, s);
  },
  onInput(e) {
    state(this).answers[dataset(e, "id")] = value(e).trim();
    count(this);
  },
  onRadio(e) {
    const id = dataset(e, "id"), chosen = value(e);
    state(this).answers[id] = chosen;
    this.setData({ rows: this.data.rows.map((r) => r.id !== id ? r : Object.assign({}, r, { options: r.options.map((o) => Object.assign({}, o, { on: o.value === chosen })) })) });
  },
  onList(e) {
    const id = dataset(e, "id"), index = Number(value(e)) || 0;
    this.setData({
      rows: this.data.rows.map((r) => {
        if (r.id !== id) return r;
        const chosen = r.options[index - 1];
        state(this).answers[id] = chosen ? chosen.value : "";
        return Object.assign({}, r, { index });
      })
    });
  },
  onDate(e) {
    const id = dataset(e, "id"), date = value(e);
    state(this).answers[id] = date;
    this.setData({ rows: this.data.rows.map((r) => r.id === id ? Object.assign({}, r, { date }) : r) });
  },
  onCode(e) {
    state(this).code = value(e).replace(/\s/g, "");
  },
  onAskCode() {
    ask(this);
  },
  /** Before the consent nothing is asked of the platform. */
  onTooEarly() {
    show(this, missing(this, true), "");
  },
  /** The platform's answer to a tap on its button: something that stands for the number, or a reason. */
  onPhone(e) {
    given2(this, e.detail, (reason) => {
      const s = state(this);
      if (reason === "refused" && s.d) refuse(this, s, "phone");
      prepare(this, s);
    });
  },
  onType() {
    const s = state(this);
    s.grant = null;
    this.setData({ way: "typed", granted: false });
    prepare(this, s);
    count(this);
  },
  onBack() {
    const s = state(this);
    const phone = s.d && s.d.fields.filter((f) => f.kind === "phone")[0];
    if (phone) delete s.answers[phone.id];
    s.code = s.codeID = s.sentTo = "";
    this.setData({ way: "tap", tell: "" });
    if (this.data.agreed) oldLogin((code) => {
      s.login = code;
    });
  },
  onJump(e) {
    this.setData({ at: dataset(e, "at") });
  },
  onSubmit() {
    const s = state(this);
    if (s.busy || !s.d || !s.gesture || this.data.stage !== "form") return;
    const faults = missing(this, false);
    show(this, faults, "");
    if (faults.length) return;
    post(this, source(this), place(this), (r) => {
      s.received = r;
      s.answers = {};
      s.grant = null;
      s.code = s.body = "";
      stop(s.clock);
      this.setData({ stage: "receipt", number: r.receipt.number, url: r.receipt.url, at: "" });
      emit(this, "submitted", { receipt: r.receipt.number });
    }, (p) => {
      if (/^(capability_|category_lapsed|component_)/.test(p.code)) {
        this.setData({ stage: "closed", state: "closed", why: [p.title, p.detail].filter(Boolean).join(" ") });
        forget(s);
        s.failed = true;
        emit(this, "unavailable", { code: p.code });
      } else if (/^(notice_stale|form_expired|form_forged)$/.test(p.code)) {
        again(this, s.lang, true);
      } else {
        problem(this, p);
      }
    });
  },
  /** The statement: in place, on a page of the app's own, or its address to take along. */
  onPrivacy() {
    const page = property(this, "privacyPage");
    if (this.data.statement) return this.setData({ reading: !this.data.reading });
    if (page) return go(page, (ok) => {
      if (!ok) take(this, this.data.address);
    });
    visit(this, this.data.address);
  },
  /** The person's own page of what they gave: to see, withdraw or delete it. */
  onReceipt() {
    visit(this, this.data.url);
  }
};
function visit(self, address) {
  const page = property(self, "webPage");
  if (!page) return take(self, address);
  go(page + "?url=" + encodeURIComponent(address), (ok) => {
    if (!ok) take(self, address);
  });
}
function take(self, address) {
  copy(address, (ok) => self.setData({ copied: ok ? "ok" : "no" }));
}

// src/index.wx.ts
var text = { type: String, value: "", observer() {
  renew(this);
} };
var component = {
  properties: {
    server: text,
    component: text,
    app: text,
    page: text,
    configId: text,
    lang: text,
    source: text,
    theme: { type: String, value: "" },
    room: { type: String, value: "" },
    video: { type: String, value: "" },
    promotion: { type: String, value: "" },
    privacyPage: { type: String, value: "" },
    webPage: { type: String, value: "" }
  },
  data: initial(),
  lifetimes: {
    attached() {
      arrive(this);
    },
    detached() {
      leave(this);
    }
  },
  pageLifetimes: {
    show() {
      back(this);
    }
  },
  methods: handlers
};
Component(component);
