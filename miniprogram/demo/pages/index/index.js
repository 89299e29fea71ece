const config = require('../../config')

Page({
  data: { server: config.server, app: config.app, page: config.page, shown: true, receipt: '' },

  // The receipt's number is all a page learns.
  onSubmitted([[if eq .Name "alipay"]]detail[[else]]event[[end]]) {
    this.setData({ receipt: [[if eq .Name "alipay"]]detail[[else]]event.detail[[end]].receipt })
  },

  // Nothing to carry here now: the block takes no room.
  onUnavailable([[if eq .Name "alipay"]]detail[[else]]event[[end]]) {
    this.setData({ shown: [[if eq .Name "alipay"]]detail[[else]]event.detail[[end]].code !== 'none' })
  },
})
