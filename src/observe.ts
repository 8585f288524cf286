// Owns observability: one function per thing worth knowing, which logs it and counts it.

import type { Logger } from 'pino'
import type { Backlog, Overload } from './domain/admission.ts'
import type { Breaker } from './domain/breaker.ts'
import type { LoggedEvent } from './domain/eventCodec.ts'
import { isOpenStatus } from './domain/lifecycle.ts'
import type { Order } from './domain/order.ts'
import type { ReportedFill } from './domain/ports/orders.ts'
import type { TradingState } from './domain/ports/trading.ts'
import type { VenueAnswer, VenueName } from './domain/route.ts'
import type { OrderId } from './domain/spec.ts'
import { cureOf, kindOf } from './observe/faultKinds.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { openThrottledLog, type ThrottledLog } from './observe/throttle.ts'
import type { Clock, Millis } from './timing/clock.ts'

export type Observe = ReturnType<typeof createObserve>

/** What every report needs; `throttled` logs what may repeat a thousand times a second. */
type Outlets = { readonly log: Logger; readonly throttled: ThrottledLog; readonly metrics: Metrics }

/** The inputs of admission control. */
type Load = Backlog & { readonly waiting: number; readonly limit: number; readonly oldestMs: number }

export function createObserve(logger: Logger, clock: Clock) {
  const log = logger.child({}, { serializers: { err: errorFields } })
  const throttled = openThrottledLog(log, clock)
  const metrics = createMetrics()
  const outlets = { log, throttled, metrics }
  return {
    registry: metrics.registry,
    ...orderReports(outlets),
    ...restingReports(outlets),
    ...fillReports(outlets),
    ...venueReports(outlets),
    ...requestReports(outlets),
    ...faultReports(outlets),
    tradingChanged({ state, changedBy }: TradingState) {
      metrics.halted.set(state === 'halted' ? 1 : 0)
      metrics.entriesHalted.set(state === 'active' ? 0 : 1)
      log.warn({ state, changedBy }, 'trading switched')
    },
    started: (fields: object) => log.info(fields, 'engine started'),
    stopping: (reason: string) => log.info({ reason }, 'engine stopping'),
    close: throttled.close,
  }
}

function orderReports({ log, throttled, metrics }: Outlets) {
  return {
    /** An event has become durable. Each is reported once, by the process that wrote it. */
    event(event: LoggedEvent, after: Order) {
      metrics.events.inc({ kind: event.kind })
      if (event.kind === 'retried' && JSON.parse(event.data).stalled === true) metrics.stalled.inc()
      const isClosed = !isOpenStatus(event.status)
      const fields = { orderId: event.orderId, seq: event.seq, kind: event.kind, attempt: event.attempt }
      if (!isClosed && event.kind !== 'retried') return log.debug(fields, 'order event')
      if (isClosed) {
        metrics.closed.inc({ status: event.status })
        metrics.duration.observe({ status: event.status }, (event.at - after.createdAt) / 1_000)
      }
      const failure = after.failedAttempts.at(-1)?.failure
      log.info({ ...fields, status: event.status, ...(failure && { failure }) }, 'order event')
    },
    staleAppend(orderId: OrderId) {
      metrics.staleAppends.inc()
      log.debug({ orderId }, 'another writer was first')
    },
    overdue(ids: readonly OrderId[]) {
      if (ids.length === 0) return
      metrics.overdue.inc(ids.length)
      const fields = { orders: ids.length }
      const text = 'sweep found overdue orders'
      throttled.report({
        part: 'sweep',
        kind: 'overdue orders',
        level: 'info',
        text,
        fields,
        times: ids.length,
      })
    },
    rebroadcast(orderId: OrderId) {
      metrics.rebroadcasts.inc()
      log.debug({ orderId }, 'swap sent again')
    },
  }
}

/** Pairs with a label of their own; the others share one. */
const MAX_PAIRS = 50

function restingReports({ metrics }: Outlets) {
  return {
    /** For how long the resting orders of each pair have not been evaluated by this process. */
    unevaluated(ages: ReadonlyMap<string, Millis>) {
      metrics.unevaluated.reset()
      const longest = [...ages].sort(([, a], [, b]) => b - a)
      for (const [i, [pair, age]] of longest.entries()) {
        if (i < MAX_PAIRS) metrics.unevaluated.set({ pair }, age / 1_000)
      }
      const next = longest[MAX_PAIRS]
      if (next !== undefined) metrics.unevaluated.set({ pair: 'others' }, next[1] / 1_000)
    },
  }
}

