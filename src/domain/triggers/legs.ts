// Owns legs: the orders that an order brings about when it is placed, and what becomes of them with its end.

import type { Millis } from '../../timing/clock.ts'
import { type BaseUnits, baseUnits } from '../amount.ts'
import { evolve, isDormant, isOpen, isPlan, legAmount } from '../lifecycle.ts'
import type { EventDraft, Order, OrderEvent } from '../order.ts'
import { type LegPlace, type LegTerms, type OrderId, type OrderSpec, toOrderId } from '../spec.ts'

const TIME_DIGITS = 12
const MAX_CHILDREN = 0xfff

/**
 * The id of a child, made from its parent's and its number, so that it exists once: a UUIDv7 of the time given, with the
 * parent's random bits but for 12 that count.
 */
export function childId(parent: OrderId, number: number, at: Millis): OrderId {
  const time = Math.floor(at).toString(16).padStart(TIME_DIGITS, '0')
  const counted = (Number.parseInt(parent.slice(15, 18), 16) + number) & MAX_CHILDREN
  const rest = parent.slice(18)
  return toOrderId(`${time.slice(0, 8)}-${time.slice(8)}-7${counted.toString(16).padStart(3, '0')}${rest}`)
}

/** When an order id was made. */
export const timeOf = (id: OrderId): Millis =>
  Number.parseInt(id.replaceAll('-', '').slice(0, TIME_DIGITS), 16)

const termsOf = (spec: OrderSpec): readonly LegTerms[] =>
  spec.type === 'oco' ? spec.legs : 'exits' in spec ? spec.exits : []

/** Whether other orders come of it. */
export const hasChildren = (spec: OrderSpec): boolean => isPlan(spec) || termsOf(spec).length > 0

/** The legs of an order, none for most: those of an OCO sell what it sells, exits what it buys. */
export function legsOf(spec: OrderSpec): OrderSpec[] {
  const legs = termsOf(spec)
  const isOco = spec.type === 'oco'
  return legs.map(({ shareBps, ...terms }, i) => {
    const place = { legs: legs.length, shareBps, total: isOco ? spec.amountIn : null }
    const number = i + 1
    return {
      orderId: childId(spec.orderId, number, timeOf(spec.orderId)),
      owner: spec.owner,
      tokenIn: isOco ? spec.tokenIn : spec.tokenOut,
      tokenOut: isOco ? spec.tokenOut : spec.tokenIn,
      amountIn: legAmount(place),
      constraints: spec.constraints,
      clientOrderId: null,
      parent: { kind: 'leg', orderId: spec.orderId, number, ...place },
      ...terms,
      ...(terms.type === 'limit' ? { exits: [] } : {}),
    } as OrderSpec
  })
}

/** The ids of an order's group: of its legs, or of its parent and the legs beside it. */
export function groupOf({ spec }: Order): OrderId[] {
  const { parent } = spec
  if (parent?.kind !== 'leg') return legsOf(spec).map(({ orderId }) => orderId)
  const numbers = Array.from({ length: parent.legs }, (_, i) => i + 1)
  const others = numbers.map((number) => childId(parent.orderId, number, timeOf(parent.orderId)))
  return [parent.orderId, ...others.filter((id) => id !== spec.orderId)]
}

/** What the end of an order does to a leg that has waited for it, as the leg's next event; none for one that has not ended. */
export function consequencesOf(
  parent: Order,
  at: Millis,
): { readonly before: Order; readonly event: OrderEvent }[] {
  if (parent.spec.type === 'oco' || isOpen(parent)) return []
  return legsOf(parent.spec).flatMap((spec) => {
    if (!isDormant(spec)) return []
    const place = { orderId: spec.orderId, attempt: 1 }
    const before = evolve(null, { ...place, kind: 'accepted', spec, seq: 1, at: parent.createdAt })
    return [{ before, event: { ...place, ...draftFor(spec, parent, at), seq: 2, at } }]
  })
}

function draftFor(spec: OrderSpec, parent: Order, at: Millis): EventDraft {
  if (parent.status !== 'confirmed' || !('fill' in parent)) return { kind: 'canceled', by: 'parent' }
  const started = activated(spec, parent.fill.amountOut, parent.createdAt, at)
  // A share of next to nothing.
  return started.amountIn === 0n ? { kind: 'canceled', by: 'parent' } : { kind: 'activated', spec: started }
}

