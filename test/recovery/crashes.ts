// Owns what runs on real engines share: the market, the load, the chance, and the conclusion.
import { judge, type Verdict } from './checks.ts'
import { type Load, startLoad } from './client.ts'
import type { Settings } from './engineProcess.ts'
import { factsOf } from './facts.ts'

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

/** A market in which nobody else trades, because its first slot does not end; swaps land at once. */
export const stillDay: Settings = {
  SIM_SPEED: 'instant',
  SIM_SLOT_MS: '60000',
  SIM_SEND_ERROR_RATE: '0.2',
  REBROADCAST_MS: '300',
  RETRY_BACKOFF_MS: '50',
}

export const END_PATIENCE_MS = 90_000
const HEAR_PATIENCE_MS = 10_000

/** Repeatable chance: the same seed, the same moments. */
export function chanceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

/** Ends the load and judges all that the engine holds, orders of other loads included. */
export async function conclude(url: string, load: Load): Promise<Verdict> {
  await load.stop()
  const facts = await factsOf(url, END_PATIENCE_MS)
  await load.heard(HEAR_PATIENCE_MS)
  return judge(load.history, facts, ['everyOrderWasAskedFor'])
}

export const nothingAmiss = { lost: 0, doubled: 0, broken: [] }

export const loadOf = (name: string | number, url: () => string): Load =>
  startLoad(`load-${name}`, url, { clients: 8, pauseMs: 40 })
