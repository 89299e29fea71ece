const config = require('../../config')

Page({
  data: { server: config.server, app: config.app, page: config.page, shown: true, receipt: '' },

  // The receipt's number is all a page learns.
  onSubmitted(event) {
    this.setData({ receipt: event.detail.receipt })
  },

  // Nothing to carry here now: the block takes no room.
  onUnavailable(event) {
    this.setData({ shown: event.detail.code !== 'none' })
  },
})
