// Owns what keys with limits may place, without SQL: the verdicts that insert_within_quotas gives (keyQuotas.ts).
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import { isOpenStatus } from '../../src/domain/lifecycle.ts'
import type { OrderStatus } from '../../src/domain/order.ts'
import type { CountedQuota, EntryHold, KeyQuotas } from '../../src/domain/quotas.ts'
import { isEntry } from '../../src/domain/roles.ts'
import type { OrderId, OrderSpec } from '../../src/domain/spec.ts'
import type { OrderRow } from '../../src/store/eventRows.ts'
import type { Verdict } from '../../src/store/keyQuotas.ts'
import type { AskingEntry } from '../../src/store/protections.ts'
import type { Millis } from '../../src/timing/clock.ts'
import { entryHold, isLossSpent, isPosition, lossLeftOf } from './memoryProtections.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** What still counts of one key: its orders that are recent or open, and what it has sold on the present day. */
type Counted = {
  orders: readonly { readonly id: OrderId; readonly at: Millis }[]
  sold: readonly { readonly mint: string; readonly day: number; readonly amount: bigint }[]
}

type Row = {
  readonly spec: OrderSpec
  readonly status: OrderStatus
  readonly isResting: boolean
  readonly events: readonly LoggedEvent[]
}

export type MemoryLimits = {
  /** What keeps an entry from starting that would; none lets a sniper take one of its key's positions. */
  holdOf(asking: AskingEntry): EntryHold | null
  /** Inserts the order by `insert` if its key's limits allow it. */
  take(row: OrderRow, isKnown: boolean, insert: () => void): Verdict
  /** How many orders of the key are kept to be counted. */
  kept(owner: string): number
}

/** `counts`: how often an order counts. Once, unless the limits are broken. */
export function openMemoryLimits(
  limitsOf: (owner: string) => KeyQuotas,
  rows: ReadonlyMap<OrderId, Row>,
  counts: number,
): MemoryLimits {
  const byOwner = new Map<string, Counted>()
  const rowsOf = (owner: string) => [...rows.values()].filter(({ spec }) => spec.owner === owner)

  const positions = new Map<OrderId, { readonly owner: string; readonly at: Millis }>()
  function claimPosition({ owner, orderId, at }: AskingEntry): boolean {
    const others = [...positions].filter(
      ([id, position]) =>
        id !== orderId && position.owner === owner && isPosition(id, position.at, rowsOf(owner), at),
    )
    if (others.length >= (limitsOf(owner).maxOpenPositions ?? Number.POSITIVE_INFINITY)) return false
    positions.set(orderId, { owner, at })
    return true
  }

  return {
    holdOf(asking) {
      const { owner, orderId, mintBought, at } = asking
      const midnight = (Math.floor(at / DAY_MS) + 1) * DAY_MS
      const hold = entryHold(limitsOf(owner), rowsOf(owner), mintBought, at)
      if (hold !== null) return hold
      if (isLossSpent(limitsOf(owner), rowsOf(owner), asking)) return { by: 'maxLossPerDay', until: midnight }
      const isSniper = rows.get(orderId)?.spec.type === 'sniper'
      return isSniper && !claimPosition(asking) ? { by: 'maxOpenPositions', until: null } : null
    },
    take({ spec, event }, isKnown, insert) {
      const { orderId: id, owner, amountIn } = spec
      const { mint } = spec.tokenIn
      const limits = limitsOf(owner)
      const before = byOwner.get(owner) ?? { orders: [], sold: [] }
      const moment = Math.max(event.at, ...before.orders.map(({ at }) => at))
      const day = Math.floor(moment / DAY_MS)
      const isOpen = (order: { readonly id: OrderId }) => {
        const row = rows.get(order.id)
        return row !== undefined && isOpenStatus(row.status) && !row.isResting
      }
      const isRecent = ({ at }: { readonly at: Millis }) => at > moment - MINUTE_MS
      const orders = before.orders.filter((order) => isRecent(order) || isOpen(order))
      const sold = before.sold.filter((sale) => sale.day >= day)
      byOwner.set(owner, { orders, sold })

      const recent = orders.filter(isRecent)
      const freesAt = Math.min(moment, ...recent.map(({ at }) => at)) + MINUTE_MS
      const soldOf = sold.filter((sale) => sale.mint === mint).reduce((sum, { amount }) => sum + amount, 0n)
      const most = limits.perDay?.[mint]
      const held = isEntry(spec) ? entryHold(limits, rowsOf(owner), spec.tokenOut.mint, moment) : null
      const lossLeft = isEntry(spec) ? lossLeftOf(limits, rowsOf(owner), mint, moment) : null
      const broken: Readonly<Record<CountedQuota, boolean>> = {
        ordersPerMinute: recent.length >= (limits.ordersPerMinute ?? Number.POSITIVE_INFINITY),
        openOrders: orders.filter(isOpen).length >= (limits.openOrders ?? Number.POSITIVE_INFINITY),
        perDay: most !== undefined && soldOf + amountIn > BigInt(most),
        haltAfterStops: held?.by === 'haltAfterStops',
        cooldownMs: held?.by === 'cooldownMs',
        maxFeesPerDay: held?.by === 'maxFeesPerDay',
        maxLossPerDay: lossLeft !== null && amountIn > lossLeft,
      }
      const exceeded = isKnown ? undefined : inTurn.find((limit) => broken[limit])
      const isTaken = !isKnown && exceeded === undefined
      if (isTaken) {
        insert()
        const times = Array.from({ length: counts })
        byOwner.set(owner, {
          orders: [...orders, ...times.map(() => ({ id, at: moment }))],
          sold: [...sold, ...times.map(() => ({ mint, day, amount: amountIn }))],
        })
      }
      const rate = { recent: recent.length + (isTaken ? counts : 0), freesAt }
      const heldUntil = held !== null && exceeded === held.by ? held.until : null
      return { id, isTaken, exceeded: exceeded ?? null, heldUntil, rate }
    },
    kept: (owner) => byOwner.get(owner)?.orders.length ?? 0,
  }
}

/** Of several that an order would break the first is named. */
const inTurn: readonly CountedQuota[] = [
  ...(['ordersPerMinute', 'openOrders', 'perDay', 'haltAfterStops', 'cooldownMs'] as const),
  ...(['maxFeesPerDay', 'maxLossPerDay'] as const),
]
