/* @clew/lead-douyin 0.1.0 */
"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// src/active.ts
var active_exports = {};
__export(active_exports, {
  activeComponent: () => activeComponent
});
module.exports = __toCommonJS(active_exports);

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

// src/api.ts
function call(url, body, lang, key, ok, refused) {
  const headers = { "Accept-Language": lang };
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const text = !body ? "" : typeof body === "string" ? body : JSON.stringify(body);
  request(body ? "POST" : "GET", url, text, headers, (answer) => {
    let value = answer.value;
    if (typeof value === "string" && value) {
      try {
        value = JSON.parse(value);
      } catch (e) {
        value = null;
      }
    }
    if (answer.status >= 200 && answer.status < 300) return ok(value);
    const p = value && typeof value === "object" ? value : {};
    refused({
      code: answer.status ? String(p.code || answer.status) : "",
      title: p.title || "",
      detail: p.detail || "",
      errors: p.errors || []
    });
  });
}
var base = (server) => server.replace(/\/+$/, "") + "/v1/public/";
function lookUp(server, app, page, ok, refused) {
  const url = `${base(server)}apps/${encodeURIComponent(app)}/component?page=${encodeURIComponent(page)}`;
  call(url, null, "", "", (a) => ok(a && a.component ? a : null), (p) => p.code && p.code !== "429" && !/^5/.test(p.code) ? ok(null) : refused(p));
}

// src/active.ts
function activeComponent(o) {
  return new Promise((resolve, reject) => {
    lookUp(
      o.server,
      o.app,
      o.page,
      (a) => resolve(a && { component: a.component, configId: a.config_id || "" }),
      (p) => reject(new Error(p.code || "network"))
    );
  });
}
