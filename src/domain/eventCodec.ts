// Owns the written form of events: the JSON that the log stores, the socket streams and a restart reads back.
// Money is written twice: as a decimal string for people and as base units (`…Base`) for programs. Reading uses the latter.

import type { Millis } from '../timing/clock.ts'
import { bps, formatAmount, formatPrice, shortfallBps } from './amount.ts'
import { type FailureCode, failureRules } from './failure.ts'
import { evolve, openStatuses, transitions } from './lifecycle.ts'
import type { EventKind, Order, OrderEvent, OrderId, OrderSpec, OrderStatus, SignedSwap } from './order.ts'
import type { RouteConstraints } from './route.ts'
import {
  amount,
  decodeRoute,
  fullToken,
  inTokens,
  type Json,
  readToken,
  routedData,
  submittedRoute,
  writtenToken,
} from './routeCodec.ts'

/** An event as the log keeps it. `data` is public JSON text; `wire` is secret until sent and never leaves the store. */
export type LoggedEvent = {
  readonly orderId: OrderId
  readonly seq: number
  readonly kind: EventKind
  readonly status: OrderStatus
  readonly attempt: number
  readonly at: Millis
  readonly data: string
  readonly wire: Uint8Array | null
}

/** The written form of `event`, which follows on `before` (null for the first). */
export function encodeEvent(before: Order | null, event: OrderEvent): LoggedEvent {
  return {
    orderId: event.orderId,
    seq: event.seq,
    kind: event.kind,
    status: transitions[event.kind].to,
    attempt: event.attempt,
    at: event.at,
    data: JSON.stringify(publicData(before, event)),
    wire: event.kind === 'submitted' ? event.swap.wire : null,
  }
}

/** The message a client sees: the place in the log first, then the event's own data. */
export function messageText(event: LoggedEvent): string {
  const { orderId, seq, kind, status, attempt, at, data } = event
  const head = `{"orderId":"${orderId}","seq":${seq},"kind":"${kind}","status":"${status}","attempt":${attempt},"at":"${new Date(at).toISOString()}"`
  return data === '{}' ? `${head}}` : `${head},${data.slice(1)}`
}

const failureData = (failure: { code: FailureCode; detail: string }) => ({
  failure: { code: failure.code, message: failureRules[failure.code].message, detail: failure.detail },
})

function publicData(before: Order | null, event: OrderEvent): object {
  if (event.kind === 'accepted') return specData(event.spec)
  if (before === null) throw new Error(`${event.kind} cannot be the first event`)
  switch (event.kind) {
    case 'triggered':
    case 'expired':
      return {}
    case 'routed':
      return routedData(before.spec, event)
    case 'submitted': {
      const { signature, lastValidBlockHeight } = event.swap
      return {
        signature,
        txHash: signature,
        lastValidBlockHeight,
        steps: event.steps,
        ...submittedRoute(before),
      }
    }
    case 'filled':
      return filledData(before, event)
    case 'retried':
      return { ...failureData(event.failure), retryAt: new Date(event.retryAt).toISOString() }
    case 'failed':
      return { ...failureData(event.failure), attempts: before.attempt, reachedChain: before.reachedChain }
    case 'canceled':
      return { by: event.by }
  }
}

/** Constraints in the words of the request; those that are absent constrain nothing. */
const constraintsJson = ({ venues, maxPriceImpactBps, isUnsplit }: RouteConstraints) => ({
  ...(venues === undefined ? {} : { venues }),
  ...(maxPriceImpactBps === undefined ? {} : { maxPriceImpactBps }),
  ...(isUnsplit === undefined ? {} : { split: !isUnsplit }),
})

const decodeConstraints = ({ venues, maxPriceImpactBps, split }: Json): RouteConstraints => ({
  ...(venues === undefined ? {} : { venues }),
  ...(maxPriceImpactBps === undefined ? {} : { maxPriceImpactBps }),
  ...(split === undefined ? {} : { isUnsplit: !split }),
})

/** An order's own fields, as the `accepted` event and every view of the order show them. */
export function specData(spec: OrderSpec) {
  const { tokenIn, tokenOut } = spec
  return {
    type: spec.type,
    tokenIn: tokenIn.symbol,
    tokenInMint: tokenIn.mint,
    tokenInDecimals: tokenIn.decimals,
    tokenOut: tokenOut.symbol,
    tokenOutMint: tokenOut.mint,
    tokenOutDecimals: tokenOut.decimals,
    amountIn: formatAmount(spec.amountIn, tokenIn.decimals),
    amountInBase: spec.amountIn.toString(),
    slippageBps: spec.slippageBps as number,
    ...constraintsJson(spec.constraints),
    owner: spec.owner,
    ...(spec.clientOrderId === null ? {} : { clientOrderId: spec.clientOrderId }),
  }
}

