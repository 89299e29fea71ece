/** The component that a page should carry now, with the config id its form needs. */
export interface Active { component: string, configId: string }

/**
 * Asks the server which component this page of this app should carry now; null when
 * there is none: hide the block then. Rejects with an Error whose message is the
 * server's code, or "network".
 */
export function activeComponent(o: { server: string, app: string, page: string }): Promise<Active | null>
