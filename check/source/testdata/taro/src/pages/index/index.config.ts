export default definePageConfig({ navigationBarTitleText: '免费报价' })
