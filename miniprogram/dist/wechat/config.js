// Where the demo asks: a server that "make run" started, which prints its app's id.
module.exports = {
  server: 'http://127.0.0.1:8080',
  app: 'app_demo',
  page: 'pages/index/index',
}
