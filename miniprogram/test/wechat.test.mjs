import { mount } from './simulate.mjs'
import { stories } from './stories.mjs'

stories('wechat', 'wechat', mount)
