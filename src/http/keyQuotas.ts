// Owns the quotas of a key in answers: headers while they are kept, a Problem when one is exceeded.

import type { Exceeded } from '../domain/ports/orders.ts'
import type { CountedQuota, KeyQuotas, Rate } from '../domain/quotas.ts'
import type { Millis } from '../timing/clock.ts'
import { Problem, type ProblemCode } from './problems.ts'

const secondsUntil = (at: Millis, now: Millis) => Math.max(1, Math.ceil((at - now) / 1_000))

/** RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers); none when the rate is not limited. */
export function rateHeaders(
  limits: KeyQuotas | null,
  rate: Rate | null,
  now: Millis,
): Readonly<Record<string, string>> {
  const quota = limits?.ordersPerMinute
  if (quota === undefined || rate === null) return {}
  const remaining = Math.max(0, quota - rate.recent)
  return {
    'ratelimit-policy': `"orders";q=${quota};w=60`,
    ratelimit: `"orders";r=${remaining};t=${secondsUntil(rate.freesAt, now)}`,
  }
}

const DAY_MS = 86_400_000
/** Open orders end within seconds as a rule; the exact time is unknown. */
const OPEN_RETRY_S = 1

const codes: Readonly<Record<CountedQuota, ProblemCode>> = {
  ordersPerMinute: 'rate_limited',
  openOrders: 'open_orders_exceeded',
  perDay: 'daily_notional_exceeded',
  haltAfterStops: 'entries_halted',
  cooldownMs: 'cooldown',
  maxLossPerDay: 'daily_loss_exceeded',
  maxFeesPerDay: 'daily_fees_exceeded',
}

/** The Problem of an order that exceeds a quota now and need not later. */
export function exceeded(
  outcome: Exceeded & { readonly rate: Rate | null },
  headers: Readonly<Record<string, string>>,
  now: Millis,
): Problem {
  const { limit } = outcome
  const retryAfterS = secondsToRetry(outcome, now)
  const detail = `try again in ${retryAfterS} s`
  return new Problem(codes[limit], { detail, headers: { ...headers, 'retry-after': String(retryAfterS) } })
}

function secondsToRetry(
  { limit, heldUntil, rate }: Exceeded & { readonly rate: Rate | null },
  now: Millis,
): number {
  switch (limit) {
    case 'ordersPerMinute':
      return secondsUntil(rate?.freesAt ?? now, now)
    case 'openOrders':
      return OPEN_RETRY_S
    case 'haltAfterStops':
    case 'cooldownMs':
      return secondsUntil(heldUntil ?? now, now)
    case 'perDay':
    case 'maxLossPerDay':
    case 'maxFeesPerDay':
      return secondsUntil((Math.floor(now / DAY_MS) + 1) * DAY_MS, now)
  }
}
