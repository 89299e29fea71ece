function send(form) {
  return fetch('/leads', { method: 'POST', body: new FormData(form) })
}
