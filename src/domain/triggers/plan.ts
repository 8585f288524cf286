// Owns plans: what an order that trades through its children does next, by what has become of them.

import type { Millis } from '../../timing/clock.ts'
import { baseUnits } from '../amount.ts'
import { endOf, isOpen } from '../lifecycle.ts'
import type { Order, OrderIn, Totals, TriggerMemory } from '../order.ts'
import { type OrderSpec, type PlanSpec, SEEN_ONCE, type TwapSpec } from '../spec.ts'
import { childId } from './legs.ts'

export type PlanVerdict =
  /** All of it is traded. */
  | { readonly kind: 'complete'; readonly totals: Totals }
  /** What is left will not be traded. */
  | { readonly kind: 'expire'; readonly totals: Totals }
  /** A child that the plan has decided on, and that may exist already. */
  | { readonly kind: 'place'; readonly spec: OrderSpec }
  /** `isDecided`: the memory holds a child to place, as soon as it is durable. */
  | {
      readonly kind: 'rest'
      readonly wakeAt: Millis | null
      readonly memory: TriggerMemory
      readonly isDecided: boolean
    }

/** How much more than planned a slice may catch up on. */
const MOST_TIMES = 3n
/** How long after the plan's end a slice may be signed that was due shortly before. */
const GRACE_MS = 10_000
/** How often a plan that is over looks after slices that are still open. */
const LOOK_MS = 10_000

export function planVerdict(
  order: OrderIn<'pending'> & { readonly spec: PlanSpec },
  children: readonly Order[],
  now: Millis,
): PlanVerdict {
  const { spec } = order
  const totals = totalsOf(children)
  if (totals.amountIn >= spec.amountIn) return { kind: 'complete', totals }
  const memory = { ...order.memory, ...remembered(totals) }
  if (spec.type === 'twap') return nextSlice({ ...order, spec, memory }, children, totals, now)
  return children.some(isOpen)
    ? { kind: 'rest', wakeAt: null, memory, isDecided: false }
    : { kind: 'expire', totals }
}

/** What the children have traded. */
export function totalsOf(children: readonly Order[]): Totals {
  const fills = children.flatMap((child) => ('fill' in child ? child.fill : []))
  return {
    amountIn: baseUnits(fills.reduce((sum, { amountIn }) => sum + amountIn, 0n)),
    amountOut: baseUnits(fills.reduce((sum, { amountOut }) => sum + amountOut, 0n)),
  }
}

const remembered = ({ amountIn, amountOut }: Totals): TriggerMemory =>
  amountIn === 0n ? {} : { filledInBase: amountIn.toString(), filledOutBase: amountOut.toString() }

/** What a plan's children had traded when it last looked. */
export const rememberedTotals = ({ filledInBase, filledOutBase }: TriggerMemory): Totals => ({
  amountIn: baseUnits(BigInt(filledInBase ?? 0)),
  amountOut: baseUnits(BigInt(filledOutBase ?? 0)),
})

// ---- slices -------------------------------------------------------------------------------------------------------

/** The plan remembers the slice that it has decided on last: the log is the lock, so that each exists once, with one amount. */
function nextSlice(
  order: OrderIn<'pending'> & { readonly spec: TwapSpec },
  children: readonly Order[],
  totals: Totals,
  now: Millis,
): PlanVerdict {
  const { spec, memory } = order
  const decided = Number(memory.slice ?? 0)
  const end = endOf(spec) ?? 0
  const isUnplaced = decided > 0 && !children.some((child) => child.spec.parent?.number === decided)
  if (isUnplaced) {
    // It may have been placed already and not be seen yet: it is never dropped, or it would outlive its plan.
    return order.isPaused && now < end
      ? { kind: 'rest', wakeAt: end, memory, isDecided: false }
      : { kind: 'place', spec: sliceOf(spec, decided, BigInt(memory.sliceBase ?? 0)) }
  }
  const due = lastDue(spec, now)
  const amount = due <= decided || order.isPaused ? 0n : amountOf(spec, due, children, totals)
  const isPlaced = amount > 0n && amount >= spec.minSlice && now < lastSignature(spec)
  // A slice that was due is not lost because this look comes a moment after the end.
  const isOver = decided === spec.slices || (now >= end && !isPlaced)
  if (isOver && !children.some(isOpen) && now >= dueAt(spec, spec.slices)) return { kind: 'expire', totals }
  if (isOver) return { kind: 'rest', wakeAt: nextLook(order, now), memory, isDecided: false }
  if (order.isPaused) return { kind: 'rest', wakeAt: end, memory, isDecided: false }
  return {
    kind: 'rest',
    wakeAt: due < spec.slices ? dueAt(spec, due + 1) : end,
    memory: isPlaced ? { ...memory, slice: String(due), sliceBase: amount.toString() } : memory,
    isDecided: isPlaced,
  }
}

