// Owns the routes of orders: submit, stream, get, list, cancel.

import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { cancelOrder } from '../commands/cancelOrder.ts'
import type { Principal } from '../domain/access.ts'
import { type Order, type OrderId, parseOrderId } from '../domain/order.ts'
import { principalOf, requireScope } from './access.ts'
import { type AddressLimits, addRate } from './addressLimits.ts'
import { type Door, EXECUTE } from './admission.ts'
import type { Routes } from './app.ts'
import type { HttpDeps } from './deps.ts'
import { readIdempotencyKey } from './orderRequest.ts'
import { createPlacing } from './placing.ts'
import { denied, Problem } from './problems.ts'
import type { Addresses, PublicAddress } from './publicAddress.ts'
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
import { orderText, orderView } from './views.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 1_000

/** What holds for more than one request. */
type Shared = {
  readonly streams: Streams
  readonly door: Door
  readonly limits: AddressLimits
  readonly addresses: Addresses
}

export function orderRoutes(app: Routes, deps: HttpDeps, { streams, door, limits, addresses }: Shared): void {
  const { store } = deps
  const placeOrder = createPlacing(deps, door)
  /** What the request of a socket follows from before its upgrade on. */
  const followings = new WeakMap<FastifyRequest, Following>()

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
      const { order, isReplay, headers } = await placeOrder(request.body, key, principalOf(request))
      addRate(reply, headers)
      if (isReplay) reply.header('Idempotency-Replayed', 'true')
      reply
        .code(201)
        .header('Location', `${addresses.of(request.raw).prefix}/api/orders/${order.spec.orderId}`)
      return accepted(order, addresses.of(request.raw))
    },
  )

  app.route({
    method: 'GET',
    url: EXECUTE,
    // Which scope it takes depends on what the socket is for.
    config: { access: 'key' },
    schema: {
      summary: 'Follow an order over WebSocket, or place one as the first text frame.',
      querystring: StreamQuery,
      response: { '4xx': ProblemBody, '5xx': ProblemBody },
    },
    preHandler: async (request) => {
      if (!request.ws) return
      const { orderId, after } = request.query
      const principal = principalOf(request)
      requireScope(principal, orderId === undefined ? 'trade' : 'read')
      limits.holdSocket(request)
      const overload = orderId === undefined ? door.refusal() : undefined
      if (overload !== undefined) throw overload
      if (orderId === undefined) return
      const following = await follow(orderId, Number(after ?? 0), principal)
      followings.set(request, following)
      const { socket } = request.raw
      if (socket.destroyed) following.stop()
      else socket.once('close', following.stop)
    },
    handler: async () => {
      throw new Problem('upgrade_required', {
        headers: { upgrade: 'websocket', connection: 'Upgrade, close' },
      })
    },
    wsHandler: (socket, request) => {
      const following = followings.get(request)
      const principal = principalOf(request)
      if (following !== undefined) return streams.follow(socket, following, principal)
      const place = async (body: OrderRequest) =>
        accepted((await placeOrder(body, null, principal)).order, addresses.of(request.raw))
      streams.placeAndFollow(socket, { refusal: door.refusal, place }, principal)
    },
  })

  app.get(
    '/api/orders/:id',
    {
      config: { access: 'read' },
      schema: {
        summary: 'An order with all its events.',
        params: OrderParams,
        response: { 200: OrderView, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const { order, events } = await findOrder(request.params.id, principalOf(request))
      return sendJson(reply, orderText(order, events, await waitingFor(order)))
    },
  )

  app.get(
    '/api/orders/:id/events',
    {
      config: { access: 'read' },
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
      const principal = principalOf(request)
      const following = await follow(request.params.id, Number(last ?? 0), principal)
      // 204 tells an EventSource that there is nothing to come back for.
      if (following.isOver()) return reply.code(204).send(null)
      reply.hijack()
      streams.followOverSse(reply.raw, following, principal)
      // There is nothing to wait for where only headers are asked for.
      if (request.method === 'HEAD') reply.raw.end()
    },
  )

  app.get(
    '/api/orders',
    {
      config: { access: 'read' },
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
        owner: principalOf(request).owner,
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
      const outcome = await cancelOrder(id, principalOf(request).owner, deps)
      switch (outcome.kind) {
        case 'canceled':
          return sendJson(reply, JSON.stringify(orderView(outcome.order)))
        case 'too_late':
          throw new Problem('too_late', { detail: `the order is ${outcome.status}` })
        case 'not_found':
          throw new Problem('order_not_found')
      }
    },
  )

  /** What is known of a swap that may still land; nothing of it is in the log. */
  async function waitingFor(order: Order): Promise<object> {
    if (order.status !== 'submitted') return {}
    const rebroadcasts = deps.rebroadcasts(order.spec.orderId)
    // A chain that does not answer leaves the order as readable as ever.
    const height = await deps.chain.blockHeight().catch(() => null)
    return {
      ...(rebroadcasts === null ? {} : { rebroadcasts }),
      ...(height === null ? {} : { blocksLeft: Math.max(0, order.swap.lastValidBlockHeight - height) }),
    }
  }

  /** Another's order is told from none by nobody. */
  async function findOrder(text: string, { owner }: Principal) {
    const id = parseOrderId(text)
    const found = id === null ? null : await store.load(id)
    if (found === null || found.order.spec.owner !== owner) throw new Problem('order_not_found')
    return found
  }

  async function follow(text: string, after: number, { owner }: Principal): Promise<Following> {
    const id = parseOrderId(text)
    const following = id === null ? null : await streams.prepare({ id, owner, after })
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

function accepted({ spec, status, seq, createdAt }: Order, { scheme, host, prefix }: PublicAddress) {
  return {
    orderId: spec.orderId,
    wsUrl: `${scheme === 'https' ? 'wss' : 'ws'}://${host}${prefix}${EXECUTE}?orderId=${spec.orderId}`,
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
