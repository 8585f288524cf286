// Owns the metrics of this process: their names, labels and help texts. docs/operations.md has the table.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'oee_' })
  return {
    registry,
    ...orderMetrics(registry),
    ...venueMetrics(registry),
    ...requestMetrics(registry),
    ...loadMetrics(registry),
    ...faultMetrics(registry),
  }
}

const counter = <Label extends string>(of: Registry, name: string, help: string, ...labelNames: Label[]) =>
  new Counter({ registers: [of], name, help, labelNames })

const gauge = <Label extends string>(of: Registry, name: string, help: string, ...labelNames: Label[]) =>
  new Gauge({ registers: [of], name, help, labelNames })

function orderMetrics(of: Registry) {
  return {
    events: counter(of, 'oee_order_events_total', 'Order events that this process made durable.', 'kind'),
    closed: counter(of, 'oee_orders_closed_total', 'Orders that this process closed.', 'status'),
    duration: new Histogram({
      registers: [of],
      name: 'oee_order_duration_seconds',
      help: 'Time from the acceptance of an order to its end.',
      labelNames: ['status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    }),
    staleAppends: counter(
      of,
      'oee_stale_appends_total',
      'Appends that lost the race for a seq, or repeated an order.',
    ),
    overdue: counter(of, 'oee_overdue_orders_total', 'Overdue orders that the sweep rang for.'),
    rebroadcasts: counter(of, 'oee_rebroadcasts_total', 'Swaps sent again.'),
    fillsRolledBack: counter(
      of,
      'oee_fills_rolled_back_total',
      'Fills that a fork undid after they were confirmed. Anything but 0 needs an operator.',
      'outcome',
    ),
    stalled: counter(
      of,
      'oee_stalled_exits_total',
      'Failed attempts of exits, from the third on: retried events that say stalled.',
    ),
    unevaluated: gauge(
      of,
      'oee_resting_unevaluated_seconds',
      'Time since this process last judged the resting orders of a pair.',
      'pair',
    ),
    halted: gauge(of, 'oee_trading_halted', '1 while trading is halted, as far as this process knows.'),
    entriesHalted: gauge(of, 'oee_entries_halted', '1 while entries are halted, exits with them or not.'),
  }
}

function venueMetrics(of: Registry) {
  return {
    venueAnswers: new Histogram({
      registers: [of],
      name: 'oee_venue_answer_seconds',
      help: 'Time that a venue took to answer, by the outcome.',
      labelNames: ['venue', 'outcome'],
      buckets: [0.001, 0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    }),
    breakers: gauge(
      of,
      'oee_venue_breaker',
      'Circuit breaker of a venue: 0 closed, 1 half open, 2 open.',
      'venue',
    ),
  }
}

function requestMetrics(of: Registry) {
  return {
    denied: counter(
      of,
      'oee_requests_denied_total',
      'Requests answered with a problem, by its code.',
      'code',
    ),
    ordersDenied: counter(
      of,
      'oee_orders_denied_total',
      'Orders denied because of overload, by what was too much.',
      'cause',
    ),
    connectionsDropped: counter(
      of,
      'oee_connections_dropped_total',
      'Connections closed at once because too many were open.',
    ),
    streams: gauge(of, 'oee_streams_open', 'Open order streams.', 'via'),
  }
}

/** The inputs of admission control. */
function loadMetrics(of: Registry) {
  return {
    waiting: gauge(of, 'oee_orders_waiting', 'New orders that wait for their answer.'),
    waitingLimit: gauge(
      of,
      'oee_orders_waiting_limit',
      'The present limit of orders that wait for their answer.',
    ),
    answerWait: gauge(
      of,
      'oee_answer_wait_seconds',
      'How long the oldest new order has waited for its answer.',
    ),
    open: gauge(of, 'oee_orders_open', 'Open orders that do not rest, in all processes.'),
    queueAge: gauge(
      of,
      'oee_queue_age_seconds',
      'How long accepted orders wait for a worker, in all processes.',
    ),
  }
}

function faultMetrics(of: Registry) {
  return {
    faults: counter(of, 'oee_faults_total', 'Faults of the outside world that the engine survived.', 'part'),
  }
}
