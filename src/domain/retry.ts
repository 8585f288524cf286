// Owns the pace of retries: exponential backoff with jitter, bounded by a number of attempts.

export type RetryPolicy = {
  readonly maxAttempts: number
  readonly backoffMs: number
  /** The share of the delay that jitter may add or subtract, from 0 to 1. */
  readonly jitter: number
}

export const defaultRetryPolicy: RetryPolicy = { maxAttempts: 3, backoffMs: 1_000, jitter: 0.2 }

/** Milliseconds to wait after failed attempt number `attempt` (from 1); `chance` lies in [0, 1). */
export function backoffMs(policy: RetryPolicy, attempt: number, chance: number): number {
  const spread = 1 + policy.jitter * (2 * chance - 1)
  return Math.round(policy.backoffMs * 2 ** (attempt - 1) * spread)
}
