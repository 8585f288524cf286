// Owns what follows when an attempt fails, by order type: market orders give up, limits and snipers rest, exits never give up.

import type { Millis } from '../../timing/clock.ts'
import { type Failure, isCharged, isRetryable, REVERT_LAMPORTS } from '../failure.ts'
import { isIoc, waits } from '../lifecycle.ts'
import type { OpenOrder, TriggerMemory } from '../order.ts'
import { backoffMs, type RetryPolicy } from '../retry.ts'
import type { RestingSpec } from '../spec.ts'
import { chargedIn, failuresIn } from './memory.ts'

export type AfterFailure =
  | { readonly kind: 'retry'; readonly delayMs: Millis; readonly isStalled: boolean }
  /** Waits for its price again, spending no attempt; `lookMs`: after which it is looked at again. */
  | { readonly kind: 'rest'; readonly memory: TriggerMemory; readonly lookMs: Millis }
  | { readonly kind: 'fail'; readonly failure: Failure }

type Chance = { readonly now: Millis; readonly policy: RetryPolicy; readonly chance: number }

/** Limits wait no longer than this before they may fire again. */
const MAX_REST_MS = 60_000
/** So many failures in a row that cost nothing wait equally long; the next so many twice as long. */
const FREE_PER_STEP = 5
/**
 * Exits are tried every few seconds at first. One that fails for hours has no market: the log of an order that is tried for
 * a month must stay short enough to be read at every attempt.
 */
const EXIT_DELAY_MS = { first: 5_000, most: 300_000 }
const EAGER_ATTEMPTS = 20
/** Beyond it every wait is the longest. */
const MAX_STEP = 10
/** From this attempt on an exit that fails is stalled. */
const STALLED_FROM = 3

/** What follows on a failed attempt of this order. */
export function afterFailure(order: OpenOrder, failure: Failure, chance: Chance): AfterFailure {
  const { spec, attempt, memory, status } = order
  // A defect of the engine is not the market's: a limit must not rest and fire for ever. An IOC order ends anyway.
  const mayRestForEver = (spec.type === 'limit' && !isIoc(spec)) || spec.type === 'sniper'
  if (!waits(spec) || (mayRestForEver && failure.code === 'internal' && status !== 'pending')) {
    return retryWhileLeft(order, failure, chance)
  }
  // Its guards are asked anew before each attempt; those that cost a fee are counted.
  if (spec.type === 'sniper' && isCharged(failure) && chargedIn(memory) + 1 >= chance.policy.maxAttempts) {
    return { kind: 'fail', failure }
  }
  if (spec.type === 'limit' || spec.type === 'sniper' || status === 'pending')
    return restAgain(spec, memory, failure, chance)
  const spent = spentLamports(order, failure)
  if (isCharged(failure) && spent >= spec.feeBudgetLamports) {
    const detail = `failed attempts have cost ${spent} lamports; the last one failed by ${failure.code}`
    return { kind: 'fail', failure: { code: 'fee_budget_spent', detail } }
  }
  // Without what it sells another attempt only costs a fee: it waits until the wallet holds it.
  if (failure.code === 'insufficient_funds' || (spec.limitPrice !== null && isOfPrice(failure))) {
    return restAgain(spec, { ...memory, fired: 'true' }, failure, chance)
  }
  const delayMs = Math.min(exitDelayMs(attempt), backoffMs(chance.policy, attempt, chance.chance))
  return { kind: 'retry', delayMs, isStalled: attempt >= STALLED_FROM }
}

function exitDelayMs(attempt: number): Millis {
  const { first, most } = EXIT_DELAY_MS
  return Math.round(Math.min(most, first * Math.max(1, attempt / EAGER_ATTEMPTS)))
}

function retryWhileLeft(
  { attempt, status }: OpenOrder,
  failure: Failure,
  { policy, chance }: Chance,
): AfterFailure {
  if (status === 'pending' || !isRetryable(failure) || attempt >= policy.maxAttempts)
    return { kind: 'fail', failure }
  return { kind: 'retry', delayMs: backoffMs(policy, attempt, chance), isStalled: false }
}

/** A failure that cost nothing waits a moment, for long only after many in a row; one that the chain charged for waits longer each time. */
function restAgain(
  spec: RestingSpec,
  memory: TriggerMemory,
  failure: Failure,
  { now, policy, chance }: Chance,
): AfterFailure {
  const failures = failuresIn(memory) + 1
  const charged = chargedIn(memory) + (isCharged(failure) ? 1 : 0)
  const step = isCharged(failure) ? charged : Math.ceil(failures / FREE_PER_STEP)
  const waitMs = backoffMs(policy, Math.min(step, MAX_STEP), chance)
  const lookMs = isIoc(spec) ? 0 : Math.min(MAX_REST_MS, waitMs)
  const notBefore = new Date(now + lookMs).toISOString()
  const counts = { failures: String(failures), ...(charged === 0 ? {} : { charged: String(charged) }) }
  return { kind: 'rest', lookMs, memory: { ...memory, ...counts, notBefore } }
}

const isOfPrice = ({ code }: Failure) =>
  code === 'price_moved' || code === 'slippage_exceeded' || code === 'swap_expired'

/** Attempts that ended in a rest are in no list, only counted. */
function spentLamports({ failedAttempts, memory }: OpenOrder, last: Failure): bigint {
  const retried = [...failedAttempts.map(({ failure }) => failure), last].filter(isCharged).length
  return BigInt(retried + chargedIn(memory)) * REVERT_LAMPORTS
}
