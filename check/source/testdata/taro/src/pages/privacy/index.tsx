import { Text } from '@tarojs/components'

export default function Privacy() {
  return <Text>我们是示例装修公司。我们为本次报价处理您的手机号，您可以随时要求删除。</Text>
}
