// Owns the routes for monitoring: liveness, readiness, metrics.

import Type from 'typebox'
import type { Clock } from '../../timing/clock.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { open } from '../schemas/eventSchemas.ts'

const Alive = Type.Object({ status: Type.String() }, open)
const Part = Type.Object({ ok: Type.Boolean(), ms: Type.Number() }, open)
const Readiness = Type.Object({ status: Type.String(), parts: Type.Record(Type.String(), Part) }, open)

/** A part that is slower counts as down: a load balancer must not wait for it. */
const PING_TIMEOUT_MS = 1_000

export function healthRoutes(app: Routes, deps: HttpDeps, isStopping: { readonly value: boolean }): void {
  const { clock, observe } = deps
  // A store that answers reads may still refuse writes: a full disk, a replica. Only both together are ready.
  const { queue, ...orders } = deps.orders
  const store = { ping: () => orders.store.ping().then(orders.writability.ping) }

  app.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: { summary: 'Whether the process runs.', response: { 200: Alive } },
    },
    async () => ({ status: 'ok' }),
  )

  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        summary:
          'Whether the process takes work: store, queue and chain answer in time, and the first two take writes.',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const asked = Object.entries({ store, queue, chain: deps.market.chain })
      const parts = await Promise.all(
        asked.map(async ([name, part]) => [name, await check(part, clock)] as const),
      )
      const isReady = !isStopping.value && parts.every(([, { ok }]) => ok)
      reply.code(isReady ? 200 : 503)
      const status = isStopping.value ? 'stopping' : isReady ? 'ready' : 'not ready'
      return { status, parts: Object.fromEntries(parts), alerts: observe.alerts }
    },
  )

  // Aggregates over all owners: any key that may read may see them.
  app.get(
    '/metrics',
    { config: { access: 'read' }, schema: { summary: 'Prometheus metrics.' } },
    async (_request, reply) =>
      reply.type(observe.registry.contentType).send(await observe.registry.metrics()),
  )
}

/** Never rejects: a part that fails is a figure in the answer. */
async function check(part: { ping(): Promise<void> }, clock: Clock) {
  const askedAt = clock.now()
  const ok = await new Promise<boolean>((resolve) => {
    const cancel = clock.after(PING_TIMEOUT_MS, () => resolve(false))
    const ping = async () => part.ping()
    ping()
      .then(
        () => resolve(true),
        () => resolve(false),
      )
      .finally(cancel)
  })
  return { ok, ms: clock.now() - askedAt }
}
