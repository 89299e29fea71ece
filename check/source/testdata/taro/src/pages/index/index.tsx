import { useState } from 'react'
import { Button, Checkbox, Input, Navigator, Text, View } from '@tarojs/components'
import { send } from '@/send'

export default function Index() {
  const [open, setOpen] = useState(false)
  const [agreed, setAgreed] = useState(false)
  const [phone, setPhone] = useState('')
  const [error, setError] = useState('')
  const submit = async () => {
    if (!/^1\d{10}$/.test(phone)) return setError('手机号应为 11 位数字')
    if (!agreed) return
    await send({ phone })
    setOpen(false)
  }
  return (
    <View>
      <Text>留下电话，设计师只为本次报价与您联系一次。</Text>
      <Button onClick={() => setOpen(true)}>免费获取报价</Button>
      {open && (
        <View className='sheet'>
          <Text>* 手机号</Text>
          <Input type='number' maxlength={11} placeholder='请输入 11 位手机号' onInput={(e) => setPhone(e.detail.value)} />
          <Text>{error}</Text>
          <Checkbox value='agree' checked={agreed} onClick={() => setAgreed(!agreed)}>我同意以上用途</Checkbox>
          <Navigator url='/pages/privacy/index'>个人信息保护说明</Navigator>
          <Button disabled={!agreed} onClick={submit}>提交</Button>
          <Button onClick={() => setOpen(false)}>暂不填写</Button>
        </View>
      )}
    </View>
  )
}
