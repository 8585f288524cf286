// Owns the written form of events: the JSON that the log stores, the socket streams and a restart reads back.
// Money is written twice: as a decimal string for people and as base units (`…Base`) for programs. Reading uses the latter.

import type { Millis } from '../timing/clock.ts'
import { type Failure, failureRules } from './failure.ts'
import { decodeFill, decodeTotals, filledData, totalsData } from './fillCodec.ts'
import { evolve, transitions, withChoice } from './lifecycle.ts'
import type { EventDraft, EventKind, Observation, Order, OrderEvent, OrderStatus, Wait } from './order.ts'
import { priceText } from './price.ts'
import { decodeRoute, routedData, submittedRoute } from './routeCodec.ts'
import type { OrderId, OrderSpec } from './spec.ts'
import { decodeSpec, specData } from './specCodec.ts'
import { summaryOf } from './summary.ts'
import { stored } from './termsCodec.ts'
import type { Token } from './token.ts'
import { amount, inTokens } from './tokenCodec.ts'
import type { EventData, Waiting } from './wire.ts'

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

const failureData = (failure: Failure) => ({
  failure: { code: failure.code, message: failureRules[failure.code].message, detail: failure.detail },
})

/** What is written is what the wire says, kind by kind: each branch is checked against its own. */
function publicData(before: Order | null, event: OrderEvent): EventData[EventKind] {
  if (event.kind === 'accepted') return { ...specData(event.spec), summary: summaryOf(event.spec) }
  if (before === null) throw new Error(`${event.kind} cannot be the first event`)
  switch (event.kind) {
    case 'triggered':
      return triggeredData(before.spec, event)
    case 'activated':
      return { ...specData(event.spec), summary: summaryOf(event.spec) }
    case 'expired':
      return event.totals === null ? {} : totalsData(before.spec, event.totals)
    case 'completed':
      return totalsData(before.spec, event.totals)
    case 'routed':
      return routedData(before.spec, event)
    case 'submitted':
      return submittedData(before, event)
    case 'filled':
      return filledData(before, event)
    case 'retried':
      return retriedData(event)
    case 'rested':
      return restedData(event)
    case 'paused':
      return pausedData(event)
    case 'resumed':
      return byData(event)
    case 'amended':
      return amendedData(event)
    case 'failed':
      return {
        ...failureData(event.failure),
        attempts: before.attempt,
        reachedChain: before.reachedChain,
      } satisfies EventData['failed']
    case 'canceled':
      return byData(event)
  }
}

type Of<K extends EventKind> = Extract<EventDraft, { readonly kind: K }>

const submittedData = (
  before: Order,
  { swap: { signature, lastValidBlockHeight }, steps }: Of<'submitted'>,
) =>
  ({
    signature,
    txHash: signature,
    lastValidBlockHeight,
    steps,
    ...submittedRoute(before),
  }) satisfies EventData['submitted']

/** Empty for an order that waits for no price, sells all that it asked for, and buys what it named. */
const triggeredData = (spec: OrderSpec, { observations, amountIn, tokenOut }: Of<'triggered'>) => {
  const chosen = withChoice(spec, { amountIn, ...(tokenOut && { tokenOut }) })
  return {
    ...(observations.length === 0
      ? {}
      : { observations: observations.map((each) => observationData(chosen, each)) }),
    ...(amountIn === spec.amountIn
      ? {}
      : { amountIn: inTokens(amountIn, spec.tokenIn), amountInBase: amountIn.toString() }),
    ...(tokenOut === undefined
      ? {}
      : { tokenOut: tokenOut.symbol, tokenOutMint: tokenOut.mint, tokenOutDecimals: tokenOut.decimals }),
  } satisfies EventData['triggered']
}

/** What a source showed for the order: the price in the words of the order. */
const observationData = (spec: OrderSpec, { source, slot, at, amountOut }: Observation) => ({
  source,
  slot,
  at: new Date(at).toISOString(),
  price: priceText(spec, 'priceOf' in spec ? spec.priceOf : 'tokenIn', {
    numerator: amountOut,
    denominator: spec.amountIn,
  }),
  amountOut: inTokens(amountOut, spec.tokenOut),
  amountOutBase: amountOut.toString(),
})

const retriedData = ({ failure, retryAt, isStalled }: Of<'retried'>) =>
  ({
    ...failureData(failure),
    retryAt: new Date(retryAt).toISOString(),
    ...(isStalled ? { stalled: true as const } : {}),
  }) satisfies EventData['retried']

const restedData = ({ reason, wakeAt, memory, waiting, guardReport }: Of<'rested'>) =>
  ({
    ...(reason === null ? {} : failureData(reason)),
    wakeAt: wakeAt === null ? null : new Date(wakeAt).toISOString(),
    memory,
    ...(waiting === undefined ? {} : { waiting: waitData(waiting) }),
    ...(guardReport === undefined ? {} : { guardReport }),
  }) satisfies EventData['rested']

export const waitData = (wait: Wait) =>
  ({ ...wait, evaluatedAt: new Date(wait.evaluatedAt).toISOString() }) satisfies Waiting

