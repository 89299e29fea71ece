// The component as Alipay takes it.
import { arrive, back, handlers, initial, leave, renew } from './lead'
import type { Self } from './lead'

Component({
  props: {
    server: '', component: '', app: '', page: '', configId: '',
    lang: '', source: '', room: '', video: '', promotion: '', theme: '', privacyPage: '', webPage: '',
  },
  data: initial(),
  didMount(this: Self) { arrive(this) },
  didUpdate(this: Self) { renew(this) },
  didUnmount(this: Self) { leave(this) },
  pageEvents: {
    onShow(this: Self) { back(this) },
  },
  methods: handlers,
})
