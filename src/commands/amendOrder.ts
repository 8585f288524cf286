// Owns changing an order that has not been submitted: its terms, and whether it is paused.

import { type BaseUnits, type Bps, bps } from '../domain/amount.ts'
import type { Guards } from '../domain/guards.ts'
import { isDormant, isIoc, isPaused, mayFollow, waits } from '../domain/lifecycle.ts'
import type { EventDraft, Order, OrderStatus } from '../domain/order.ts'
import { type OrderLog, type OrderStore, StaleLog } from '../domain/ports/orders.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import type { Condition, OrderId, OrderSpec } from '../domain/spec.ts'
import { memoryAfterAmendment, memoryAfterPause } from '../domain/triggers/memory.ts'
import type { Observe } from '../observe.ts'
import type { Millis } from '../timing/clock.ts'

/** Terms that may change; an absent field stays. */
export type Amendment = {
  /** Null takes the limit of a sniper away. */
  readonly limitPrice?: string | null
  readonly triggerPrice?: string
  readonly trailingBps?: Bps
  readonly activationPrice?: string
  readonly amountIn?: BaseUnits
  readonly slippageBps?: Bps
  readonly expiresAt?: Millis
  /** All guards of a sniper as they are from now on, and in how many slots they must pass. */
  readonly guards?: Guards
  readonly condition?: Condition
}

export type Change =
  | { readonly kind: 'amend'; readonly terms: Amendment }
  | { readonly kind: 'pause' | 'resume' }

export type AmendOutcome =
  | { readonly kind: 'changed'; readonly order: Order }
  | { readonly kind: 'too_late'; readonly status: OrderStatus }
  | { readonly kind: 'not_found' }
  /** The order is not at the seq that the client has seen. */
  | { readonly kind: 'moved_on'; readonly seq: number }
  /** Terms that the type of the order does not have, or a larger amount. */
  | { readonly kind: 'not_amendable'; readonly fields: readonly string[] }

export type AmendDeps = {
  readonly store: Pick<OrderStore, 'open'>
  readonly queue: Pick<OrderQueue, 'ring'>
  readonly observe: Pick<Observe, 'fault'>
}

/**
 * Changes an order of `owner`. Optimistic concurrency, as for canceling: the change is durable, or another event was first
 * and the order is looked at again. `ifSeq`: only if the order still is where the client has seen it.
 */
export async function amendOrder(
  wanted: {
    readonly id: OrderId
    readonly owner: string
    readonly ifSeq: number | null
    readonly change: Change
  },
  deps: AmendDeps,
): Promise<AmendOutcome> {
  const { id, owner, ifSeq, change } = wanted
  for (;;) {
    const [log] = await deps.store.open([id])
    if (log === undefined || log.order.spec.owner !== owner) return { kind: 'not_found' }
    if (ifSeq !== null && log.order.seq !== ifSeq) return { kind: 'moved_on', seq: log.order.seq }
    const draft = draftOf(log.order, change, owner)
    if (!('event' in draft)) return draft
    if (draft.event === null) return { kind: 'changed', order: log.order }
    if (await isWritten(log, draft.event)) {
      // The trigger looks anew. A ring that is not taken costs the time until the sweep.
      deps.queue.ring(id).catch((error) => deps.observe.fault('queue', error))
      return { kind: 'changed', order: log.order }
    }
  }
}

async function isWritten(log: OrderLog, event: EventDraft): Promise<boolean> {
  try {
    await log.append(event)
    return true
  } catch (error) {
    if (error instanceof StaleLog) return false
    throw error
  }
}

type Draft = { readonly event: EventDraft | null } | Exclude<AmendOutcome, { kind: 'changed' }>

/** The event of the change; a null one where the order already is as wanted. */
function draftOf(order: Order, change: Change, by: string): Draft {
  const { spec } = order
  if (spec.type === 'market' || spec.type === 'oco') return { kind: 'not_amendable', fields: ['type'] }
  // Its parent starts it with what it bought, in one commit with the fill: nothing may come between.
  if (isDormant(spec)) return { kind: 'not_amendable', fields: ['parentId'] }
  // Now or not at all: there is no wait to change, and a pause would have no end.
  if (isIoc(spec)) return { kind: 'not_amendable', fields: ['timeInForce'] }
  if (!mayFollow(order, 'amended')) return { kind: 'too_late', status: order.status }
  switch (change.kind) {
    case 'pause':
      return { event: isPaused(order) ? null : { kind: 'paused', by, memory: memoryAfterPause(order) } }
    case 'resume':
      return { event: isPaused(order) ? { kind: 'resumed', by } : null }
    case 'amend': {
      const fields = unfit(order, change.terms)
      if (fields.length > 0) return { kind: 'not_amendable', fields }
      const memory = memoryAfterAmendment(
        order,
        triggerTerms.some((term) => term in change.terms),
      )
      return { event: { kind: 'amended', by, spec: amended(spec, change.terms), memory } }
    }
  }
}

const triggerTerms = ['triggerPrice', 'trailingBps', 'activationPrice'] as const satisfies (keyof Amendment)[]

/** Fields of the amendment that do not fit the order. */
function unfit({ spec, memory }: Order, terms: Amendment): string[] {
  return Object.keys(terms).filter((field) => {
    // It follows the market already, and its best price never moves back.
    if (field === 'activationPrice' && memory.watermark !== undefined) return true
    if (field !== 'amountIn') return !(field in spec)
    // What a leg or a plan sells is told by its shares or slices.
    return !waits(spec) || spec.parent !== null || (terms.amountIn ?? 0n) > spec.amountIn
  })
}

/** A slippage is the cap of all steps of an exit; one that is raised is a further step, since the last one holds. */
function amended(spec: OrderSpec, terms: Amendment): OrderSpec {
  const next = {
    ...spec,
    ...terms,
    ...(terms.expiresAt === undefined ? {} : { isDefaultExpiry: false }),
  } as OrderSpec
  if (!('slippageLadderBps' in next)) return next
  const { slippageBps } = next
  const steps = next.slippageLadderBps.map((step) => bps(Math.min(step, slippageBps)))
  const isRaised = slippageBps > spec.slippageBps
  return { ...next, slippageLadderBps: isRaised ? [...steps, slippageBps] : steps }
}
