// Owns the orders at rest in a synthetic market: where their prices are, how large they are, and their forms in the store
// and in the watch.
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { RestingOrder } from '../../src/domain/ports/restingOrders.ts'
import { EXECUTABLE, type LimitSpec, type OrderId } from '../../src/domain/spec.ts'
import { createId } from '../../src/timing/ids.ts'
import { createSystemRandom, systemClock } from '../../src/timing/system.ts'
import { seeded } from '../../test/support/routablePools.ts'
import { at, type Side, type SyntheticMarket } from './market.ts'

/** An order that waits for its price; `level` is output per input in base units. */
export type Waiting = {
  readonly side: Side
  readonly amountIn: number
  readonly level: number
}

export type Book = {
  readonly orders: number
  readonly kind: 'limit' | 'stop'
  /** The share of them that lies within 10 bps of the market. */
  readonly near: number
  readonly seed: number
}

/** Base units of the smallest order, and how many decades the largest is above it. */
const SMALLEST = 1e7
const DECADES = 4
/** How far a price lies from what the market pays for the order's own amount. */
const FAR = { least: 0.005, most: 0.3 }
const NEAR = { least: 0.0004, most: 0.001 }
/** The farthest that a price moves to either side without reaching an order. */
export const MOST_MOVE = 0.0003

export function* bookOf(
  { sides }: Pick<SyntheticMarket, 'sides'>,
  { orders, kind, near, seed }: Book,
): Generator<Waiting> {
  const next = seeded(seed)
  for (let i = 0; i < orders; i++) {
    const side = at(sides, Math.floor(next() * sides.length))
    const amountIn = Math.round(SMALLEST * 10 ** (DECADES * next()) * side.unit)
    const { least, most } = next() < near ? NEAR : FAR
    const distance = least + (most - least) * next()
    const level = side.executable(amountIn) * (kind === 'limit' ? 1 + distance : 1 - distance)
    yield { side, amountIn, level }
  }
}

const random = createSystemRandom()
export const newId = () => createId(systemClock, random) as OrderId

const NO_CONSTRAINTS = {}

/** As the watch is given it. */
export const restingOf = (
  { side: { tokenIn, tokenOut }, amountIn, level }: Waiting,
  kind: Book['kind'],
): RestingOrder => ({
  id: newId(),
  mintIn: tokenIn.mint,
  mintOut: tokenOut.mint,
  source: EXECUTABLE,
  constraints: NO_CONSTRAINTS,
  amountIn,
  above: kind === 'limit' ? level : null,
  below: kind === 'limit' ? null : level,
  notBefore: 0,
})

const MONTH_MS = 30 * 86_400_000

/** As its owner placed it: one observation fires it. */
export const limitOf = ({ side: { tokenIn, tokenOut }, amountIn, level }: Waiting): LimitSpec => ({
  orderId: newId(),
  owner: 'local',
  type: 'limit',
  tokenIn,
  tokenOut,
  amountIn: baseUnits(BigInt(amountIn)),
  slippageBps: bps(100),
  constraints: {},
  clientOrderId: null,
  parent: null,
  exits: [],
  priceOf: 'tokenIn',
  condition: { source: EXECUTABLE, observations: 1, dwellMs: 0, maxAgeMs: 10_000 },
  isDefaultExpiry: false,
  limitPrice: level.toFixed(12).replace(/0+$/, ''),
  expiresAt: Date.now() + MONTH_MS,
})

/** How the orders at rest in a store are made up. */
export type Composition = {
  /** Orders that one change each fires, the nearest of a side first, by side. */
  readonly targets: readonly (readonly Waiting[])[]
  /** Orders of one side that one change fires all at once, and fewer of another, to warm up. */
  readonly avalanche: readonly Waiting[]
  readonly smallAvalanche: readonly Waiting[]
  readonly others: readonly Waiting[]
}

export const AVALANCHE_PAIR = 0
export const SMALL_AVALANCHE_PAIR = 1
/** What moves the price of a pair beyond all orders of its avalanche, and beyond no other. */
export const AVALANCHE_TIMES = 1.012
const AVALANCHE_DISTANCE = 0.01
const TARGETS_PER_SIDE = 7
const TARGET_STEP = 0.0005

/** What moves the price of a pair beyond its first so many targets, and beyond no other. */
export const timesOfTarget = (number: number): number => 1 + MOST_MOVE + TARGET_STEP * (number + 1)

/** The same for equal arguments, but for the ids: of 100,000 orders, 5,000 fall in the avalanche. */
export function compositionOf(market: SyntheticMarket, orders: number): Composition {
  const next = seeded(7)
  const sidesOf = (pair: number) => market.sides.filter((side) => side.pair === pair)
  const free = market.sides.filter(({ pair }) => pair > SMALL_AVALANCHE_PAIR)
  const avalancheOf = (pair: number, count: number) =>
    Array.from({ length: count }, () => {
      const amountIn = Math.round(SMALLEST * 10 ** (DECADES * next()))
      return waitingAt(at(sidesOf(pair), 0), amountIn, AVALANCHE_DISTANCE)
    })
  const targets = free
    .filter(({ unit }) => unit === 1)
    .map((side) =>
      Array.from({ length: TARGETS_PER_SIDE }, (_, i) => waitingAt(side, 2 * SMALLEST, distanceOf(i))),
    )
  const [avalanche, smallAvalanche] = [
    avalancheOf(AVALANCHE_PAIR, Math.floor(orders / 20)),
    avalancheOf(SMALL_AVALANCHE_PAIR, Math.floor(orders / 100)),
  ]
  const made = avalanche.length + smallAvalanche.length + targets.flat().length
  const book = { orders: Math.max(0, orders - made), kind: 'limit', near: 0, seed: 8 } as const
  return { targets, avalanche, smallAvalanche, others: [...bookOf({ sides: free }, book)] }
}

/** Half a step below the price that fires it. */
const distanceOf = (target: number) => timesOfTarget(target) - 1 - TARGET_STEP / 2

const waitingAt = (side: Side, amountIn: number, distance: number): Waiting => ({
  side,
  amountIn,
  level: side.executable(amountIn) * (1 + distance),
})
