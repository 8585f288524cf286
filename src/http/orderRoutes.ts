// Owns the routes of orders: submit, stream, get, list, cancel.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify'
import Type from 'typebox'
import { isOpen } from '../domain/lifecycle.ts'
import { type Order, type OrderId, parseOrderId } from '../domain/order.ts'
import { type NewOrder, StaleLog, StoreUnavailable } from '../domain/ports.ts'
import { type HttpDeps, LOCAL_OWNER } from './deps.ts'
import { readIdempotencyKey, toNewOrder } from './orderRequest.ts'
import { orderText, orderView } from './present.ts'
import { denied, Problem } from './problems.ts'
import {
  IdempotencyHeaders,
  ListQuery,
  OrderAccepted,
  OrderPage,
  OrderParams,
  OrderRequest,
  OrderView,
  ProblemBody,
  StreamQuery,
} from './schemas.ts'
import type { Following, Streams } from './streams.ts'
import type { SchemaTypes } from './validation.ts'

export type Routes = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>

const EXECUTE = '/api/orders/execute'
const DEFAULT_LIMIT = 50
const MAX_LIMIT = 1_000

export function orderRoutes(app: Routes, deps: HttpDeps, streams: Streams): void {
  const { store, queue, observe } = deps
  /** What the request of a socket follows from before its upgrade on. */
  const followings = new WeakMap<FastifyRequest, Following>()

  app.post(
    EXECUTE,
    {
      schema: {
        summary: 'Submit an order. Answers once it is durable.',
        headers: IdempotencyHeaders,
        body: OrderRequest,
        response: { 201: OrderAccepted, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const key = readIdempotencyKey(request.headers['idempotency-key'])
      const { order, isReplay } = await submit(request.body, key)
      if (isReplay) reply.header('Idempotency-Replayed', 'true')
      reply.code(201).header('Location', `/api/orders/${order.spec.orderId}`)
      return accepted(order, request)
    },
  )

  /** Takes an order on, or finds the one that the same key stands for. Throws a Problem when it is denied. */
  async function submit(body: OrderRequest, idempotencyKey: string | null) {
    const { tokens, defaultSlippageBps } = deps
    const orderId = deps.newId() as OrderId
    const context = { orderId, owner: LOCAL_OWNER, idempotencyKey, tokens, defaultSlippageBps }
    const order: NewOrder = toNewOrder(body, context)
    if (!queue.isAvailable()) throw new Problem('queue_unavailable')
    const created = await store.create(order).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) throw error
      throw new Problem('store_unavailable', { detail: `if it was taken on, it is order ${orderId}` })
    })
    if (created.kind === 'conflict') {
      throw new Problem(created.key === 'idempotencyKey' ? 'idempotency_key_reused' : 'client_order_id_taken')
    }
    // The order is durable: a ring that fails delays it until the sweep, and is no reason to refuse it now.
    if (created.kind === 'created') queue.ring(orderId).catch((error) => observe.fault('queue', error))
    return { order: created.order, isReplay: created.kind === 'replayed' }
  }

  app.route({
    method: 'GET',
    url: EXECUTE,
    schema: {
      summary: 'Follow an order over WebSocket, or place one as the first text frame.',
      querystring: StreamQuery,
      response: { '4xx': ProblemBody },
    },
    preHandler: async (request) => {
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') return
      const { orderId, after } = request.query
      if (orderId === undefined) return
      const following = await follow(orderId, Number(after ?? 0))
      followings.set(request, following)
      const { socket } = request.raw
      if (socket.destroyed) following.stop()
      else socket.once('close', following.stop)
    },
    handler: async () => {
      throw new Problem('upgrade_required', { headers: { upgrade: 'websocket', connection: 'Upgrade' } })
    },
    wsHandler: (socket, request) => {
      const following = followings.get(request)
      if (following !== undefined) streams.follow(socket, following)
      else streams.placeAndFollow(socket, async (body) => accepted((await submit(body, null)).order, request))
    },
  })

  app.get(
    '/api/orders/:id',
    {
      schema: {
        summary: 'An order with all its events.',
        params: OrderParams,
        response: { 200: OrderView, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const { order, events } = await findOrder(request.params.id)
      return sendJson(reply, orderText(order, events))
    },
  )

  app.get(
    '/api/orders/:id/events',
    {
      schema: {
        summary: 'The events of an order as server-sent events; resumes behind Last-Event-ID.',
        params: OrderParams,
        response: { 204: Type.Null(), '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const last = request.headers['last-event-id']
      if (last !== undefined && !/^\d{1,9}$/.test(String(last))) {
        throw denied([
          { field: 'Last-Event-ID', code: 'invalid_type', detail: 'the id of an event: its seq' },
        ])
      }
      const following = await follow(request.params.id, Number(last ?? 0))
      // 204 tells an EventSource that there is nothing to come back for.
      if (following.isOver()) return reply.code(204).send(null)
      reply.hijack()
      streams.followOverSse(reply.raw, following)
    },
  )

  app.get(
    '/api/orders',
    {
      schema: {
        summary: 'Orders, newest first.',
        querystring: ListQuery,
        response: { 200: OrderPage, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const { status = null, token, clientOrderId = null, cursor, limit } = request.query
      const count = Math.min(Number(limit ?? DEFAULT_LIMIT), MAX_LIMIT)
      const mint = token === undefined ? null : mintOf(token)
      const before = cursor === undefined ? null : readCursor(cursor)
      // One more than asked for tells whether there is a next page.
      const found = await store.list({
        owner: LOCAL_OWNER,
        status,
        mint,
        clientOrderId,
        before,
        limit: count + 1,
      })
      const orders = found.slice(0, count)
      const last = orders.at(-1)
      const nextCursor = found.length > count && last !== undefined ? writeCursor(last.spec.orderId) : null
      return sendJson(reply, JSON.stringify({ orders: orders.map(orderView), nextCursor }))
    },
  )

  app.delete(
    '/api/orders/:id',
    {
      schema: {
        summary: 'Cancel an order that has not been submitted yet.',
        params: OrderParams,
        response: { 200: OrderView, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      await findOrder(request.params.id)
      const canceled = await cancel(request.params.id as OrderId)
      return sendJson(reply, JSON.stringify(orderView(canceled)))
    },
  )

  /** Appends `canceled`, again and again while others move the order on; they do so a few times at most. */
  async function cancel(id: OrderId): Promise<Order> {
    for (;;) {
      const [log] = await store.open([id])
      if (log === undefined) throw new Problem('order_not_found')
      if (log.order.status === 'canceled') return log.order
      if (log.order.status === 'submitted' || !isOpen(log.order)) {
        throw new Problem('too_late', { detail: `the order is ${log.order.status}` })
      }
      try {
        await log.append({ kind: 'canceled', by: LOCAL_OWNER })
        return log.order
      } catch (error) {
        if (!(error instanceof StaleLog)) throw error
      }
    }
  }

  async function findOrder(text: string) {
    const id = parseOrderId(text)
    const found = id === null ? null : await store.load(id)
    if (found === null || found.order.spec.owner !== LOCAL_OWNER) throw new Problem('order_not_found')
    return found
  }

  async function follow(text: string, after: number): Promise<Following> {
    const id = parseOrderId(text)
    const following = id === null ? null : await streams.prepare(id, after)
    if (following === null) throw new Problem('order_not_found')
    return following
  }

  function mintOf(name: string): string {
    const token = deps.tokens.find(name)
    if (token === undefined)
      throw denied([{ field: 'token', code: 'unknown_token', detail: 'see GET /api/tokens' }])
    return token.mint
  }
}

function accepted({ spec, status, seq, createdAt }: Order, request: FastifyRequest) {
  const scheme = request.protocol === 'https' ? 'wss' : 'ws'
  return {
    orderId: spec.orderId,
    wsUrl: `${scheme}://${request.host}${EXECUTE}?orderId=${spec.orderId}`,
    status,
    seq,
    ...(spec.clientOrderId === null ? {} : { clientOrderId: spec.clientOrderId }),
    createdAt: new Date(createdAt).toISOString(),
  }
}

/** Sends text that is JSON already. */
function sendJson(reply: FastifyReply, text: string) {
  return reply.type('application/json; charset=utf-8').send(text)
}

const writeCursor = (id: OrderId) => Buffer.from(id).toString('base64url')

function readCursor(cursor: string): OrderId {
  const id = parseOrderId(Buffer.from(cursor, 'base64url').toString())
  if (id === null || writeCursor(id) !== cursor) throw new Problem('invalid_cursor')
  return id
}
