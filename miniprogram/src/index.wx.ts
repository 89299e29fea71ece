// The component as Douyin and WeChat take it.
import { arrive, back, handlers, initial, leave, renew } from './lead'
import type { Self } from './lead'

const text = { type: String, value: '', observer(this: Self) { renew(this) } }

// Apart from the call: Douyin's typings do not know pageLifetimes, which its documents do.
const component = {
  properties: {
    server: text, component: text, app: text, page: text, configId: text,
    lang: text, source: text, theme: { type: String, value: '' }, room: { type: String, value: '' }, video: { type: String, value: '' }, promotion: { type: String, value: '' }, privacyPage: { type: String, value: '' }, webPage: { type: String, value: '' },
  },
  data: initial(),
  lifetimes: {
    attached(this: Self) { arrive(this) },
    detached(this: Self) { leave(this) },
  },
  pageLifetimes: {
    show(this: Self) { back(this) },
  },
  methods: handlers,
}

Component(component)
