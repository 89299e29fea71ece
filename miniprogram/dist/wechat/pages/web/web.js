const config = require('../../config')

Page({
  data: { url: '' },

  // Only the server's own pages: nobody else's address is opened in the app's name.
  onLoad(query) {
    const url = decodeURIComponent(query.url || '')
    if (url.indexOf(config.server + '/') === 0) this.setData({ url })
  },
})
