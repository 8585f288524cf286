// Owns moves: a price of the simulated market multiplied from outside, by trades through the pools' own programs, so that each
// pool stays in a state that its program could have. Pure.

import type { Move } from '../../domain/ports/simulation.ts'
import { venuePrograms } from '../pools/programs.ts'
import {
  type At,
  amountDownTo,
  fairPriceOf,
  type MarketState,
  type Prices,
  programOf,
  type SimulatedPool,
  swapPool,
} from './market.ts'

/** A move and the first slot in which it acts. */
export type PlannedMove = Move & { readonly slot: number }

/** Bounds of a fair price in dollars: repeated moves end here, before arithmetic ends in zero or infinity. */
const FAIR_PRICE = { least: 1e-12, most: 1e12 }
/** Trades per pool and step. Fees that grow within a trade leave it short of the wanted price; the next one closes in. */
const MAX_TRADES = 6
/** A remaining ratio this close to 1 needs no further trade. */
const CLOSE_ENOUGH = 1e-6

/** The steps of all moves in the slots behind `after`, up to slot `at`. A fork puts `after` back: its steps are made again. */
export function applyMoves(
  market: MarketState,
  moves: readonly PlannedMove[],
  after: number,
  at: At,
): MarketState {
  return moves.reduce((moved, move) => {
    const factor = move.factor ** (stepsBetween(move, after, Number(at.slot)) / move.slots)
    return factor === 1 ? moved : moveMarket(moved, move, factor, at)
  }, market)
}

/** The last slot in which the move acts. */
export const lastSlotOf = ({ slot, slots, isBack }: PlannedMove) => slot + (isBack ? 2 : 1) * slots - 1

/** How many steps the move makes in the slots behind `after`, up to `upTo`; those back count as negative. */
function stepsBetween({ slot, slots, isBack }: PlannedMove, after: number, upTo: number): number {
  const stepsFrom = (first: number) =>
    Math.max(0, Math.min(first + slots - 1, upTo) - Math.max(first, after + 1) + 1)
  return stepsFrom(slot) - (isBack ? stepsFrom(slot + slots) : 0)
}

function moveMarket(market: MarketState, move: Move, factor: number, at: At): MarketState {
  const { token, venues } = move
  const isEverywhere = venues === null
  const prices = isEverywhere ? multiplied(market.prices, token.symbol, factor) : market.prices
  const anchors = isEverywhere ? multiplied(market.anchors, token.symbol, factor) : market.anchors
  const pools = new Map(market.pools)
  for (const pool of market.pools.values()) {
    if (!concerns(move, pool)) continue
    const ofA = pool.tokenA.mint === token.mint ? factor : 1 / factor
    const fair = isEverywhere ? fairPriceOf(pool, prices) : null
    pools.set(pool.address, movePool(pool, ofA, fair, at))
  }
  return { pools, prices, anchors }
}

/** Whether the pool trades the pair of the move, on one of its venues. */
export function concerns(
  { token, against, venues }: Move,
  { program, tokenA, tokenB }: SimulatedPool,
): boolean {
  const mints = [token.mint, against.mint]
  const isOnVenue =
    venues === null || venues.some((name) => venuePrograms[name].some((p) => p.name === program))
  return isOnVenue && mints.includes(tokenA.mint) && mints.includes(tokenB.mint)
}

/**
 * Trades until B per A is multiplied by `factor`, not past the price `fair`: a pool that a move has left at its edge does not
 * go further back than the others. A pool whose liquidity ends before that ends at its edge.
 */
function movePool(pool: SimulatedPool, factor: number, fair: number | null, at: At): SimulatedPool {
  const aToB = factor < 1
  const target = spotOf(pool) * factor
  const wanted = fair === null ? target : aToB ? Math.max(target, fair) : Math.min(target, fair)
  let moved = pool
  for (let trades = 0; trades < MAX_TRADES; trades++) {
    const spot = spotOf(moved)
    const ratio = aToB ? wanted / spot : spot / wanted
    const direction = { aToB, ...at }
    const [first] = programOf(moved).segments(moved.state, direction)
    if (first === undefined || ratio > 1 - CLOSE_ENOUGH) break
    const segments = programOf(moved).segments(moved.state, direction)
    const amountIn = BigInt(Math.round(amountDownTo(segments, first.price * ratio)))
    const next = tradeAtMost(moved, aToB, amountIn, at)
    if (next === moved) break
    moved = next
  }
  return moved
}

/** B per A in base units, fee excluded. */
function spotOf(pool: SimulatedPool): number {
  const { numerator, denominator } = programOf(pool).spotPrice(pool.state, true)
  return Number(numerator) / Number(denominator)
}

/** A swap of the amount, or of what the pool can still take of it. */
function tradeAtMost(pool: SimulatedPool, aToB: boolean, amountIn: bigint, at: At): SimulatedPool {
  const result = swapPool(pool, { aToB, amountIn, ...at })
  if (result.kind === 'swapped') return result.pool
  const { mostIn } = result
  return mostIn !== undefined && mostIn < amountIn ? tradeAtMost(pool, aToB, mostIn, at) : pool
}

/** A token without a fair price has none to move: its pools alone set its price. */
function multiplied(prices: Prices, symbol: string, factor: number): Prices {
  const price = prices[symbol]
  if (price === undefined) return prices
  const { least, most } = FAIR_PRICE
  return { ...prices, [symbol]: Math.min(Math.max(price * factor, least), most) }
}
