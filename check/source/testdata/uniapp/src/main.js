import App from './App.vue'
export { App }
