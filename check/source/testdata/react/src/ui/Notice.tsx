export const Notice = () => <a href="/privacy.html">个人信息保护说明</a>
