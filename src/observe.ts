// Owns what can be known from outside: one function per thing worth knowing, which logs it and counts it.

import type { Logger } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Backlog, Overload } from './domain/admission.ts'
import type { Breaker } from './domain/breaker.ts'
import type { LoggedEvent } from './domain/eventCodec.ts'
import { isOpenStatus } from './domain/lifecycle.ts'
import type { Order, OrderId } from './domain/order.ts'
import type { ReportedFill } from './domain/ports/orders.ts'
import type { TradingState } from './domain/ports/trading.ts'
import type { VenueAnswer, VenueName } from './domain/route.ts'
import { cureOf, kindOf } from './observe/faultKinds.ts'
import { openReports } from './observe/throttle.ts'
import type { Clock } from './timing/clock.ts'

export type Observe = ReturnType<typeof createObserve>

/** Of an error, what tells its kind and place. Drivers keep the command that failed in it, passwords included. */
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

/** What admission decides by. */
type Load = Backlog & { readonly waiting: number; readonly limit: number; readonly oldestMs: number }

function loadGauges(registry: Registry) {
  const gauge = (name: string, help: string) => new Gauge({ registers: [registry], name, help })
  return {
    waiting: gauge('oee_orders_waiting', 'Orders that wait for their answer.'),
    limit: gauge('oee_orders_waiting_limit', 'Orders that may wait for their answer at once, as of now.'),
    answerWait: gauge('oee_answer_wait_seconds', 'How long the oldest order has waited for its answer.'),
    open: gauge('oee_orders_open', 'Orders that have not ended, in all processes.'),
    queueAge: gauge('oee_queue_age_seconds', 'How long accepted orders wait for a worker, in all processes.'),
  }
}

