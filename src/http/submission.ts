// Owns taking an order on: everything between a request that can be read and an order that is durable, or the problem.

import type { Principal } from '../domain/access.ts'
import type { OrderId } from '../domain/order.ts'
import type { NewOrder } from '../domain/ports/orders.ts'
import { StoreUnavailable } from '../domain/ports/sql.ts'
import type { Door } from './admission.ts'
import type { HttpDeps } from './deps.ts'
import { exceeded, rateHeaders, refuseBeyond } from './keyQuotas.ts'
import { toNewOrder } from './orderRequest.ts'
import { Problem } from './problems.ts'
import type { OrderRequest } from './schemas.ts'

export function openSubmission(deps: HttpDeps, door: Door) {
  const { store, writability, queue, trading, clock, observe } = deps

  /** A ring that fails delays the order until the sweep, and is no reason to refuse it. */
  function ring(id: OrderId): void {
    queue.ring(id).catch((error) => observe.fault('queue', error))
  }

  /** Takes an order on, or finds the one that the same key stands for. Throws a Problem when it is denied. */
  return async function submit(body: OrderRequest, idempotencyKey: string | null, principal: Principal) {
    const { tokens, defaultSlippageBps } = deps
    const orderId = deps.newId() as OrderId
    const { owner, limits } = principal
    const context = { orderId, owner, idempotencyKey, tokens, defaultSlippageBps }
    const order: NewOrder = toNewOrder(body, context)
    if (limits !== null) refuseBeyond(order.spec, limits)
    if (trading.state().state === 'halted') throw new Problem('trading_halted')
    if (!writability.isWritable()) {
      throw new Problem('store_unavailable', {
        detail: 'the database takes no writes; this order was not taken on',
      })
    }
    if (!queue.isAvailable()) throw new Problem('queue_unavailable')
    const creating = door.within(() => store.create({ ...order, isLimited: limits !== null }))
    const { outcome: created, rate } = await creating.catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) throw error
      throw new Problem('store_unavailable', { detail: `if it was taken on, it is order ${orderId}` })
    })
    const headers = rateHeaders(limits, rate, clock.now())
    if (created.kind === 'exceeded') throw exceeded(created.limit, rate, headers, clock.now())
    if (created.kind === 'conflict') {
      const code = created.key === 'idempotencyKey' ? 'idempotency_key_reused' : 'client_order_id_taken'
      throw new Problem(code, { headers })
    }
    if (created.kind === 'created') ring(orderId)
    return { order: created.order, isReplay: created.kind === 'replayed', headers }
  }
}
