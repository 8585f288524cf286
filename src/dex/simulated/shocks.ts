// Owns shocks: moves that the market makes by itself, on all venues, where the seed decides so. A wick comes back after one
// slot, a gap does not. Pure.

import { listedPairs } from './listings.ts'
import { seededRandom } from './market.ts'
import type { PlannedMove } from './moves.ts'

/** Shares of the slots in which a wick or a gap begins. */
export type ShockRates = { readonly wickRate: number; readonly gapRate: number }

/** The larger price over the smaller. */
const RATIO = { least: 1.05, most: 1.4 }

/** The shocks that act in the slots behind `after`, up to `slot`. */
export function shocksIn(
  after: number,
  slot: number,
  seed: number,
  rates: ShockRates,
): readonly PlannedMove[] {
  const { wickRate, gapRate } = rates
  if (wickRate === 0 && gapRate === 0) return []
  // A wick that begins in slot `after` comes back in the next.
  const slots = Array.from({ length: slot - after + 1 }, (_, i) => after + i)
  return slots.flatMap((at) => [...shockAt(at, seed, wickRate, true), ...shockAt(at, seed, gapRate, false)])
}

function shockAt(slot: number, seed: number, rate: number, isBack: boolean): readonly PlannedMove[] {
  const chance = seededRandom(seed, isBack ? 'wick' : 'gap', slot)
  if (chance() >= rate) return []
  const pair = listedPairs[Math.floor(chance() * listedPairs.length)]
  if (pair === undefined) return []
  const [token, against] = pair
  const ratio = RATIO.least + chance() * (RATIO.most - RATIO.least)
  const factor = chance() < 0.5 ? ratio : 1 / ratio
  return [{ token, against, factor, slot, slots: 1, isBack, venues: null }]
}
