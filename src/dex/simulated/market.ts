// Owns the simulated market: its tokens, its pools, and the background flow and arbitrage that move them.
// Pure: a state and a slot in, the next state out. The same seed gives the same market.

import type { Segment } from '../../domain/pool.ts'
import type { TokenFault } from '../../domain/ports/simulation.ts'
import { SOL, type Token } from '../../domain/token.ts'
import type { ListedPool } from '../pools/listed.ts'
import type { SwapInput, SwapResult } from '../pools/pool.ts'
import { programNamed } from '../pools/programs.ts'

/** A and B are made up: a first order needs no knowledge of real tokens. */
export const simulatedTokens: readonly Token[] = [
  { symbol: 'A', mint: 'FrzVvWTW21TnuHoUjfTinit5SBP7QXCTrW9WJTDkZxBy', decimals: 6 },
  { symbol: 'B', mint: '6UGpeLyDDJA8bf431ufZjKV11yCsdZPfd9X7AGBfQWzJ', decimals: 9 },
  SOL,
  { symbol: 'USDC', mint: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v', decimals: 6 },
  { symbol: 'USDT', mint: 'Es9vMFrzaCErmJfrF4H2FYD4KCoNkY11McCe8BenwNYB', decimals: 6 },
  { symbol: 'JUP', mint: 'JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN', decimals: 6 },
  { symbol: 'BONK', mint: 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263', decimals: 5 },
  { symbol: 'RAY', mint: '4k3Dyjzvzp8eMZWUXbBCjEvwSkkk59S5iCNLY3QrkX6R', decimals: 6 },
]

/** Dollars per token at the start. Prices of the background flow are statistics, not money: plain numbers do. */
export const START_PRICES: Prices = {
  A: 1,
  B: 0.25,
  SOL: 150,
  USDC: 1,
  USDT: 1,
  JUP: 0.5,
  BONK: 0.00002,
  RAY: 2.5,
}

/** A listed pool, and the sizes that scale the background flow in it. */
export type SimulatedPool = ListedPool & {
  /** What each side was worth at the start, in base units. */
  readonly sizeA: bigint
  readonly sizeB: bigint
  /** Of a pool that was launched while the chain ran: its token, its creator, its first slot, and what is wrong with the token. */
  readonly launch?: {
    readonly mint: string
    readonly creator: string
    readonly slot: number
    readonly faults: readonly TokenFault[]
  }
}

export const programOf = (pool: SimulatedPool) => programNamed(pool.program)

/** Swaps as the pool's program does, and returns the listed pool after it. */
export function swapPool(pool: SimulatedPool, input: SwapInput): SwapResult<SimulatedPool> {
  const result = programOf(pool).swap(pool.state, input)
  return result.kind === 'refused' ? result : { ...result, pool: { ...pool, state: result.pool } }
}

/** The market at one slot. */
export type MarketState = {
  readonly pools: ReadonlyMap<string, SimulatedPool>
  /** Fair prices in dollars per token, which arbitrage follows. */
  readonly prices: Prices
  /** What the fair prices revert to; a move multiplies both. */
  readonly anchors: Prices
}

/** Dollars per token, by symbol. */
export type Prices = Readonly<Record<string, number>>

/** Background flow: trades per pool and slot, and the largest share of the pool's size that one takes. */
const TRADE_CHANCE = 0.25
const TRADE_SHARE = 0.0004
/** The background flow pays no more than this above the fair price: a pool whose liquidity a move has left behind is not refilled. */
const TRADE_LOSS = 0.01
/** Shocks: rare trades large enough to move the venues 2 to 5 % apart. */
const SHOCK_CHANCE = 0.0004
const SHOCK_SHARE = { least: 0.01, most: 0.025 }
/** The largest step of a token's price in one slot. */
const PRICE_STEP = 0.0002
/** Arbitrage starts where the gain exceeds the fee by this margin, and closes this share of the gap per slot. */
const ARBITRAGE_MARGIN = 0.001
const ARBITRAGE_SHARE = 0.3

/** The market one slot later: prices drift, the background flow trades, arbitrage follows. */
export function tradeOneSlot(market: MarketState, seed: number, at: At): MarketState {
  const slot = Number(at.slot)
  const { anchors } = market
  const prices = Object.fromEntries(
    Object.entries(market.prices).map(([symbol, price]) => [
      symbol,
      drift(symbol, price, anchors[symbol] ?? price, seededRandom(seed, slot, symbol)),
    ]),
  )
  const pools = new Map(market.pools)
  for (const pool of market.pools.values()) {
    const traded = tradeByChance(pool, prices, seededRandom(seed, slot, pool.address), at)
    const arbitraged = arbitrage(traded, prices, at)
    if (arbitraged !== pool) pools.set(pool.address, arbitraged)
  }
  return { pools, prices, anchors }
}

export type At = Pick<SwapInput, 'slot' | 'unixTimestamp'>

/** A mean-reverting random walk; tokens that start at one dollar are the measure, and only a move changes them. */
function drift(symbol: string, price: number, anchor: number, chance: () => number): number {
  if (START_PRICES[symbol] === 1) return price
  return price * (1 + (chance() * 2 - 1) * PRICE_STEP) + (anchor - price) * 0.0005
}

function tradeByChance(pool: SimulatedPool, prices: Prices, chance: () => number, at: At): SimulatedPool {
  const [kind, side, size] = [chance(), chance(), chance()]
  if (kind >= TRADE_CHANCE) return pool
  const { least, most } = SHOCK_SHARE
  const share = kind < SHOCK_CHANCE ? least + size * (most - least) : size * TRADE_SHARE
  const aToB = side < 0.5
  if (!paysFairly(pool, aToB, prices, at)) return pool
  return trade(pool, aToB, Number(aToB ? pool.sizeA : pool.sizeB) * share, at)
}

/** Whether the pool pays nearly the fair price for a first unit, fee included. A token without a fair price has its pools alone. */
function paysFairly(pool: SimulatedPool, aToB: boolean, prices: Prices, at: At): boolean {
  const fair = fairPriceOf(pool, prices)
  if (fair === null) return true
  const [first] = programOf(pool).segments(pool.state, { aToB, ...at })
  return first !== undefined && first.price >= (aToB ? fair : 1 / fair) * (1 - TRADE_LOSS)
}

/** B per A in base units at the fair prices; null where a token has none. */
export function fairPriceOf({ tokenA, tokenB }: SimulatedPool, prices: Prices): number | null {
  const [dollarsA, dollarsB] = [prices[tokenA.symbol], prices[tokenB.symbol]]
  if (dollarsA === undefined || dollarsB === undefined) return null
  return (dollarsA / dollarsB) * 10 ** (tokenB.decimals - tokenA.decimals)
}

/** Arbitrage against the fair price, in the direction that still pays after the fee, if any. */
function arbitrage(pool: SimulatedPool, prices: Prices, at: At): SimulatedPool {
  const fair = fairPriceOf(pool, prices)
  if (fair === null) return pool
  for (const aToB of [true, false]) {
    const least = (aToB ? fair : 1 / fair) * (1 + ARBITRAGE_MARGIN)
    const segments = programOf(pool).segments(pool.state, { aToB, ...at })
    const amount = amountDownTo(segments, least) * ARBITRAGE_SHARE
    if (amount >= 1) return trade(pool, aToB, amount, at)
  }
  return pool
}

/** The amount in at which the marginal price has fallen to `price`. */
export function amountDownTo(segments: Iterable<Segment>, price: number): number {
  let amount = 0
  for (const { price: first, depth, capIn } of segments) {
    if (first <= price) break
    // From out(x) = price · x / (1 + x / depth): its slope is `price` at this x. NaN for a constant price just above it.
    const room = depth * (Math.sqrt(first / price) - 1)
    if (room < capIn) return amount + room
    amount += capIn
  }
  return amount
}

/** A swap of the background flow; a refusal leaves the pool as it was. */
function trade(pool: SimulatedPool, aToB: boolean, amount: number, at: At): SimulatedPool {
  const amountIn = BigInt(Math.round(amount))
  if (amountIn === 0n) return pool
  const result = swapPool(pool, { aToB, amountIn, ...at })
  return result.kind === 'refused' ? pool : result.pool
}

/** Seeded numbers in [0, 1), decided by the keys alone (FNV-1a into mulberry32). */
export function seededRandom(...keys: readonly (string | number)[]): () => number {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(keys.join('|'))) state = Math.imul(state ^ byte, 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