function filledData(before: Order, { fill, at }: Extract<OrderEvent, { kind: 'filled' }>): object {
  if (before.status !== 'submitted') throw new Error('only a submitted order can be filled')
  const { spec, swap, route } = before
  return {
    signature: swap.signature,
    txHash: swap.signature,
    amountIn: inTokens(fill.amountIn, spec.tokenIn),
    amountInBase: fill.amountIn.toString(),
    amountOut: inTokens(fill.amountOut, spec.tokenOut),
    amountOutBase: fill.amountOut.toString(),
    executedPrice: formatPrice(fill.amountOut, spec.tokenOut.decimals, fill.amountIn, spec.tokenIn.decimals),
    slippageToQuoteBps: shortfallBps(route.amountOut, fill.amountOut),
    networkFeeLamports: fill.networkFeeLamports.toString(),
    poolFees: fill.poolFees.map(({ pool, amount, token }) => ({
      pool,
      amount: inTokens(amount, token),
      amountBase: amount.toString(),
      ...writtenToken(spec, 'token', token),
    })),
    slot: fill.slot,
    stepMs: stepMs(before, at),
  }
}

/** Milliseconds spent in each status of this attempt, and in all since the order was accepted. */
function stepMs(before: Order, at: Millis): Record<string, number> {
  const spent: Record<string, number> = {}
  let until = at
  for (const status of openStatuses.toReversed()) {
    const since = before.enteredAt[status]
    if (since === undefined) continue
    spent[status] = until - since
    until = since
  }
  spent.total = at - before.createdAt
  return spent
}

// ---- reading back -------------------------------------------------------------------------------------------------

/** The order that a whole stored log tells of; null for an empty one. Throws when the log is not what encodeEvent writes. */
export function replayLog(log: Iterable<LoggedEvent>): Order | null {
  let order: Order | null = null
  for (const logged of log) order = evolve(order, decodeEvent(order, logged))
  return order
}

/** The event that a log entry tells of, which follows on `before`; of the venues' answers only the route is read back. */
export function decodeEvent(before: Order | null, logged: LoggedEvent): OrderEvent {
  const { orderId, seq, attempt, at } = logged
  const data = JSON.parse(logged.data)
  const draft =
    before === null
      ? { kind: 'accepted', spec: decodeSpec(orderId, data) }
      : decodeDraft(before.spec, logged, data)
  return { orderId, seq, attempt, at, ...draft } as OrderEvent
}

function decodeDraft(spec: OrderSpec, logged: LoggedEvent, data: Json): object {
  const { kind } = logged
  switch (kind) {
    case 'accepted':
    case 'triggered':
    case 'expired':
      return { kind }
    case 'routed':
      return { kind, answers: [], route: decodeRoute(spec, data) }
    case 'submitted':
      return { kind, steps: data.steps, swap: decodeSwap(logged, data) }
    case 'filled':
      return { kind, fill: decodeFill(spec, data) }
    case 'retried':
      return { kind, failure: decodeFailure(data), retryAt: Date.parse(data.retryAt) }
    case 'failed':
      return { kind, failure: decodeFailure(data) }
    case 'canceled':
      return { kind, by: String(data.by) }
  }
}

function decodeSpec(orderId: OrderId, data: Json): OrderSpec {
  return {
    orderId,
    owner: data.owner,
    type: data.type,
    tokenIn: fullToken(data, 'tokenIn'),
    tokenOut: fullToken(data, 'tokenOut'),
    amountIn: amount(data.amountInBase),
    slippageBps: bps(data.slippageBps),
    constraints: decodeConstraints(data),
    clientOrderId: data.clientOrderId ?? null,
  }
}

function decodeSwap({ wire, seq }: LoggedEvent, data: Json): SignedSwap {
  if (wire === null) throw new Error(`event ${seq} is submitted but holds no signed bytes`)
  return { signature: data.signature, wire, lastValidBlockHeight: data.lastValidBlockHeight }
}

function decodeFill(spec: OrderSpec, data: Json) {
  return {
    amountIn: amount(data.amountInBase),
    amountOut: amount(data.amountOutBase),
    networkFeeLamports: amount(data.networkFeeLamports),
    poolFees: data.poolFees.map((fee: Json) => ({
      pool: fee.pool,
      amount: amount(fee.amountBase),
      token: readToken(spec, fee, 'token'),
    })),
    slot: data.slot,
  }
}

const decodeFailure = ({ failure }: Json) => ({
  code: failure.code as FailureCode,
  detail: String(failure.detail),
})
