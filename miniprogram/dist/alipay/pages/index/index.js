const config = require('../../config')

Page({
  data: { server: config.server, app: config.app, page: config.page, shown: true, receipt: '' },

  // The receipt's number is all a page learns.
  onSubmitted(detail) {
    this.setData({ receipt: detail.receipt })
  },

  // Nothing to carry here now: the block takes no room.
  onUnavailable(detail) {
    this.setData({ shown: detail.code !== 'none' })
  },
})
