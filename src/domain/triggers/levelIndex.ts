// Owns the index of resting orders by price: which of them a price concerns, without looking at the others. An executable
// price falls with the amount, so orders lie in buckets of like amounts, sorted by their prices, and a bucket is judged by
// its smallest and its largest amount.

import type { RestingOrder } from '../ports/restingOrders.ts'
import type { OrderId } from '../spec.ts'

/** A price that an order waits for: the market has to rise above it, or to fall below. */
export type Side = 'above' | 'below'

/** What the market pays, as output per input. Floats: they find candidates, and fire none. */
export type Prices = {
  /** For the first unit: no amount gets more. */
  readonly first: number
  /**
   * What an amount gets at most, and at least; 0 where that is not known. But for rounding, a larger amount gets no more.
   * That is not so for what it gets exactly: where a second leg begins to earn its cost, the price rises.
   */
  most(amountIn: number): number
  least(amountIn: number): number
  /**
   * What an amount gets, up to the terms of its own order: at best for an order that waits for a rise (`above`), at worst
   * for one that waits for a fall. Null where it cannot be traded.
   */
  exact(amountIn: number, side: Side): number | null
}

export type LevelIndex = {
  readonly size: () => number
  /** Whether the order is new here, or waits for another price or amount than before. */
  set(order: RestingOrder): boolean
  delete(id: OrderId): boolean
  /** Orders that one of their prices may concern at these prices, as far as they may be looked at now. */
  crossed(prices: Prices, now: number): OrderId[]
}

type Bucket = { readonly lists: Record<Side, RestingOrder[]>; least: number; most: number }

/** Two buckets for each doubling of the amount. */
const PER_OCTAVE = 2
/** Floats are off by less. */
const SLACK = 1e-6
/** Below so many units an amount is rounded by more than the slack, so the first unit's price stands for it. */
const FINE_UNITS = 1e7
/** So few orders are judged one by one. */
const FEW = 4

export function createLevelIndex(): LevelIndex {
  const orders = new Map<OrderId, RestingOrder>()
  const buckets = new Map<number, Bucket>()

  function bucketOf({ amountIn }: RestingOrder): Bucket {
    const number = Math.floor(Math.log2(amountIn) * PER_OCTAVE)
    const bucket = buckets.get(number) ?? {
      lists: { above: [], below: [] },
      least: Number.POSITIVE_INFINITY,
      most: 0,
    }
    buckets.set(number, bucket)
    return bucket
  }

  function drop(id: OrderId): boolean {
    const order = orders.get(id)
    if (order === undefined) return false
    orders.delete(id)
    const { lists } = bucketOf(order)
    for (const side of ['above', 'below'] as const)
      if (order[side] !== null) removeFrom(lists[side], order, side)
    return true
  }

  return {
    size: () => orders.size,
    delete: drop,
    set(order) {
      const before = orders.get(order.id)
      if (before !== undefined && isSame(before, order)) return false
      drop(order.id)
      orders.set(order.id, order)
      const bucket = bucketOf(order)
      bucket.least = Math.min(bucket.least, order.amountIn)
      bucket.most = Math.max(bucket.most, order.amountIn)
      for (const side of ['above', 'below'] as const) {
        const level = order[side]
        if (level !== null) bucket.lists[side].splice(endOfLevel(bucket.lists[side], level, side), 0, order)
      }
      return true
    },
    crossed(prices, now) {
      // Without a pool there is no price, which is no price of 0.
      if (prices.first === 0) return []
      const found = new Set<OrderId>()
      for (const bucket of buckets.values()) {
        for (const order of [...risenTo(bucket, prices), ...fallenTo(bucket, prices)]) {
          if (order.notBefore <= now) found.add(order.id)
        }
      }
      return [...found]
    },
  }
}

const isSame = (a: RestingOrder, b: RestingOrder): boolean =>
  a.amountIn === b.amountIn && a.above === b.above && a.below === b.below && a.notBefore === b.notBefore

