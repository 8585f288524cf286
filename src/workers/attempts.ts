// Owns attempts: when an order cannot go on now, another attempt follows later, a rest, or its end.

import type { Failure } from '../domain/failure.ts'
import { isOpen } from '../domain/lifecycle.ts'
import type { OrderLog } from '../domain/ports/orders.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import type { RetryPolicy } from '../domain/retry.ts'
import type { OrderId } from '../domain/spec.ts'
import { afterFailure } from '../domain/triggers/afterFailure.ts'
import type { Observe } from '../observe.ts'
import type { Clock } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'

export type RingDeps = { readonly queue: OrderQueue; readonly observe: Observe }

export type AttemptDeps = RingDeps & {
  readonly clock: Clock
  readonly random: Random
  readonly retry: RetryPolicy
}

/** Appends what follows on a failed attempt: another one, a rest, or the end of the order. */
export async function endAttempt(log: OrderLog, failure: Failure, deps: AttemptDeps): Promise<void> {
  const { order } = log
  if (!isOpen(order)) return
  const { orderId } = order.spec
  const now = deps.clock.now()
  const next = afterFailure(order, failure, { now, policy: deps.retry, chance: deps.random.next() })
  switch (next.kind) {
    case 'fail':
      return log.append({ kind: 'failed', failure: next.failure })
    case 'retry': {
      const { delayMs, isStalled } = next
      await log.append({ kind: 'retried', failure, retryAt: now + delayMs, isStalled })
      return ringLater(orderId, delayMs, deps)
    }
    case 'rest': {
      const { memory, lookMs } = next
      await log.append({ kind: 'rested', reason: failure, wakeAt: now + lookMs, memory })
      return ringLater(orderId, lookMs, deps)
    }
  }
}

/** Rings after `delayMs`. Never rejects: a ring that is not taken costs the time until the next sweep, nothing else. */
export async function ringLater(id: OrderId, delayMs: number, deps: RingDeps): Promise<void> {
  await deps.queue.ring(id, delayMs).catch((error) => deps.observe.fault('queue', error))
}
