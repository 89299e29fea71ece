// Only the keys: the texts come from the server with the definition. The build
// leaves this out of the bundle.
export { default as words } from '../words.json'
