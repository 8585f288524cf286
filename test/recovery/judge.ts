// Owns the verdict on a run of real engines: orders and their logs against the ledger of the simulated chain.
import { setTimeout as sleep } from 'node:timers/promises'
import { allOrders, eventsOf, ledger, type OrderView, openOrders, type SwapView } from './client.ts'

export type Verdict = {
  readonly orders: number
  /** Acknowledged orders that the engine no longer knows. */
  readonly lost: number
  /** Orders that landed more than once. */
  readonly doubled: number
  /** Every broken rule, in words. */
  readonly faults: readonly string[]
}

const POLL_MS = 50
const PARALLEL = 20
const CLOSED = ['confirmed', 'failed', 'canceled', 'expired']

/** Waits until no order is open and holds everything against the ledger. `acknowledged` are order ids. */
export async function judge(
  url: string,
  acknowledged: Iterable<string>,
  patienceMs: number,
): Promise<Verdict> {
  const orders = await endedOrders(url, patienceMs)
  const swaps = await ledger(url)
  const landed = new Map<string, SwapView[]>()
  for (const swap of swaps) {
    if (swap.error === null) landed.set(swap.orderId, [...(landed.get(swap.orderId) ?? []), swap])
  }
  const known = new Set(orders.map(({ orderId }) => orderId))
  const lost = [...acknowledged].filter((id) => !known.has(id))
  const doubled = [...landed].filter(([, entries]) => entries.length > 1)
  const logs = await inParallel(orders, async ({ orderId }) => faultsOfLog(url, orderId))
  return {
    orders: orders.length,
    lost: lost.length,
    doubled: doubled.length,
    faults: [
      ...lost.map((id) => `${id} was acknowledged and is lost`),
      ...doubled.map(([id, entries]) => `${id} landed ${entries.length} times`),
      ...swaps
        .filter(({ orderId }) => !known.has(orderId))
        .map(({ orderId }) => `no order is called ${orderId}`),
      ...orders.flatMap((order) => faultsOf(order, landed.get(order.orderId)?.[0])),
      ...logs.flat(),
    ],
  }
}

/** All orders, once none is open; those still open when patience is at an end are among them. */
async function endedOrders(url: string, patienceMs: number): Promise<OrderView[]> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    while (Date.now() < deadline && (await openOrders(url)).length > 0) await sleep(POLL_MS)
    // An order that changed its status between two lists was in neither.
    const orders = await allOrders(url)
    if (Date.now() >= deadline || orders.every(({ status }) => CLOSED.includes(status))) return orders
  }
}

function faultsOf(order: OrderView, entry: SwapView | undefined): string[] {
  const { orderId, status, signature, amountOutBase } = order
  if (!CLOSED.includes(status)) return [`${orderId} has not ended: ${status}`]
  if (status !== 'confirmed') return entry === undefined ? [] : [`${orderId} is ${status} and landed`]
  if (entry === undefined) return [`${orderId} is confirmed and did not land`]
  const agrees = entry.signature === signature && entry.amountOutBase === amountOutBase
  return agrees ? [] : [`${orderId} says ${signature} ${amountOutBase}: the ledger ${JSON.stringify(entry)}`]
}

async function faultsOfLog(url: string, orderId: string): Promise<string[]> {
  const events = await eventsOf(url, orderId)
  const isGapless = events.every(({ seq }, i) => seq === i + 1)
  const ends = events.filter(({ status }) => CLOSED.includes(status))
  const endsOnce = ends.length === 1 && ends[0] === events.at(-1)
  const isInTime = events.every(({ at }, i) => at >= (events[i - 1]?.at ?? ''))
  const isWell = isGapless && endsOnce && isInTime
  return isWell
    ? []
    : [`${orderId} has a broken log: ${JSON.stringify(events.map(({ seq, kind, at }) => [seq, kind, at]))}`]
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let i = 0; i < items.length; i += PARALLEL) {
    results.push(...(await Promise.all(items.slice(i, i + PARALLEL).map(work))))
  }
  return results
}

/**
 * How long, from `sinceMs` on, until every one of these orders has moved on or ended; Infinity when one has not within
 * `patienceMs`.
 */
export async function resumedAfterMs(
  url: string,
  orders: readonly OrderView[],
  sinceMs: number,
  patienceMs: number,
): Promise<number> {
  const waiting = new Map(orders.map(({ orderId, seq }) => [orderId, seq]))
  while (waiting.size > 0) {
    const open = new Map((await openOrders(url)).map(({ orderId, seq }) => [orderId, seq]))
    for (const [id, seq] of waiting) if (open.get(id) !== seq) waiting.delete(id)
    if (waiting.size > 0 && Date.now() - sinceMs > patienceMs) return Number.POSITIVE_INFINITY
    if (waiting.size > 0) await sleep(POLL_MS)
  }
  return Date.now() - sinceMs
}
