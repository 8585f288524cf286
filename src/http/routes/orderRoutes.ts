// Owns the routes of one order: place, read, change, cancel.

import { amendOrder } from '../../commands/amendOrder.ts'
import { cancelOrder } from '../../commands/cancelOrder.ts'
import type { Principal } from '../../domain/access.ts'
import { waitData } from '../../domain/eventCodec.ts'
import type { Order } from '../../domain/order.ts'
import { parseOrderId } from '../../domain/spec.ts'
import { hasChildren } from '../../domain/triggers/legs.ts'
import { waitingOf } from '../../domain/triggers/waiting.ts'
import { principalOf } from '../access.ts'
import { addRate } from '../addressLimits.ts'
import { EXECUTE, type Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import type { Addresses } from '../edge/publicAddress.ts'
import { asLeft, isPriced, momentOf } from '../moment.ts'
import type { Place } from '../placing.ts'
import { denied, Problem } from '../problems.ts'
import { notAmendable, readIfMatch, toChange } from '../requests/amendRequest.ts'
import { sendText } from '../requests/json.ts'
import { readIdempotencyKey } from '../requests/orderRequest.ts'
import { AmendRequest } from '../schemas/amendSchemas.ts'
import {
  IdempotencyHeaders,
  IfMatchHeaders,
  OrderAccepted,
  OrderParams,
  OrderQuery,
  OrderView,
  ProblemBody,
} from '../schemas/apiSchemas.ts'
import { OrderRequest } from '../schemas/orderSchemas.ts'
import { unfundedAmong } from '../unfunded.ts'
import { acceptedView, orderText, orderView } from '../views.ts'

type Shared = { readonly place: Place; readonly addresses: Addresses }

export function orderRoutes(app: Routes, deps: HttpDeps, shared: Shared): void {
  placeRoute(app, shared)
  readRoute(app, deps)
  cancelRoute(app, deps)
  amendRoute(app, deps)
}

/** 201 only after the order is durable; a replay answers with the order as it stands now. */
function placeRoute(app: Routes, { place, addresses }: Shared): void {
  app.post(
    EXECUTE,
    {
      config: { access: 'trade' },
      schema: {
        summary: 'Submit an order. Answers once it is durable.',
        headers: IdempotencyHeaders,
        body: OrderRequest,
        response: { 201: OrderAccepted, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const key = readIdempotencyKey(request.headers['idempotency-key'])
      const { order, isReplay, headers } = await place(request.body, key, principalOf(request))
      addRate(reply, headers)
      if (isReplay) reply.header('Idempotency-Replayed', 'true')
      reply
        .code(201)
        .header('Location', `${addresses.of(request.raw).prefix}/api/orders/${order.spec.orderId}`)
      return acceptedView(order, addresses.of(request.raw))
    },
  )
}

function readRoute(app: Routes, deps: HttpDeps): void {
  app.get(
    '/api/orders/:id',
    {
      config: { access: 'read' },
      schema: {
        summary: 'An order with all its events.',
        params: OrderParams,
        querystring: OrderQuery,
        response: { 200: OrderView, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const { order, events } = await findOrder(request.params.id, principalOf(request))
      const family = [order, ...(await childrenOf(order))]
      const unfunded = await unfundedAmong(family, deps)
      const views = family.map(async (each) => ({
        ...orderView(each, unfunded.has(each.spec.orderId)),
        ...(await waitingFor(each)),
      }))
      const [view, ...children] = await Promise.all(views)
      const shown = request.query.events === 'false' ? [] : events
      return sendText(reply, orderText({ ...view, ...(hasChildren(order.spec) ? { children } : {}) }, shown))
    },
  )

  const childrenOf = async ({ spec }: Order): Promise<readonly Order[]> =>
    hasChildren(spec) ? deps.orders.store.children(spec.orderId) : []

  /** What only this process, the market and the chain know of an order that waits. */
  async function waitingFor(order: Order): Promise<object> {
    if (order.status === 'pending' && order.spec.type !== 'market') return whyNotYet(order)
    if (order.status !== 'submitted') return {}
    const rebroadcasts = deps.orders.rebroadcasts(order.spec.orderId)
    // A chain that does not answer must not make the order unreadable.
    const height = await deps.market.chain.blockHeight().catch(() => null)
    return {
      ...(rebroadcasts === null ? {} : { rebroadcasts }),
      ...(height === null ? {} : { blocksLeft: Math.max(0, order.swap.lastValidBlockHeight - height) }),
    }
  }

  async function whyNotYet(whole: Order): Promise<object> {
    const { order, isClaimed } = await asLeft(whole, deps.orders)
    const sight = isPriced(order.spec) ? await deps.market.sightOf(order.spec) : null
    const waiting = waitingOf(order, sight, await momentOf(order, isClaimed, deps))
    return waiting === null ? {} : { waiting: waitData(waiting) }
  }

  /** Someone else's order answers like one that does not exist: 404. */
  async function findOrder(text: string, { owner }: Principal) {
    const id = parseOrderId(text)
    const found = id === null ? null : await deps.orders.store.load(id)
    if (found === null || found.order.spec.owner !== owner) throw new Problem('order_not_found')
    return found
  }
}

/** The race with the submission is decided in the log: 200 and no swap, or 409 and the swap goes on. */
function cancelRoute(app: Routes, deps: HttpDeps): void {
  app.delete(
    '/api/orders/:id',
    {
      config: { access: 'trade' },
      schema: {
        summary: 'Cancel an order that has not been submitted yet.',
        params: OrderParams,
        response: { 200: OrderView, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const id = parseOrderId(request.params.id)
      if (id === null) throw new Problem('order_not_found')
      const outcome = await cancelOrder(id, principalOf(request).owner, deps.orders)
      switch (outcome.kind) {
        case 'canceled':
          return sendText(reply, JSON.stringify(orderView(outcome.order)))
        case 'too_late':
          throw new Problem('too_late', { detail: `the order is ${outcome.status}` })
        case 'not_found':
          throw new Problem('order_not_found')
      }
    },
  )
}

/** Changes terms, pauses or resumes: durable before the answer, or none of it. */
function amendRoute(app: Routes, deps: HttpDeps): void {
  app.patch(
    '/api/orders/:id',
    {
      config: { access: 'trade' },
      schema: {
        summary: 'Change, pause or resume an order that waits for a price, until it is submitted.',
        params: OrderParams,
        headers: IfMatchHeaders,
        body: AmendRequest,
        response: { 200: OrderView, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const { owner } = principalOf(request)
      const id = parseOrderId(request.params.id)
      const order = id === null ? null : ((await deps.orders.store.load(id))?.order ?? null)
      if (id === null || order === null || order.spec.owner !== owner) throw new Problem('order_not_found')
      const ifSeq = readIfMatch(request.headers['if-match'])
      const change = toChange(request.body, order.spec, { ...deps.orders.expiry, now: deps.clock.now() })
      const amendDeps = { ...deps.orders, observe: deps.observe }
      const outcome = await amendOrder({ id, owner, ifSeq, change }, amendDeps)
      switch (outcome.kind) {
        case 'changed':
          return sendText(reply, JSON.stringify(orderView(outcome.order)))
        case 'too_late':
          throw new Problem('too_late', { detail: `the order is ${outcome.status}` })
        case 'moved_on':
          throw new Problem('version_mismatch', { detail: `its seq is ${outcome.seq}` })
        case 'not_amendable':
          throw denied(outcome.fields.map((field) => notAmendable(field, order.spec)))
        case 'not_found':
          throw new Problem('order_not_found')
      }
    },
  )
}
