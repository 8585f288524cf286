// Owns the routes of what goes wrong in a simulated world: faults, forks, the end of a process; and the audit that shows that
// no order is lost or doubled by it.

import { auditOrders } from '../../commands/auditOrders.ts'
import type { Audit } from '../../domain/audit.ts'
import type { Simulation } from '../../domain/ports/simulation.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { denied, type FieldError, Problem } from '../problems.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import {
  AuditView,
  FaultsRequest,
  FaultsView,
  ForkPlanned,
  ProcessKilled,
  ProcessParams,
} from '../schemas/simulationSchemas.ts'

const problems = { '4xx': ProblemBody, '5xx': ProblemBody }

export function faultRoutes(app: Routes, deps: HttpDeps, simulation: Simulation): void {
  faultsRoutes(app, simulation)
  forksRoute(app, simulation)
  processesRoute(app, deps)
  auditRoute(app, deps, simulation)
}

const NOTHING_NAMED: FieldError = {
  field: 'venues',
  code: 'missing_field',
  detail: 'nothing is to be changed',
}

function faultsRoutes(app: Routes, simulation: Simulation): void {
  const url = '/api/simulation/faults'
  app.get(
    url,
    {
      config: { access: 'read' },
      schema: {
        summary: 'What goes wrong in the simulated world now.',
        response: { 200: FaultsView, ...problems },
      },
    },
    async () => simulation.faults(),
  )

  app.patch(
    url,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Let something go wrong, in every process within a second, or end it. Outlives restarts.',
        body: FaultsRequest,
        response: { 200: FaultsView, ...problems },
      },
    },
    async ({ body }) => {
      if (Object.keys(body).length === 0) throw denied([NOTHING_NAMED])
      return simulation.setFaults(body)
    },
  )

  app.delete(
    url,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Go back to the faults of the settings.',
        response: { 200: FaultsView, ...problems },
      },
    },
    async () => simulation.resetFaults(),
  )
}

function forksRoute(app: Routes, simulation: Simulation): void {
  app.post(
    '/api/simulation/forks',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Fork the simulated chain: its last blocks, and what landed in them, never were.',
        response: { 200: ForkPlanned, ...problems },
      },
    },
    async () => {
      const slot = await simulation.fork()
      if (slot === null) throw new Problem('no_forks')
      return { slot }
    },
  )
}

function processesRoute(app: Routes, { processes }: HttpDeps): void {
  app.delete(
    '/api/simulation/processes/:id',
    {
      config: { access: 'admin' },
      schema: {
        summary: 'End a process at once, as kill -9 does. Starting it again is up to its supervisor.',
        params: ProcessParams,
        response: { 202: ProcessKilled, ...problems },
      },
    },
    async ({ params: { id } }, reply) => {
      if (!processes.list().some((process) => process.id === id)) throw new Problem('not_found')
      // The process that answers may be the one that ends: the answer goes first.
      reply.raw.once('finish', () => processes.kill(id))
      return reply.code(202).send({ processId: id })
    },
  )
}

const MAX_AUDITED = 10_000
/** However many ask, the audit is made no more often. */
const AUDIT_EVERY_MS = 5_000

function auditRoute(app: Routes, { orders, clock }: HttpDeps, simulation: Simulation): void {
  let last: { readonly at: number; readonly audit: Promise<Audit> } | null = null

  function auditNow() {
    if (last === null || clock.now() - last.at > AUDIT_EVERY_MS) {
      const audit = auditOrders(MAX_AUDITED, { store: orders.store, simulation, clock })
      last = { at: clock.now(), audit }
      audit.catch(() => {
        last = null
      })
    }
    return last
  }

  app.get(
    '/api/simulation/audit',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Orders beside the ledger of the simulated chain: how many are lost, how many doubled.',
        response: { 200: AuditView, ...problems },
      },
    },
    async () => {
      const { at, audit } = auditNow()
      return { ...(await audit), at: new Date(at).toISOString() }
    },
  )
}
