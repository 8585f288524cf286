// The index of resting orders against one that looks at each of them.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RestingOrder } from '../../../src/domain/ports/restingOrders.ts'
import type { OrderId } from '../../../src/domain/spec.ts'
import { createLevelIndex, type Prices } from '../../../src/domain/triggers/levelIndex.ts'

const idOf = (number: number) => `order ${number}` as OrderId

type Wait = Pick<RestingOrder, 'amountIn' | 'above' | 'below' | 'notBefore'>

const orderOf = (number: number, wait: Partial<Wait>): RestingOrder => ({
  id: idOf(number),
  mintIn: 'A',
  mintOut: 'B',
  source: 'executable',
  constraints: {},
  amountIn: 1_000_000,
  above: null,
  below: null,
  notBefore: 0,
  ...wait,
})

/**
 * A market as one pool of constant product makes it: the first unit gets `first`, and an amount as large as `depth` half
 * of that. One pool of the two quotes alone for `least`. Amounts beyond `most` cannot be traded.
 */
type Curve = { readonly first: number; readonly depth: number; readonly share: number; readonly most: number }

function pricesOf({ first, depth, share, most }: Curve): Prices & { calls(): number } {
  let calls = 0
  const at = (amountIn: number, available: number) => first / (1 + amountIn / available)
  return {
    first,
    calls: () => calls,
    most: (amountIn) => at(amountIn, depth),
    least: (amountIn) => (amountIn > most ? 0 : at(amountIn, depth * share)),
    exact(amountIn) {
      calls += 1
      return amountIn > most ? null : at(amountIn, depth)
    },
  }
}

/** Far more than floats are off by, and far less than prices move. */
const TOLERANCE = 1e-4

type Side = 'above' | 'below'

/** Whether the price is at or beyond the level; `slack` widens the level, or narrows it where negative. */
function isCrossed(order: Wait, side: Side, prices: Prices, slack: number): boolean {
  const [level, price] = [order[side], prices.exact(order.amountIn, side)]
  if (level === null || price === null) return false
  return side === 'above' ? price >= level * (1 - slack) : price <= level * (1 + slack)
}

/** From one unit to a whole billion of them with nine decimals, all sizes alike. */
const amountIn = fc
  .tuple(fc.integer({ min: 0, max: 17 }), fc.double({ min: 1, max: 10, noNaN: true }))
  .map(([zeros, digits]) => Math.min(1e18, Math.round(digits * 10 ** zeros)))

const curve: fc.Arbitrary<Curve> = fc.record({
  first: fc.double({ min: -6, max: 6, noNaN: true }).map((log) => 10 ** log),
  depth: fc.double({ min: 3, max: 19, noNaN: true }).map((log) => 10 ** log),
  share: fc.double({ min: 0.05, max: 1, noNaN: true }),
  most: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1e9),
})

/** Levels near the price that the amount gets on some curve, exactly there, or anywhere. */
const levelNear = ({ first, depth }: Curve, amount: number) =>
  fc.oneof(
    fc.constant(first / (1 + amount / depth)),
    fc.constant(first),
    fc.double({ min: -0.1, max: 0.1, noNaN: true }).map((off) => (first / (1 + amount / depth)) * (1 + off)),
    fc.double({ min: -2, max: 2, noNaN: true }).map((log) => first * 10 ** log),
    fc.constant(0),
  )

type Move = { readonly number: number; readonly wait: Wait | null }

const NOW = 1_000

const movesOn = (market: Curve): fc.Arbitrary<readonly Move[]> => {
  const wait: fc.Arbitrary<Wait> = amountIn.chain((amount) =>
    fc.record({
      amountIn: fc.constant(amount),
      above: fc.option(levelNear(market, amount), { freq: 2 }),
      below: fc.option(levelNear(market, amount), { freq: 2 }),
      notBefore: fc.constantFrom(0, 0, 0, NOW, NOW + 1),
    }),
  )
  const move = fc.record({ number: fc.nat({ max: 25 }), wait: fc.option(wait, { freq: 5 }) })
  return fc.array(move, { maxLength: 80 })
}

