import { lookUp } from './api'

/**
 * The component this page of this app should carry now, or null when there is none:
 * hide the block then. Rejects with an Error whose message is the server's code, or
 * "network", when that could not be found out.
 */
export function activeComponent(o: { server: string, app: string, page: string }): Promise<{ component: string, configId: string } | null> {
  return new Promise((resolve, reject) => {
    lookUp(o.server, o.app, o.page,
      a => resolve(a && { component: a.component, configId: a.config_id || '' }),
      p => reject(new Error(p.code || 'network')))
  })
}
