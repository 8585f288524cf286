// Owns attempts: when an order cannot go on now, another attempt follows later, or its end.

import { type Failure, isRetryable } from '../domain/failure.ts'
import type { OrderId } from '../domain/order.ts'
import type { OrderLog } from '../domain/ports/orders.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import { backoffMs, type RetryPolicy } from '../domain/retry.ts'
import type { Observe } from '../observe.ts'
import type { Clock } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'

export type AttemptDeps = {
  readonly queue: OrderQueue
  readonly clock: Clock
  readonly random: Random
  readonly retry: RetryPolicy
  readonly observe: Observe
}

/** Appends `retried` while attempts are left and the failure may pass, else `failed`. */
export async function retryOrFail(log: OrderLog, failure: Failure, deps: AttemptDeps): Promise<void> {
  const { attempt, status, spec } = log.order
  if (status === 'pending' || !isRetryable(failure) || attempt >= deps.retry.maxAttempts) {
    return log.append({ kind: 'failed', failure })
  }
  const delayMs = backoffMs(deps.retry, attempt, deps.random.next())
  await log.append({ kind: 'retried', failure, retryAt: deps.clock.now() + delayMs })
  await ringLater(spec.orderId, delayMs, deps)
}

/** Rings after `delayMs`. Never rejects: a ring that is not taken costs the time until the next sweep, nothing else. */
export async function ringLater(id: OrderId, delayMs: number, deps: AttemptDeps): Promise<void> {
  await deps.queue.ring(id, delayMs).catch((error) => deps.observe.fault('queue', error))
}
