// Owns one engine process of a schedule: the real store logic and all that works, over ports that are steered.

import { pino } from 'pino'
import type { Chain } from '../../src/domain/ports/chain.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { MarketData } from '../../src/domain/ports/marketData.ts'
import type { Mints } from '../../src/domain/ports/mints.ts'
import type { OrderStore, ReportedFill } from '../../src/domain/ports/orders.ts'
import type { OrderQueue } from '../../src/domain/ports/queue.ts'
import type { TradingSwitch } from '../../src/domain/ports/trading.ts'
import type { Watchers } from '../../src/domain/ports/watchers.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { Trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve, type Observe } from '../../src/observe.ts'
import { createBreakers } from '../../src/workers/breakers.ts'
import { createRouter } from '../../src/workers/router.ts'
import { createTradingGate } from '../../src/workers/tradingGate.ts'
import { openWork } from '../../src/workers/work.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { FINALITY_BLOCKS, SLOT_MS } from './chain.ts'
import type { Life } from './world.ts'

export const LEASE_MS = 2_000
const SWEEP_MS = 1_000
const LOOK_BACK_MS = 8_000
export const REBROADCAST_MS = 2 * SLOT_MS
/** How long after a fill it is looked whether it is final. */
export const FINALITY_MS = (FINALITY_BLOCKS + 1) * SLOT_MS
export const QUOTE_MAX_AGE_MS = 2_000

export type Ports = {
  readonly store: OrderStore
  readonly queue: OrderQueue
  readonly chain: Chain
  readonly venues: readonly Venue[]
  readonly marketData: MarketData
  readonly mints: Mints
  /** Null where a process is alone. */
  readonly watchers: Watchers | null
}

export type EngineProcess = Ports & {
  readonly life: Life
  /** Null where nobody ever halts trading. */
  readonly trading: TradingSwitch | null
}

/** What may differ from a sound engine. */
export type Settings = {
  readonly maxAttempts: number
  readonly quoteMaxAgeMs: number
  readonly heedsHalts: boolean
}

/** Attempts that an order gets. */
export const MAX_ATTEMPTS = 3

const sound: Settings = { maxAttempts: MAX_ATTEMPTS, quoteMaxAgeMs: QUOTE_MAX_AGE_MS, heedsHalts: true }

/** What a process says of itself to whoever runs it. */
export type Told = {
  /** What no fault of the outside world explains. */
  defect(orderId: OrderId, error: unknown): void
  rolledBack(fill: ReportedFill, landedAgain: number | null): void
}

const routing = { maxLegs: 2, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' }

const real = createObserve(pino({ level: 'silent' }), manualClock())
const silent = Object.fromEntries(
  Object.entries(real).map(([name, value]) => [name, typeof value === 'function' ? () => {} : value]),
) as unknown as Observe

type Conditions = Pick<EngineProcess, 'trading'> & {
  readonly isSoleProcess: boolean
  readonly trigger: Trigger
  readonly settings?: Partial<Settings> | undefined
}

export function startProcess(
  life: Life,
  ports: Ports,
  { isSoleProcess, trigger, trading, settings = {} }: Conditions,
  told: Told,
): EngineProcess {
  const observe: Observe = { ...silent, stepFailed: told.defect, fillRolledBack: told.rolledBack }
  const { clock } = life
  const { maxAttempts, quoteMaxAgeMs, heedsHalts } = { ...sound, ...settings }
  ports.store.onRelated((ids) => {
    for (const id of ids) ports.queue.ring(id).catch(() => {})
  })
  openWork({
    ...ports,
    ...nothingHeld,
    clock,
    observe,
    random: { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) },
    retry: { maxAttempts, backoffMs: 500, jitter: 0.2 },
    routeNow: createRouter({
      venues: ports.venues,
      clock,
      observe,
      breakers: createBreakers({ failures: 5, openMs: 1_000 }, { clock, observe }),
      quoteTimeoutMs: 1_000,
      quoteHedgeMs: 250,
      routing,
    }),
    routing,
    quoteMaxAgeMs,
    trigger,
    trading:
      trading !== null && heedsHalts
        ? createTradingGate({ trading, queue: ports.queue, observe })
        : { hold: () => false, isHalted: () => false },
    landingPollMs: SLOT_MS,
    rebroadcastMs: REBROADCAST_MS,
    finalityMs: FINALITY_MS,
    lookBackMs: LOOK_BACK_MS,
    sweepMs: SWEEP_MS,
    isSoleProcess,
    nextTurn: (run) => void clock.after(0, run),
  }).start()
  return { ...ports, life, trading }
}
