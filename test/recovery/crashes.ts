// Owns what crash runs of both runtimes share: the market, the load, the chance, and the conclusion.
import { type Load, openOrders, startLoad } from './client.ts'
import type { Settings } from './engineProcess.ts'
import { judge, resumedAfterMs, type Verdict } from './judge.ts'

/** A market with everything in it that goes wrong on a bad day, but fast: a slot is 50 ms, a swap expires after a second. */
export const badDay: Settings = {
  SIM_SPEED: 'realistic',
  SIM_SLOT_MS: '50',
  SIM_LANDING_SLOTS: '1-3',
  SIM_QUOTE_LATENCY_MS: '10-60',
  SIM_DROP_RATE: '0.1',
  SIM_SEND_ERROR_RATE: '0.2',
  SIM_LAG_SLOTS: '2',
  SIM_BLOCKHASH_BLOCKS: '20',
  SIM_FINALITY_BLOCKS: '4',
  REBROADCAST_MS: '300',
  RETRY_BACKOFF_MS: '50',
}

const CLIENTS = 8
const PAUSE_MS = 40
const END_PATIENCE_MS = 60_000

export type CrashReport = Verdict & {
  readonly kills: number
  /** Per kill: orders in flight, and how long after readiness the last of them had moved on. */
  readonly resumed: readonly { readonly inFlight: number; readonly afterMs: number }[]
  readonly seed: number
}

/** Repeatable chance: the same seed, the same moments. */
export function chanceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

export async function timeToResume(url: string, sinceMs: number, limitMs: number) {
  const inFlight = await openOrders(url)
  return { inFlight: inFlight.length, afterMs: await resumedAfterMs(url, inFlight, sinceMs, 2 * limitMs) }
}

/** Ends the load and judges all that the engine holds. */
export async function conclude(url: string, load: Load): Promise<Verdict> {
  await load.stop()
  const verdict = await judge(url, load.acknowledged.values(), END_PATIENCE_MS)
  return { ...verdict, faults: [...verdict.faults, ...load.refusals] }
}

/** The same for an engine that holds the orders of this load and no others: a key that stood for two would show. */
export async function concludeAll(url: string, load: Load): Promise<Verdict> {
  const verdict = await conclude(url, load)
  if (verdict.orders === load.keys.length) return verdict
  return { ...verdict, faults: [...verdict.faults, `${verdict.orders} orders for ${load.keys.length} keys`] }
}

export const nothingAmiss = { lost: 0, doubled: 0, faults: [] }

export const loadOf = (name: string | number, url: () => string): Load =>
  startLoad(`load-${name}`, url, CLIENTS, PAUSE_MS)
