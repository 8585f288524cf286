// Owns one engine process of a run: the real worker, landings and sweep over ports that the scheduler steers.
import { pino } from 'pino'
import type { OrderId } from '../../src/domain/order.ts'
import type { Chain, OrderQueue, OrderStore, Venue } from '../../src/domain/ports.ts'
import { createObserve, type Observe } from '../../src/observe.ts'
import { openLandings } from '../../src/workers/landings.ts'
import { openOrderWorker } from '../../src/workers/orderWorker.ts'
import { startSweep } from '../../src/workers/sweep.ts'
import { SLOT_MS } from './chain.ts'
import type { Life } from './world.ts'

export const LEASE_MS = 2_000
const SWEEP_MS = 1_000

export type Ports = {
  readonly store: OrderStore
  readonly queue: OrderQueue
  readonly chain: Chain
  readonly venues: readonly Venue[]
}

export type EngineProcess = Ports & { readonly life: Life }

const silent = createObserve(pino({ level: 'silent' }))

/** `onDefect` is told of what no fault of the outside world explains. */
export function startProcess(
  life: Life,
  ports: Ports,
  alone: boolean,
  onDefect: (orderId: OrderId, error: unknown) => void,
): EngineProcess {
  const observe: Observe = { ...silent, stepFailed: onDefect }
  const { clock } = life
  const deps = {
    ...ports,
    clock,
    observe,
    random: { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) },
    retry: { maxAttempts: 3, backoffMs: 500, jitter: 0.2 },
    quoteTimeoutMs: 1_000,
    quoteMaxAgeMs: 2_000,
    routing: { maxLegs: 2, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' },
    landingPollMs: SLOT_MS,
    rebroadcastMs: 2 * SLOT_MS,
  }
  const landings = openLandings(deps)
  const processRing = openOrderWorker({ ...deps, landings })
  ports.queue.work(processRing)
  startSweep(processRing, { store: ports.store, clock, observe, sweepMs: SWEEP_MS, alone })
  return { ...ports, life }
}
