const { send } = require('../../utils/send')

Page({
  data: { clueId: 'example', showSheet: false, agreed: false, error: '' },
  open() {
    this.setData({ showSheet: true })
  },
  close() {
    this.setData({ showSheet: false })
  },
  agree(e) {
    this.setData({ agreed: e.detail.value.length > 0 })
  },
  typed() {
    this.setData({ error: '' })
  },
  submit(e) {
    const { phone, name } = e.detail.value
    if (!/^1\d{10}$/.test(phone)) {
      this.setData({ error: '手机号应为 11 位数字' })
      return
    }
    if (!this.data.agreed) return
    send({ phone, name }).then(() => {
      tt.showToast({ title: '已提交' })
      this.setData({ showSheet: false })
    })
  },
})