/** Kept as it is while it is ahead and soon enough: a look that changes nothing costs nothing. */
function nextLook({ resting }: OrderIn<'pending'>, now: Millis): Millis {
  const planned = resting?.wakeAt ?? 0
  return planned > now && planned <= now + LOOK_MS ? planned : now + LOOK_MS
}

/** The number of the last slice that is due; 0 before the first. Slices that were missed are not made up for one by one. */
function lastDue(spec: TwapSpec, now: Millis): number {
  const begun = Math.floor(((now - spec.startAt) / spec.durationMs) * spec.slices) + 1
  const number = Math.max(0, Math.min(spec.slices, begun))
  return number > 0 && dueAt(spec, number) > now ? number - 1 : number
}

/** When a slice is due: by chance later than its even place, the same chance after every restart. */
export function dueAt(spec: TwapSpec, number: number): Millis {
  const interval = spec.durationMs / spec.slices
  const jitter = (chanceOf(`${spec.orderId} ${number}`) * spec.jitterBps) / 10_000
  return Math.floor(spec.startAt + interval * (number - 1 + jitter))
}

/** From 0 to below 1: FNV-1a, 32 bits, then MurmurHash3's finalizer, without which neighboring numbers are nearly equal. */
function chanceOf(text: string): number {
  let hash = 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

function amountOf(spec: TwapSpec, number: number, children: readonly Order[], totals: Totals): bigint {
  const { amountIn, catchUp } = spec
  const slices = BigInt(spec.slices)
  const open = children.filter(isOpen).reduce((sum, child) => sum + child.spec.amountIn, 0n)
  const left = amountIn - totals.amountIn - open
  if (catchUp === 'skip') {
    const planned = (amountIn * BigInt(number)) / slices - (amountIn * BigInt(number - 1)) / slices
    return planned < left ? planned : left
  }
  const toCome = slices - BigInt(number) + 1n
  const most = ((amountIn + slices - 1n) / slices) * MOST_TIMES
  const even = (left + toCome - 1n) / toCome
  return even < most ? even : most
}

/** When the last slice may be signed at the latest: one that a halt or an outage holds up for longer is too late. */
const lastSignature = ({ startAt, durationMs }: TwapSpec): Millis => startAt + durationMs + GRACE_MS

/** A slice trades now or not at all: at the market, or for no less than the plan's price. */
function sliceOf(spec: TwapSpec, number: number, amountIn: bigint): OrderSpec {
  const { owner, tokenIn, tokenOut, slippageBps, constraints, limitPrice, priceOf } = spec
  const asked = {
    orderId: childId(spec.orderId, number, dueAt(spec, number)),
    owner,
    tokenIn,
    tokenOut,
    amountIn: baseUnits(amountIn),
    slippageBps,
    constraints,
    clientOrderId: null,
    parent: { kind: 'slice', orderId: spec.orderId, number, endsAt: lastSignature(spec) },
    exits: [],
  } as const
  if (limitPrice === null) return { ...asked, type: 'market' }
  const atOnce = { expiresAt: null, isDefaultExpiry: false }
  return { ...asked, type: 'limit', limitPrice, priceOf, condition: SEEN_ONCE, ...atOnce }
}