/** The leg with what there is to sell. Times that count from the placing count from now. */
function activated(spec: OrderSpec, total: BaseUnits, placedAt: Millis, at: Millis): OrderSpec {
  if (spec.parent?.kind !== 'leg') return spec
  const parent = { ...spec.parent, total }
  const started = { ...spec, parent, amountIn: legAmount(parent) }
  if (!('isDefaultExpiry' in started)) return started
  const holdMs = started.type === 'timeStop' ? started.maxHoldMs : 0
  return {
    ...started,
    ...(started.type === 'timeStop' ? { fireAt: at + holdMs } : {}),
    ...(started.isDefaultExpiry && started.expiresAt !== null
      ? { expiresAt: at + holdMs + started.expiresAt - placedAt }
      : {}),
  } as OrderSpec
}

// ---- what a group has claimed -------------------------------------------------------------------------------------

/** What the legs of a group have claimed of its total, and what of that they have sold. */
export type Group = { readonly claimed: BaseUnits; readonly spent: BaseUnits }

/** What the leg may sell now: its share, as far as the others have left it; 0: nothing for the moment. */
export function freeFor(spec: OrderSpec, { claimed }: Group): BaseUnits {
  if (spec.parent?.kind !== 'leg') return spec.amountIn
  const left = (spec.parent.total ?? 0n) - claimed
  const share = legAmount(spec.parent)
  return baseUnits(left < share ? (left > 0n ? left : 0n) : share)
}

/** Whether the group has sold all that it may. */
export const isSpent = ({ total }: LegPlace, { spent }: Group): boolean => total !== null && spent >= total

/** How one move of a leg, or the cancel of the whole, changes what its group has claimed. */
export type Claim = {
  readonly groupId: OrderId
  readonly total: BaseUnits
  /** Changes of the group's sums, in base units. */
  readonly claimed: bigint
  readonly spent: bigint
  /** Whether the leg ends with it. */
  readonly ends: boolean
  /**
   * What must hold, or the move is refused: `fits`: no more than the total is claimed; `rest`: all that is left is claimed;
   * `idle`: nothing is claimed that has not been sold, and all that is left is claimed and given up.
   */
  readonly needs: 'nothing' | 'fits' | 'rest' | 'idle'
}

/** A group of which nothing is claimed. */
export const NOTHING_CLAIMED: Group = { claimed: baseUnits(0n), spent: baseUnits(0n) }

/** What an order has claimed of its group's total by its own status. */
function claimOf(order: Order): Group {
  switch (order.status) {
    case 'routing':
    case 'building':
    case 'submitted':
      return { claimed: order.spec.amountIn, spent: baseUnits(0n) }
    case 'confirmed':
      return 'fill' in order ? { claimed: order.spec.amountIn, spent: order.spec.amountIn } : NOTHING_CLAIMED
    default:
      return NOTHING_CLAIMED
  }
}

/** Null for a move that changes nothing for its group, or of an order outside of one. */
export function claimBetween(before: Order, after: Order): Claim | null {
  const { parent } = after.spec
  if (after.spec.type === 'oco') {
    if (after.status !== 'canceled') return null
    const { orderId, amountIn } = after.spec
    return { groupId: orderId, total: amountIn, claimed: 0n, spent: 0n, ends: false, needs: 'idle' }
  }
  if (parent?.kind !== 'leg' || parent.total === null) return null
  const [was, is] = [claimOf(before), claimOf(after)]
  const [claimed, spent] = [is.claimed - was.claimed, is.spent - was.spent]
  const ends = !isOpen(after)
  if (claimed === 0n && spent === 0n && !ends) return null
  const isWhole = is.claimed === legAmount(parent)
  const needs = claimed <= 0n ? 'nothing' : isWhole ? 'fits' : 'rest'
  return { groupId: parent.orderId, total: parent.total, claimed, spent, ends, needs }
}

/** The plan that must still be open, or the move is refused: a slice is sent off under no other. */
export function planFor(before: Order, after: Order): OrderId | null {
  const { parent } = after.spec
  const isSent = after.status === 'submitted' && before.status !== 'submitted'
  return isSent && parent?.kind === 'slice' ? parent.orderId : null
}

/** The orders that an event of another one concerns: they are to be looked at. */
export function concernedBy(before: Order, after: Order): OrderId[] {
  const { parent, orderId } = after.spec
  if (parent?.kind === 'slice') return isOpen(after) ? [] : [parent.orderId]
  if (after.spec.type === 'oco') return isOpen(after) ? [] : groupOf(after)
  if (parent?.kind !== 'leg') return []
  if (isDormant(before.spec)) return isOpen(after) ? [orderId] : []
  const claim = claimBetween(before, after)
  return claim !== null && claim.needs === 'nothing' ? groupOf(after) : []
}
