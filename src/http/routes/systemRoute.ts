// Owns the route of the system: how the engine runs, as the process that answers and the store know it. Asked every few
// seconds by each open console, so it reads what is in memory.

import Type from 'typebox'
import { processRoles, type RunningProcess, type VenueHealth } from '../../domain/ports/processes.ts'
import { tradingStates } from '../../domain/roles.ts'
import { venueNames } from '../../domain/route.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import { open, Timestamp } from '../schemas/eventSchemas.ts'
import { described } from '../schemas/fieldSchemas.ts'

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()])

const VenueHealthView = Type.Object(
  {
    venue: Type.Enum([...venueNames]),
    breaker: Type.Enum(['closed', 'open', 'half_open']),
    since: Type.Union([Timestamp], described('When the breaker came into that state.')),
    latencyMs: nullable(Type.Integer(described('Of the last answer; null before the first.'))),
    lastFailure: nullable(Type.Object({ at: Timestamp, detail: Type.String() }, open)),
  },
  open,
)

const ProcessView = Type.Object(
  {
    processId: Type.String(),
    role: Type.Enum([...processRoles]),
    version: Type.String(),
    startedAt: Timestamp,
    seenAt: Type.Union([Timestamp], described('When it last reported: every two seconds.')),
    streams: Type.Integer(described('Open WebSockets and server-sent event streams.')),
    venues: Type.Array(VenueHealthView, described('As this process sees them: each asks for itself.')),
  },
  open,
)

const SystemView = Type.Object(
  {
    mode: Type.Enum(['simulated', 'live']),
    runtime: Type.Enum(['embedded', 'distributed']),
    trading: Type.Enum([...tradingStates]),
    version: Type.String(),
    queue: Type.Object(
      {
        depth: Type.Integer(described('Orders that no worker has taken yet.')),
        oldestMs: Type.Integer(described('How long accepted orders wait for a worker.')),
      },
      open,
    ),
    orders: Type.Object(
      {
        working: Type.Integer(described('Open orders that do not rest, of all keys.')),
        resting: Type.Integer(described('Orders that wait for a price or a time, of all keys.')),
      },
      open,
    ),
    processes: Type.Array(ProcessView, described('The one that answers first.')),
  },
  open,
)

export function systemRoute(app: Routes, { orders, market, admission, processes, ...deps }: HttpDeps): void {
  app.get(
    '/api/system',
    {
      // Aggregates over all owners, as in /metrics: any key that may read may see them.
      config: { access: 'read' },
      schema: {
        summary: 'Mode, trading switch, queue, open orders, and each process with its view of the venues.',
        response: { 200: SystemView, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async () => {
      const { queued, queueAgeMs, open: working } = admission.backlog()
      return {
        mode: market.simulation === null ? ('live' as const) : ('simulated' as const),
        runtime: deps.runtime,
        trading: orders.trading.state().state,
        version: deps.version,
        queue: { depth: queued, oldestMs: Math.round(queueAgeMs) },
        orders: { working, resting: await orders.store.resting.count(orders.maxRestingOrders) },
        processes: processes.list().map(processView),
      }
    },
  )
}

const iso = (at: number) => new Date(at).toISOString()

const processView = ({ id, role, version, startedAt, seenAt, streams, venues }: RunningProcess) => ({
  processId: id,
  role,
  version,
  startedAt: iso(startedAt),
  seenAt: iso(seenAt),
  streams,
  venues: venues.map(venueView),
})

const venueView = ({ venue, breaker, since, latencyMs, lastFailure }: VenueHealth) => ({
  venue,
  breaker,
  since: iso(since),
  latencyMs,
  lastFailure: lastFailure === null ? null : { at: iso(lastFailure.at), detail: lastFailure.why },
})
