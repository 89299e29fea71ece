import { title } from './title'

export default defineAppConfig({
  pages: ['pages/index/index', "pages/privacy/index"],
  window: { navigationBarTitleText: title },
  subPackages: [],
})
