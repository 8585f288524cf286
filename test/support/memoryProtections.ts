// Owns what protections of a key hold back, without SQL: the answers of protections.ts, read from whole logs each time.
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import { type Failure, isCharged, REVERT_LAMPORTS } from '../../src/domain/failure.ts'
import { isOpenStatus } from '../../src/domain/lifecycle.ts'
import type { OrderStatus } from '../../src/domain/order.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import { isEntry, roleOf } from '../../src/domain/roles.ts'
import type { OrderId, OrderSpec } from '../../src/domain/spec.ts'
import type { TimedHold } from '../../src/domain/triggers/memory.ts'
import type { AskingEntry } from '../../src/store/protections.ts'
import type { Millis } from '../../src/timing/clock.ts'

const DAY_MS = 86_400_000
const dayOf = (at: Millis) => Math.floor(at / DAY_MS)

/** An order of the key and its whole log. */
export type Logged = {
  readonly spec: OrderSpec
  readonly status: OrderStatus
  readonly events: readonly LoggedEvent[]
}

const eventsOf = (rows: readonly Logged[], kinds: readonly string[]) =>
  rows.flatMap(({ spec, events }) =>
    events.flatMap(({ kind, at, data }) =>
      kinds.includes(kind) ? [{ spec, at, data: JSON.parse(data) }] : [],
    ),
  )

const sum = (amounts: readonly bigint[]) => amounts.reduce((all, each) => all + each, 0n)

/** The first protection that holds back entries which buy the token. */
export function entryHold(
  { haltAfterStops, cooldownMs, maxFeesPerDay }: KeyQuotas,
  rows: readonly Logged[],
  mintBought: string,
  now: Millis,
): TimedHold | null {
  const exits = eventsOf(rows, ['filled'])
    .filter(({ spec }) => !isEntry(spec))
    .sort((a, b) => a.at - b.at)
  const latest = (moments: readonly Millis[]) => Math.max(Number.NEGATIVE_INFINITY, ...moments)
  const holds: TimedHold[] = []
  if (haltAfterStops !== undefined) {
    const { stops, withinMs, haltMs } = haltAfterStops
    const times = exits.flatMap(({ spec, at }) => (roleOf(spec) === 'stop' ? [at] : []))
    const inARow = times.filter(
      (at, i) => at - (times[i - stops + 1] ?? Number.NEGATIVE_INFINITY) <= withinMs,
    )
    holds.push({ by: 'haltAfterStops', until: latest(inARow) + haltMs })
  }
  if (cooldownMs !== undefined) {
    const sold = exits.filter(({ spec }) => spec.tokenIn.mint === mintBought)
    holds.push({ by: 'cooldownMs', until: latest(sold.map(({ at }) => at)) + cooldownMs })
  }
  if (maxFeesPerDay !== undefined && feesOn(rows, dayOf(now)) >= BigInt(maxFeesPerDay)) {
    holds.push({ by: 'maxFeesPerDay', until: (dayOf(now) + 1) * DAY_MS })
  }
  return holds.find(({ until }) => until > now) ?? null
}

/** A spent budget ends an exit right after a revert. */
const isOfRevert = (failure?: Failure) =>
  failure !== undefined && (isCharged(failure) || failure.code === 'fee_budget_spent')

function feesOn(rows: readonly Logged[], day: number): bigint {
  const isThen = ({ at }: { readonly at: Millis }) => dayOf(at) === day
  const fees = eventsOf(rows, ['filled']).filter(isThen)
  const reverts = eventsOf(rows, ['retried', 'rested', 'failed']).filter(
    (event) => isThen(event) && isOfRevert(event.data.failure),
  )
  return (
    sum(fees.map(({ data }) => BigInt(data.networkFeeLamports))) + BigInt(reverts.length) * REVERT_LAMPORTS
  )
}

const HELD_MS = 30_000

/** Whether a sniper that was let fire at that time still counts as a position of its key. */
export function isPosition(id: OrderId, at: Millis, rows: readonly Logged[], now: Millis): boolean {
  const own = rows.find(({ spec }) => spec.orderId === id)
  if (own === undefined) return false
  if (isOpenStatus(own.status)) return own.status !== 'pending' || at > now - HELD_MS
  const isLegOpen = ({ spec, status }: Logged) => spec.parent?.orderId === id && isOpenStatus(status)
  return own.status === 'confirmed' && rows.some(isLegOpen)
}

/** What the entry may spend is more than what is left of the loss of its day, beside others that are under way. */
export function isLossSpent(
  { maxLossPerDay }: KeyQuotas,
  rows: readonly (Logged & { readonly isResting: boolean })[],
  { orderId, mintSold, at }: AskingEntry,
): boolean {
  const most = maxLossPerDay?.[mintSold]
  if (most === undefined) return false
  const atRisk = rows.filter(
    ({ spec, status, isResting }) =>
      isOpenStatus(status) &&
      isEntry(spec) &&
      spec.tokenIn.mint === mintSold &&
      (spec.orderId === orderId || !isResting),
  )
  return lostOn(rows, mintSold, at) + sum(atRisk.map(amountOf)) > BigInt(most)
}

/** What entries of the token may still lose; null without such a limit. */
export function lossLeftOf(
  { maxLossPerDay }: KeyQuotas,
  rows: readonly Logged[],
  mint: string,
  now: Millis,
): bigint | null {
  const most = maxLossPerDay?.[mint]
  if (most === undefined) return null
  const open = rows.filter(
    ({ spec, status }) => isOpenStatus(status) && isEntry(spec) && spec.tokenIn.mint === mint,
  )
  return BigInt(most) - lostOn(rows, mint, now) - sum(open.map(amountOf))
}

/** What fills of the day have spent of the token less what they have brought in, at least zero. */
function lostOn(rows: readonly Logged[], mint: string, now: Millis): bigint {
  const fills = eventsOf(rows, ['filled']).filter(({ at }) => dayOf(at) === dayOf(now))
  const spent = fills
    .filter(({ spec }) => spec.tokenIn.mint === mint)
    .map(({ data }) => BigInt(data.amountInBase))
  const received = fills
    .filter(({ spec }) => spec.tokenOut.mint === mint)
    .map(({ data }) => BigInt(data.amountOutBase))
  const lost = sum(spent) - sum(received)
  return lost > 0n ? lost : 0n
}

/** The amount as it was last amended. */
function amountOf({ spec, events }: Logged): bigint {
  const amended = events.findLast(({ kind }) => kind === 'amended')
  return amended === undefined ? spec.amountIn : BigInt(JSON.parse(amended.data).amountInBase)
}