export function createObserve(logger: Logger, clock: Clock) {
  const log = logger.child({}, { serializers: { err: errorFields } })
  const reports = openReports(log, clock)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'oee_' })
  const metrics = { registers: [registry] }
  const events = new Counter({
    ...metrics,
    name: 'oee_order_events_total',
    help: 'Order events made durable by this process.',
    labelNames: ['kind'],
  })
  const closed = new Counter({
    ...metrics,
    name: 'oee_orders_closed_total',
    help: 'Orders that this process brought to their end.',
    labelNames: ['status'],
  })
  const duration = new Histogram({
    ...metrics,
    name: 'oee_order_duration_seconds',
    help: 'Time from acceptance to the end of an order.',
    labelNames: ['status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
  })
  const quotes = new Histogram({
    ...metrics,
    name: 'oee_venue_answer_seconds',
    help: 'Time a venue took to answer, and how it ended.',
    labelNames: ['venue', 'outcome'],
    buckets: [0.001, 0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  })
  const breakers = new Gauge({
    ...metrics,
    name: 'oee_venue_breaker',
    help: 'Circuit breaker of a venue: 0 closed, 1 half open, 2 open.',
    labelNames: ['venue'],
  })
  const denials = new Counter({
    ...metrics,
    name: 'oee_requests_denied_total',
    help: 'Requests answered with a problem.',
    labelNames: ['code'],
  })
  const refusals = new Counter({
    ...metrics,
    name: 'oee_orders_refused_total',
    help: 'Orders refused because of overload, by what there was too much of.',
    labelNames: ['cause'],
  })
  const droppedConnections = new Counter({
    ...metrics,
    name: 'oee_connections_dropped_total',
    help: 'Connections closed at once because there were too many.',
  })
  const load = loadGauges(registry)
  const faults = new Counter({
    ...metrics,
    name: 'oee_faults_total',
    help: 'Faults of the outside world that the engine rode out.',
    labelNames: ['part'],
  })
  const staleAppends = new Counter({
    ...metrics,
    name: 'oee_stale_appends_total',
    help: 'Appends refused because another writer was first, or the order a repeat.',
  })
  const rung = new Counter({
    ...metrics,
    name: 'oee_overdue_orders_total',
    help: 'Orders that the sweep rang for.',
  })
  const rebroadcasts = new Counter({
    ...metrics,
    name: 'oee_rebroadcasts_total',
    help: 'Swaps sent once more.',
  })
  const fillsRolledBack = new Counter({
    ...metrics,
    name: 'oee_fills_rolled_back_total',
    help: 'Fills that a fork undid after they were confirmed. Anything but 0 needs an operator.',
    labelNames: ['outcome'],
  })
  const sockets = new Gauge({
    ...metrics,
    name: 'oee_streams_open',
    help: 'Open order streams.',
    labelNames: ['via'],
  })

  /** What an operator must look at, counted since the start of this process. */
  const alerts = { fills_rolled_back: 0 }
  const halted = new Gauge({
    ...metrics,
    name: 'oee_trading_halted',
    help: '1 while trading is halted, as far as this process knows.',
  })

  function fault(part: string, error: unknown, level: 'warn' | 'error', text: string, more: object): void {
    faults.inc({ part })
    const fields = { ...more, err: error }
    reports.say({ part, kind: kindOf(error), level, text, cure: cureOf(part, error), fields })
  }

  return {
    registry,
    alerts,

    /** An event has become durable. Each is reported once, by the process that wrote it. */
    event(event: LoggedEvent, after: Order) {
      events.inc({ kind: event.kind })
      const isClosed = !isOpenStatus(event.status)
      const fields = { orderId: event.orderId, seq: event.seq, kind: event.kind, attempt: event.attempt }
      if (!isClosed && event.kind !== 'retried') return log.debug(fields, 'order event')
      if (isClosed) {
        closed.inc({ status: event.status })
        duration.observe({ status: event.status }, (event.at - after.createdAt) / 1_000)
      }
      const failure = after.failedAttempts.at(-1)?.failure
      log.info({ ...fields, status: event.status, ...(failure && { failure }) }, 'order event')
    },
    venueAnswered(answer: VenueAnswer) {
      const outcome = 'refusal' in answer ? answer.refusal.code : 'quoted'
      quotes.observe({ venue: answer.venue, outcome }, answer.latencyMs / 1_000)
    },
    /** A venue's circuit breaker has come into another state; `before` is null at the start. */
    breaker(venue: VenueName, { state, ...more }: Breaker, before: Breaker | null) {
      breakers.set({ venue }, { closed: 0, half_open: 1, open: 2 }[state])
      if (before === null) return
      const why = 'why' in more ? { why: more.why } : {}
      const fields = { venue, state, ...why }
      const kind = `${venue} ${state}`
      if (state === 'half_open') log.debug(fields, 'venue is tried')
      else if (state === 'open')
        reports.say({ part: 'venue', kind, level: 'warn', text: 'venue is left alone', fields })
      else reports.say({ part: 'venue', kind, level: 'info', text: 'venue is asked again', fields })
    },
    staleAppend(orderId: OrderId) {
      staleAppends.inc()
      log.debug({ orderId }, 'another writer was first')
    },
    /** A step threw where a port's contract allows no throw; the order is tried again. */
    stepFailed(orderId: OrderId, error: unknown) {
      fault('step', error, 'error', 'a step of an order failed', { orderId })
    },
    /** Something outside is in trouble. Nothing is lost by it. */
    fault(part: 'store' | 'queue' | 'chain' | 'venue' | 'sweep', error: unknown) {
      fault(part, error, 'warn', 'fault outside the engine', { part })
    },
    overdue(ids: readonly OrderId[]) {
      if (ids.length === 0) return
      rung.inc(ids.length)
      const fields = { orders: ids.length }
      const text = 'sweep found overdue orders'
      reports.say({ part: 'sweep', kind: 'overdue orders', level: 'info', text, fields, times: ids.length })
    },
    rebroadcast(orderId: OrderId) {
      rebroadcasts.inc()
      log.debug({ orderId }, 'swap sent again')
    },
    /** A fill is not where it was confirmed. Nothing is proven yet: the node may lag. */
    fillMissing(orderId: OrderId) {
      log.warn({ orderId }, 'a fill is not seen any more; its swap is sent again')
    },
    /** Proven: a fork undid a fill that was told. `landedAgain` is the slot in which its swap landed after all, or null. */
    fillRolledBack(fill: ReportedFill, landedAgain: number | null) {
      const { orderId, signature, slot } = fill
      fillsRolledBack.inc({ outcome: landedAgain === null ? 'lost' : 'landed_again' })
      alerts.fills_rolled_back += 1
      log.error(
        { alert: 'fills_rolled_back', orderId, signature, slot, landedAgain },
        'a fill was rolled back',
      )
    },
    denied(code: string, requestId: string) {
      denials.inc({ code })
      log.debug({ code, requestId }, 'request denied')
    },
    orderRefused: (cause: Overload['cause']) => refusals.inc({ cause }),
    connectionDropped: () => droppedConnections.inc(),
    /** How much waits now. */
    load({ waiting, limit, oldestMs, open, queueAgeMs }: Load) {
      load.waiting.set(waiting)
      load.limit.set(limit)
      load.answerWait.set(oldestMs / 1_000)
      load.open.set(open)
      load.queueAge.set(queueAgeMs / 1_000)
    },
    requestFailed(requestId: string, error: unknown) {
      fault('http', error, 'error', 'a request failed', { requestId })
    },
    tradingChanged({ state, changedBy }: TradingState) {
      halted.set(state === 'halted' ? 1 : 0)
      log.warn({ state, changedBy }, 'trading switched')
    },
    streamOpened: (via: 'websocket' | 'sse') => sockets.inc({ via }),
    streamClosed: (via: 'websocket' | 'sse') => sockets.dec({ via }),
    started: (fields: object) => log.info(fields, 'engine started'),
    stopping: (reason: string) => log.info({ reason }, 'engine stopping'),
    close: reports.close,
  }
}