const byData = ({ by }: Of<'canceled' | 'resumed'>) => ({ by }) satisfies EventData['canceled' | 'resumed']

const pausedData = ({ by, memory }: Of<'paused'>) => ({ by, memory }) satisfies EventData['paused']

const amendedData = ({ by, spec, memory }: Of<'amended'>) =>
  ({
    by,
    ...specData(spec),
    summary: summaryOf(spec),
    memory,
  }) satisfies EventData['amended']

// ---- reading back -------------------------------------------------------------------------------------------------

/** The order of a whole stored log; null for an empty one. Throws when the log is not what encodeEvent writes. */
export function replayLog(log: Iterable<LoggedEvent>): Order | null {
  let order: Order | null = null
  for (const logged of log) order = evolve(order, decodeEvent(order, logged))
  return order
}

/** The event of a log entry, which follows on `before`; of the venues' answers only the route is read back. */
export function decodeEvent(before: Order | null, logged: LoggedEvent): OrderEvent {
  const { orderId, seq, attempt, at } = logged
  return { orderId, seq, attempt, at, ...decodeDraft(before, logged) }
}

/** The data of an event as its writer left it; the log holds nothing else. */
const read = <T>({ data }: LoggedEvent): T => JSON.parse(data)

function decodeDraft(before: Order | null, logged: LoggedEvent): EventDraft {
  const { kind } = logged
  if (kind === 'accepted') return { kind, spec: decodeSpec(logged.orderId, read(logged)) }
  if (before === null) throw new Error(`${kind} cannot be the first event`)
  switch (kind) {
    case 'activated':
      return { kind, spec: decodeSpec(logged.orderId, read(logged)) }
    case 'triggered':
      return { kind, ...decodeTriggered(before.spec, logged) }
    case 'expired':
      return { kind, totals: logged.data === '{}' ? null : decodeTotals(read(logged)) }
    case 'completed':
      return { kind, totals: decodeTotals(read(logged)) }
    case 'routed':
      return { kind, answers: [], route: decodeRoute(before.spec, read(logged)) }
    case 'submitted':
      return { kind, ...decodeSubmitted(logged, read(logged)) }
    case 'filled':
      return { kind, fill: decodeFill(before.spec, read(logged)) }
    case 'retried': {
      const data = read<ReturnType<typeof retriedData>>(logged)
      const isStalled = data.stalled === true
      return { kind, failure: decodeFailure(data), retryAt: Date.parse(data.retryAt), isStalled }
    }
    case 'rested':
      return { kind, ...decodeRested(read(logged)) }
    case 'failed':
      return { kind, failure: decodeFailure(read(logged)) }
    case 'paused':
      return { kind, ...read<ReturnType<typeof pausedData>>(logged) }
    case 'resumed':
    case 'canceled':
      return { kind, by: read<ReturnType<typeof byData>>(logged).by }
    case 'amended': {
      const data = read<ReturnType<typeof amendedData>>(logged)
      return { kind, by: data.by, spec: decodeSpec(logged.orderId, data), memory: data.memory }
    }
  }
}

function decodeSubmitted({ wire, seq }: LoggedEvent, data: ReturnType<typeof submittedData>) {
  if (wire === null) throw new Error(`event ${seq} is submitted but holds no signed bytes`)
  const { signature, lastValidBlockHeight, steps } = data
  return { steps, swap: { signature, wire, lastValidBlockHeight } }
}

function decodeTriggered(spec: OrderSpec, logged: LoggedEvent) {
  const { observations = [], amountInBase, ...chosen } = read<ReturnType<typeof triggeredData>>(logged)
  return {
    ...(chosen.tokenOutMint === undefined ? {} : { tokenOut: chosenToken(chosen) }),
    amountIn: amountInBase === undefined ? spec.amountIn : amount(amountInBase),
    observations: observations.map(({ source, slot, at, amountOutBase }) => ({
      source,
      slot,
      at: Date.parse(at),
      amountOut: amount(amountOutBase),
    })),
  }
}

const chosenToken = (data: ReturnType<typeof triggeredData>): Token => ({
  symbol: stored(data.tokenOut, 'tokenOut'),
  mint: stored(data.tokenOutMint, 'tokenOutMint'),
  decimals: stored(data.tokenOutDecimals, 'tokenOutDecimals'),
})

const decodeFailure = ({ failure: { code, detail } }: ReturnType<typeof failureData>): Failure => ({
  code,
  detail,
})

const decodeRested = (data: ReturnType<typeof restedData>) => ({
  reason: data.failure === undefined ? null : decodeFailure({ failure: data.failure }),
  wakeAt: data.wakeAt === null ? null : Date.parse(data.wakeAt),
  memory: data.memory,
  ...(data.waiting === undefined
    ? {}
    : { waiting: { ...data.waiting, evaluatedAt: Date.parse(data.waiting.evaluatedAt) } }),
  ...(data.guardReport === undefined ? {} : { guardReport: data.guardReport }),
})