/** Orders to be looked at when the market pays at least so much. */
function risenTo({ lists: { above }, least, most }: Bucket, prices: Prices): RestingOrder[] {
  const [first] = above
  if (first === undefined || levelOf(first, 'above') > prices.first * (1 + SLACK)) return []
  const isCoarse = least < FINE_UNITS || least * prices.first < FINE_UNITS
  const best = isCoarse ? prices.first : prices.most(least)
  const reached = above.slice(0, endOfLevel(above, best * (1 + SLACK), 'above'))
  if (reached.length === 0) return []
  const sure = endOfLevel(reached, prices.exact(most, 'above') ?? 0, 'above')
  const unsure = reached.slice(sure)
  const paid = isCoarse
    ? unsure.filter((order) => paysNear(order, prices, 'above'))
    : paying(
        unsure.sort((a, b) => a.amountIn - b.amountIn),
        prices,
      )
  return [...reached.slice(0, sure), ...paid]
}

/**
 * Those orders, given by amount, that get their price, or so nearly that only integers can tell. Halves them by the price of
 * the middle amount, so that few of many amounts are priced: what it gets, a smaller one gets too, and a larger one no more.
 */
function paying(orders: readonly RestingOrder[], prices: Prices): RestingOrder[] {
  const middle = orders[orders.length >> 1]
  if (middle === undefined || orders.length <= FEW)
    return orders.filter((order) => paysNear(order, prices, 'above'))
  const level = (order: RestingOrder) => levelOf(order, 'above')
  const [smaller, larger] = [orders.slice(0, orders.length >> 1), orders.slice(orders.length >> 1)]
  const [sure, most] = [
    prices.exact(middle.amountIn, 'above') ?? 0,
    prices.most(middle.amountIn) * (1 + SLACK),
  ]
  return [
    ...smaller.filter((order) => level(order) <= sure),
    ...paying(
      smaller.filter((order) => level(order) > sure),
      prices,
    ),
    ...paying(
      larger.filter((order) => level(order) <= most),
      prices,
    ),
  ]
}

/** Orders to be looked at when the market pays at most so much. */
function fallenTo({ lists: { below }, least, most }: Bucket, prices: Prices): RestingOrder[] {
  const [first] = below
  if (first === undefined) return []
  // An amount is rounded by less than a unit of the input and one of the output: much for the smallest.
  const rounding = (prices.first + 1) / least
  const worst = prices.least(most) * (1 - SLACK) - rounding
  if (levelOf(first, 'below') < worst) return []
  return below
    .slice(0, endOfLevel(below, worst, 'below'))
    .filter((order) => levelOf(order, 'below') >= prices.first || paysNear(order, prices, 'below'))
}

/** Whether the order's own amount gets its price, or so nearly that only integers can tell. */
function paysNear(order: RestingOrder, { exact }: Prices, side: Side): boolean {
  const price = exact(order.amountIn, side)
  if (price === null) return false
  return side === 'above'
    ? price >= levelOf(order, side) * (1 - SLACK)
    : price <= levelOf(order, side) * (1 + SLACK)
}

/** A list holds only orders that have the level. */
const levelOf = (order: RestingOrder, side: Side): number => order[side] ?? Number.NaN

/** Lists begin with the order that the smallest move concerns: the lowest `above`, the highest `below`. */
const comesBefore = (level: number, other: number, side: Side) =>
  side === 'above' ? level <= other : level >= other

/** The index behind the last order of `list` that comes before, or stands at, this level. */
function endOfLevel(list: readonly RestingOrder[], level: number, side: Side): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const order = list[middle]
    if (order !== undefined && comesBefore(levelOf(order, side), level, side)) low = middle + 1
    else high = middle
  }
  return low
}

function removeFrom(list: RestingOrder[], order: RestingOrder, side: Side): void {
  for (let at = endOfLevel(list, levelOf(order, side), side) - 1; at >= 0; at--) {
    if (list[at] !== order) continue
    list.splice(at, 1)
    return
  }
}