function fillReports({ log, metrics }: Outlets) {
  /** What an operator must look at, counted since the start of this process. */
  const alerts = { fills_rolled_back: 0 }
  return {
    alerts,
    /** A fill is not where it was confirmed. Nothing is proven yet: the node may lag. */
    fillMissing(orderId: OrderId) {
      log.warn({ orderId }, 'a fill is not seen any more; its swap is sent again')
    },
    /** Proven: a fork undid a reported fill. `landedAgain` is the slot in which its swap landed after all, or null. */
    fillRolledBack(fill: ReportedFill, landedAgain: number | null) {
      const { orderId, signature, slot } = fill
      metrics.fillsRolledBack.inc({ outcome: landedAgain === null ? 'lost' : 'landed_again' })
      alerts.fills_rolled_back += 1
      log.error(
        { alert: 'fills_rolled_back', orderId, signature, slot, landedAgain },
        'a fill was rolled back',
      )
    },
  }
}

function venueReports({ log, throttled, metrics }: Outlets) {
  return {
    venueAnswered(answer: VenueAnswer) {
      const outcome = 'refusal' in answer ? answer.refusal.code : 'quoted'
      metrics.venueAnswers.observe({ venue: answer.venue, outcome }, answer.latencyMs / 1_000)
    },
    /** The circuit breaker of a venue has changed its state; `before` is null at the start. */
    breaker(venue: VenueName, { state, ...more }: Breaker, before: Breaker | null) {
      metrics.breakers.set({ venue }, { closed: 0, half_open: 1, open: 2 }[state])
      if (before === null) return
      const why = 'why' in more ? { why: more.why } : {}
      const fields = { venue, state, ...why }
      const kind = `${venue} ${state}`
      if (state === 'half_open') log.debug(fields, 'venue is tried')
      else if (state === 'open')
        throttled.report({ part: 'venue', kind, level: 'warn', text: 'venue is left alone', fields })
      else throttled.report({ part: 'venue', kind, level: 'info', text: 'venue is asked again', fields })
    },
  }
}

function requestReports({ log, metrics }: Outlets) {
  let streams = 0
  return {
    /** Open streams, over either carrier. */
    openStreams: () => streams,
    denied(code: string, requestId: string) {
      metrics.denied.inc({ code })
      log.debug({ code, requestId }, 'request denied')
    },
    orderRefused: (cause: Overload['cause']) => metrics.ordersDenied.inc({ cause }),
    connectionDropped: () => metrics.connectionsDropped.inc(),
    load({ waiting, limit, oldestMs, open, queueAgeMs }: Load) {
      metrics.waiting.set(waiting)
      metrics.waitingLimit.set(limit)
      metrics.answerWait.set(oldestMs / 1_000)
      metrics.open.set(open)
      metrics.queueAge.set(queueAgeMs / 1_000)
    },
    streamOpened(via: 'websocket' | 'sse') {
      streams += 1
      metrics.streams.inc({ via })
    },
    streamClosed(via: 'websocket' | 'sse') {
      streams -= 1
      metrics.streams.dec({ via })
    },
  }
}

function faultReports({ throttled, metrics }: Outlets) {
  function fault(part: string, error: unknown, level: 'warn' | 'error', text: string, more: object): void {
    metrics.faults.inc({ part })
    const fields = { ...more, err: error }
    throttled.report({ part, kind: kindOf(error), level, text, cure: cureOf(part, error), fields })
  }
  return {
    /** The outside world misbehaves. Nothing is lost by it. */
    fault(part: 'store' | 'queue' | 'chain' | 'venue' | 'market' | 'sweep', error: unknown) {
      fault(part, error, 'warn', 'fault outside the engine', { part })
    },
    /** A step threw where a port's contract allows no throw. The order is tried again. */
    stepFailed(orderId: OrderId, error: unknown) {
      fault('step', error, 'error', 'a step of an order failed', { orderId })
    },
    requestFailed(requestId: string, error: unknown) {
      fault('http', error, 'error', 'a request failed', { requestId })
    },
  }
}

/** The kind and place of an error, and no other property: drivers keep the failed command in theirs, passwords included. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause } = error
  const { code } = error as Error & { readonly code?: unknown }
  return {
    type: name,
    message,
    stack,
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause: errorFields(cause) }),
    ...(error instanceof AggregateError ? { errors: error.errors.map(errorFields) } : {}),
  }
}
