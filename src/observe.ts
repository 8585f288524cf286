// Owns what can be known from outside: one function per thing worth knowing, which logs it and counts it.

import type { Logger } from 'pino'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { LoggedEvent } from './domain/eventCodec.ts'
import { isOpenStatus } from './domain/lifecycle.ts'
import type { Order, OrderId, VenueAnswer } from './domain/order.ts'

export type Observe = ReturnType<typeof createObserve>

export function createObserve(log: Logger) {
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
  const denials = new Counter({
    ...metrics,
    name: 'oee_requests_denied_total',
    help: 'Requests answered with a problem.',
    labelNames: ['code'],
  })
  const faults = new Counter({
    ...metrics,
    name: 'oee_faults_total',
    help: 'Faults of the outside world that the engine rode out.',
    labelNames: ['part'],
  })
  const staleAppends = new Counter({
    ...metrics,
    name: 'oee_stale_appends_total',
    help: 'Appends refused because another writer was first.',
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
  const sockets = new Gauge({
    ...metrics,
    name: 'oee_streams_open',
    help: 'Open order streams.',
    labelNames: ['via'],
  })

  return {
    registry,

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
    staleAppend(orderId: OrderId) {
      staleAppends.inc()
      log.debug({ orderId }, 'another writer was first')
    },
    /** A step threw where a port's contract allows no throw; the order is tried again. */
    stepFailed(orderId: OrderId, error: unknown) {
      faults.inc({ part: 'step' })
      log.error({ orderId, err: error }, 'a step of an order failed')
    },
    /** Something outside is in trouble. Nothing is lost by it. */
    fault(part: 'store' | 'queue' | 'chain' | 'venue' | 'sweep', error: unknown) {
      faults.inc({ part })
      log.warn({ part, err: error }, 'fault outside the engine')
    },
    overdue(ids: readonly OrderId[]) {
      if (ids.length === 0) return
      rung.inc(ids.length)
      log.info({ orders: ids.length }, 'sweep found overdue orders')
    },
    rebroadcast(orderId: OrderId) {
      rebroadcasts.inc()
      log.debug({ orderId }, 'swap sent again')
    },
    denied(code: string, requestId: string) {
      denials.inc({ code })
      log.debug({ code, requestId }, 'request denied')
    },
    requestFailed(requestId: string, error: unknown) {
      faults.inc({ part: 'http' })
      log.error({ requestId, err: error }, 'a request failed')
    },
    streamOpened: (via: 'websocket' | 'sse') => sockets.inc({ via }),
    streamClosed: (via: 'websocket' | 'sse') => sockets.dec({ via }),
    started: (fields: object) => log.info(fields, 'engine started'),
    stopping: (reason: string) => log.info({ reason }, 'engine stopping'),
  }
}
