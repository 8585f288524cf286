// Owns moving plans on: orders that trade through their children.

import { isPlan } from '../domain/lifecycle.ts'
import type { OrderIn } from '../domain/order.ts'
import type { OrderLog, OrderStore } from '../domain/ports/orders.ts'
import type { PlanSpec } from '../domain/spec.ts'
import { type PlanVerdict, planVerdict } from '../domain/triggers/plan.ts'
import { type RingDeps, ringLater } from './attempts.ts'
import { isNews } from './rests.ts'

export type PlanDeps = RingDeps & { readonly store: Pick<OrderStore, 'children' | 'create' | 'now'> }

type PlanOrder = OrderIn<'pending'> & { readonly spec: PlanSpec }

export const isPlanOrder = (order: OrderIn<'pending'>): order is PlanOrder => isPlan(order.spec)

/** A wake-up within this time is rung for by itself: the sweep is too coarse for slices. */
const RING_WITHIN_MS = 60_000

/** Decides, makes the decision durable, and only then places a child: after a crash it is placed again, and exists once. */
export async function whenPlanPending(
  order: PlanOrder,
  log: OrderLog,
  deps: PlanDeps,
): Promise<'continue' | 'yield'> {
  const { orderId } = order.spec
  const now = await deps.store.now()
  const verdict = planVerdict(order, await deps.store.children(orderId), now)
  switch (verdict.kind) {
    case 'complete':
      await log.append({ kind: 'completed', totals: verdict.totals })
      return 'yield'
    case 'expire':
      await log.append({ kind: 'expired', totals: verdict.totals })
      return 'yield'
    case 'place':
      await deps.store.create({ spec: verdict.spec, idempotencyKey: null, isLimited: false })
      await ringLater(verdict.spec.orderId, 0, deps)
      return 'continue'
    case 'rest':
      return rest(verdict, order, log, now, deps)
  }
}

async function rest(
  verdict: Extract<PlanVerdict, { kind: 'rest' }>,
  order: PlanOrder,
  log: OrderLog,
  now: number,
  deps: PlanDeps,
): Promise<'continue' | 'yield'> {
  const { wakeAt, memory, isDecided } = verdict
  // Rung for once, with the rest that names it: each ring more would bring about one more for the next time, and so on.
  if (!isNews(verdict, order)) return 'yield'
  await log.append({ kind: 'rested', reason: null, wakeAt, memory })
  const waitMs = (wakeAt ?? Number.POSITIVE_INFINITY) - now
  if (waitMs <= RING_WITHIN_MS) await ringLater(order.spec.orderId, Math.max(0, waitMs), deps)
  return isDecided ? 'continue' : 'yield'
}