function played(moves: readonly Move[]) {
  const index = createLevelIndex()
  const orders = new Map<OrderId, RestingOrder>()
  for (const { number, wait } of moves) {
    if (wait === null) {
      expect(index.delete(idOf(number))).toBe(orders.delete(idOf(number)))
      continue
    }
    const order = orderOf(number, wait)
    index.set(order)
    orders.set(order.id, order)
  }
  return { index, orders }
}

describe('after any sets and deletes', () => {
  const market = curve.chain((prices) => fc.tuple(fc.constant(prices), movesOn(prices)))

  test('it names every order whose own price is at its level or beyond, and none that is clearly not', () => {
    fc.assert(
      fc.property(market, ([on, moves]) => {
        const { index, orders } = played(moves)
        const prices = pricesOf(on)
        const found = index.crossed(prices, NOW)
        expect(index.size()).toBe(orders.size)
        expect(new Set(found).size).toBe(found.length)
        const sides = ['above', 'below'] as const
        for (const order of orders.values()) {
          const isFound = found.includes(order.id)
          if (order.notBefore > NOW) expect(isFound).toBe(false)
          else if (sides.some((side) => isCrossed(order, side, prices, 0))) expect(isFound).toBe(true)
          // An amount that cannot be traded has no price, and a look at it costs little.
          else if (order.amountIn <= on.most && isFound)
            expect(sides.some((side) => isCrossed(order, side, prices, TOLERANCE))).toBe(true)
        }
        for (const id of found) expect(orders.has(id)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('it answers as if only the last wait of each order had ever been set', () => {
    fc.assert(
      fc.property(market, ([on, moves]) => {
        const { index, orders } = played(moves)
        const fresh = createLevelIndex()
        for (const order of orders.values()) fresh.set(order)
        // A bucket remembers the smallest and the largest amount that it has held: that costs calls, and changes no answer.
        const isTradable = on.most === Number.POSITIVE_INFINITY
        if (!isTradable) return
        expect(index.crossed(pricesOf(on), NOW).toSorted()).toEqual(
          fresh.crossed(pricesOf(on), NOW).toSorted(),
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe('one order', () => {
  const flat = (price: number): Prices => ({
    first: price,
    most: () => price,
    least: () => price,
    exact: () => price,
  })
  const found = (wait: Partial<Wait>, prices: Prices, now = NOW) => {
    const index = createLevelIndex()
    index.set(orderOf(1, wait))
    return index.crossed(prices, now).length
  }

  test.each([
    ['above its price', { above: 4 }, 4.01, 1],
    ['at its price', { above: 4 }, 4, 1],
    ['below its price', { above: 4 }, 3.99, 0],
    ['below its stop', { below: 4 }, 3.99, 1],
    ['at its stop', { below: 4 }, 4, 1],
    ['above its stop', { below: 4 }, 4.01, 0],
    ['between two prices', { above: 5, below: 3 }, 4, 0],
    ['beyond the upper of two', { above: 5, below: 3 }, 5, 1],
    ['beyond the lower of two', { above: 5, below: 3 }, 3, 1],
    ['with no price', {}, 4, 0],
    ['that takes any price', { above: 0 }, 1e-9, 1],
  ])('%s', (_, wait, price, count) => {
    for (const amount of [1, 7, 1_000, 1e7, 1e9, 2 ** 53 + 2, 1e18]) {
      expect(found({ amountIn: amount, ...wait }, flat(price))).toBe(count)
    }
  })

  test('is left alone before its time', () => {
    expect(found({ above: 4, notBefore: NOW + 1 }, flat(5))).toBe(0)
    expect(found({ above: 4, notBefore: NOW }, flat(5))).toBe(1)
  })

  test('is found by what its own amount gets, not by what the first unit does', () => {
    const prices = pricesOf({ first: 4, depth: 1e9, share: 1, most: Number.POSITIVE_INFINITY })
    expect(found({ amountIn: 1e9, above: 3 }, prices)).toBe(0)
    expect(found({ amountIn: 1e9, above: 2 }, prices)).toBe(1)
    expect(found({ amountIn: 1e9, below: 3 }, prices)).toBe(1)
    expect(found({ amountIn: 1e9, below: 1.9 }, prices)).toBe(0)
  })

  test('is found by a price that only rounding keeps from its level', () => {
    const level = 4.000_000_001
    expect(found({ amountIn: 1e12, above: level }, flat(4))).toBe(1)
    expect(found({ amountIn: 1e12, below: 4 }, flat(level))).toBe(1)
  })

  test('is not looked at by a market without a pool', () => {
    const empty: Prices = { first: 0, most: () => 0, least: () => 0, exact: () => null }
    for (const wait of [{ above: 4 }, { below: 4 }, { above: 0 }]) expect(found(wait, empty)).toBe(0)
  })

  test('is news once, and again with another price, amount or time', () => {
    const index = createLevelIndex()
    expect(index.set(orderOf(1, { above: 4 }))).toBe(true)
    expect(index.set(orderOf(1, { above: 4 }))).toBe(false)
    expect(index.set(orderOf(1, { above: 5 }))).toBe(true)
    expect(index.set(orderOf(1, { above: 5, below: 3 }))).toBe(true)
    expect(index.set(orderOf(1, { above: 5, below: 3, amountIn: 7 }))).toBe(true)
    expect(index.set(orderOf(1, { above: 5, below: 3, amountIn: 7, notBefore: 7 }))).toBe(true)
    expect(index.size()).toBe(1)
    expect(index.delete(idOf(1))).toBe(true)
    expect(index.delete(idOf(1))).toBe(false)
    expect(index.size()).toBe(0)
    expect(index.crossed(flat(9), NOW)).toEqual([])
  })

  test('takes none of its neighbors with it when it goes', () => {
    const index = createLevelIndex()
    for (let number = 0; number < 50; number++) index.set(orderOf(number, { above: 4, below: 3 }))
    for (let number = 0; number < 50; number += 2) index.delete(idOf(number))
    expect(index.crossed(flat(4), NOW)).toHaveLength(25)
    expect(index.crossed(flat(3), NOW)).toHaveLength(25)
  })
})

describe('the cost of a look when nothing crosses', () => {
  /** Orders of all sizes but dust, which rounding lets be anywhere; a thousandth and more away from the market on both sides. */
  function callsWith(count: number): number {
    const prices = pricesOf({ first: 4, depth: 1e24, share: 1, most: Number.POSITIVE_INFINITY })
    const index = createLevelIndex()
    for (let number = 0; number < count; number++) {
      const amount = Math.round(10 ** (7 + (11 * number) / count))
      const off = 0.001 + (number % 100) / 1_000
      index.set(orderOf(number, { amountIn: amount, above: 4 * (1 + off), below: 4 * (1 - off) }))
    }
    expect(index.crossed(prices, NOW)).toEqual([])
    return prices.calls()
  }

  test('does not grow with the number of orders', () => {
    expect(callsWith(20_000)).toBe(callsWith(200))
  })

  test('nor does it where large amounts get far less than the first unit', () => {
    const callsIn = (count: number) => {
      const prices = pricesOf({ first: 4, depth: 1e12, share: 1, most: Number.POSITIVE_INFINITY })
      const index = createLevelIndex()
      // Sizes from 1 to a million times the depth; each level lies between what the amount gets and what the first unit does.
      for (let number = 0; number < count; number++) {
        const amount = Math.round(10 ** (12 + (6 * number) / count))
        index.set(orderOf(number, { amountIn: amount, above: 1.5 * (4 / (1 + amount / 1e12)) }))
      }
      expect(index.crossed(prices, NOW)).toEqual([])
      return prices.calls()
    }
    expect(callsIn(200)).toBeLessThan(100)
    expect(callsIn(20_000)).toBeLessThan(100)
  })

  test('nor does what crosses cost a call each, where even the largest amount of a size does', () => {
    const prices = pricesOf({ first: 4, depth: 1e15, share: 1, most: Number.POSITIVE_INFINITY })
    const index = createLevelIndex()
    for (let number = 0; number < 10_000; number++) {
      index.set(orderOf(number, { amountIn: 1e10 + number, above: 3 }))
    }
    expect(index.crossed(prices, NOW)).toHaveLength(10_000)
    expect(prices.calls()).toBeLessThan(10)
  })
})
