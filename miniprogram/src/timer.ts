// Every platform has these two; their typings do not agree on it.
declare const setTimeout: (run: () => void, ms: number) => unknown
declare const clearTimeout: (timer: unknown) => void

export type Timer = unknown

export const after = (ms: number, run: () => void): Timer => setTimeout(run, ms)

/** Stops a timer; undefined is none. */
export const stop = (timer: Timer): void => { if (timer !== undefined) clearTimeout(timer) }
