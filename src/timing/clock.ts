// Owns the shape of time: a clock and its timers, which everything else receives as an argument.

/** Milliseconds since the Unix epoch. */
export type Millis = number

/** Ends what was begun by the call that returned it. Safe to call twice. */
export type Stop = () => void

export interface Clock {
  now(): Millis
  /** Calls `fn` once after `ms`; never early. */
  after(ms: number, fn: () => void): Stop
}

/** Resolves after `ms` of the clock's time. */
export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve))
