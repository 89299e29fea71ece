import { mount } from './harness.mjs'
import { stories } from './stories.mjs'

stories('alipay', 'alipay', mount)
