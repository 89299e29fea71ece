// Preloaded by node --require. Answers this machine for the hosts that the SDK has
// built in and takes their port 443 to the one that clew dev listens on; a private
// deployment does the same with its own DNS. Nothing else is reachable.
'use strict'
const dns = require('node:dns')
const net = require('node:net')

const hosts = new Set(['open.douyin.com', 'developer.toutiao.com', 'open-sandbox.douyin.com', 'localhost'])
const port = Number(process.env.WIRE_PORT)
if (!port) throw new Error('WIRE_PORT is not set')

dns.lookup = (name, options, done) => {
  if (typeof options === 'function') [options, done] = [{}, options]
  if (!hosts.has(name)) return process.nextTick(done, Object.assign(new Error(`${name} is not for this test`), { code: 'ENOTFOUND' }))
  if (options && options.all) return process.nextTick(done, null, [{ address: '127.0.0.1', family: 4 }])
  process.nextTick(done, null, '127.0.0.1', 4)
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (!options || typeof options !== 'object' || !hosts.has(options.host)) throw new Error('this test speaks to no other host')
  if (Number(options.port) !== 443) throw new Error(`port ${options.port} is not HTTPS`)
  options.port = port
  return connect.apply(this, args)
}
