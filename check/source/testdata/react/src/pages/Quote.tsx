import { useState } from 'react'
import { Notice } from '#ui/Notice'

export default function Quote() {
  const [agreed, setAgreed] = useState<boolean>(false)
  const [error, setError] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        const phone = String(new FormData(event.currentTarget).get('phone'))
        if (!/^1\d{10}$/.test(phone)) return setError('手机号应为 11 位数字')
        if (agreed) void fetch('/leads', { method: 'POST', body: JSON.stringify({ phone }) })
      }}
    >
      <p>留下电话，设计师只为本次报价与您联系一次。</p>
      <label>手机号（必填）<input name="phone" inputMode="tel" maxLength={11} placeholder="请输入 11 位手机号" /></label>
      <p role="alert">{error}</p>
      <label><input type="checkbox" checked={agreed} onChange={() => setAgreed(!agreed)} />我同意以上用途</label>
      <Notice />
      <button disabled={!agreed}>提交</button>
    </form>
  )
}
