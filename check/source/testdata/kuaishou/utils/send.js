export function send(answers) {
  return new Promise((resolve, reject) => {
    ks.request({ url: 'https://example.com/leads', method: 'POST', data: answers, success: resolve, fail: reject })
  })
}
