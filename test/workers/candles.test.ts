// Candles of pairs: sampled once a slot where a pool has changed, for both directions of a pair at once.
import { describe, expect, test } from 'vitest'
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { MarketChange } from '../../src/domain/ports/marketData.ts'
import { createCandles } from '../../src/workers/candles.ts'
import { manualClock } from '../support/manualClock.ts'
import { tokenCalled } from '../support/orders.ts'
import { atVenues, cpmmPool } from '../support/routablePools.ts'

const [A, B, SOL, USDC] = [tokenCalled('A'), tokenCalled('B'), tokenCalled('SOL'), tokenCalled('USDC')]
const AB = { tokenIn: A, tokenOut: B }
const BA = { tokenIn: B, tokenOut: A }

/** A pool in which one A is worth so many B, in token units. */
const poolAt = (price: number, feePpm = 0n): RoutablePool =>
  cpmmPool({ pool: 'raydium A/B', tokenA: A, tokenB: B, feePpm }, 10n ** 12n, BigInt(price * 1e15))

/** A market of one pool, and how often it was read. */
function openMarket() {
  const clock = manualClock()
  const market = { pools: [poolAt(4)], slot: 1, views: 0, isUnreadable: false }
  let announce: (change: MarketChange) => void = () => {}
  const candles = createCandles({
    clock,
    routing: { maxLegs: 4, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: SOL.mint },
    marketData: {
      async view() {
        market.views += 1
        if (market.isUnreadable) throw new Error('no market')
        return { slot: market.slot, at: clock.now(), venues: atVenues(market.pools) }
      },
      onChange(listener) {
        announce = listener
        return () => {
          announce = () => {}
        }
      },
    },
    observe: {
      fault(_part, error) {
        throw error
      },
    },
  })
  const stop = candles.watch()

  /** A slot later; null: no pool has changed. */
  async function slot(price: number | null, slots = 1): Promise<void> {
    market.slot += slots
    if (price !== null) market.pools = [poolAt(price)]
    announce({
      slot: market.slot,
      pools: price === null ? [] : [{ pool: 'raydium A/B', mints: [B.mint, A.mint] }],
    })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  return { clock, market, candles, slot, stop }
}

const closes = async (read: Promise<readonly { close: number }[] | null>) =>
  (await read)?.map(({ close }) => Number(close.toPrecision(10)))

describe('the candles of a pair', () => {
  test('are sampled where a pool has changed, once a slot, and nothing is read where none has', async () => {
    const { clock, market, candles, slot } = openMarket()
    await slot(4)
    await slot(5, 0)
    expect(market.views).toBe(1)
    await slot(null)
    expect(market.views).toBe(2)
    for (let i = 0; i < 100; i++) await slot(null)
    expect(market.views).toBe(2)
    clock.advance(1_000)
    expect(await closes(candles.read(AB, '1s', 10))).toEqual([5, 5])
    expect(market.views).toBe(2)
  })

  test('are those of the reverse turned over', async () => {
    const { candles, slot } = openMarket()
    for (const price of [4, 8, 2, 5]) await slot(price)
    const [one] = (await candles.read(AB, '1m', 10)) ?? []
    const [other] = (await candles.read(BA, '1m', 10)) ?? []
    const inverse = (price = Number.NaN) => expect.closeTo(1 / price, 10)
    expect(
      [one?.open, one?.high, one?.low, one?.close].map((price) => Number(price?.toPrecision(10))),
    ).toEqual([4, 8, 2, 5])
    expect(other).toEqual({
      at: one?.at,
      open: inverse(one?.open),
      high: inverse(one?.low),
      low: inverse(one?.high),
      close: inverse(one?.close),
    })
  })

  test('lie between what is paid and what is charged: a fee moves them nowhere', async () => {
    const { market, candles } = openMarket()
    market.pools = [poolAt(4, 10_000n)]
    expect(await closes(candles.read(AB, '1s', 10))).toEqual([4])
  })

  test('are there at once for a pair that has not been sampled, and there are none of what is no pair', async () => {
    const { candles } = openMarket()
    expect(await closes(candles.read(BA, '1s', 10))).toEqual([0.25])
    expect(await candles.read({ tokenIn: A, tokenOut: USDC }, '1s', 10)).toBeNull()
  })

  test('are missing while the market cannot be read, and sampled again once it can', async () => {
    const { clock, market, candles, slot } = openMarket()
    await slot(4)
    clock.advance(1_000)
    market.isUnreadable = true
    await slot(5)
    clock.advance(1_000)
    await slot(null)
    market.isUnreadable = false
    clock.advance(1_000)
    await slot(null)
    expect(await closes(candles.read(AB, '1s', 10))).toEqual([4, 5])
  })

  test('are given to a follower at once and when the price changes, and no more once it stops', async () => {
    const { candles, slot } = openMarket()
    await slot(4)
    const given: number[] = []
    const stop = candles.follow(AB, '1s', ({ close }) => given.push(Number(close.toPrecision(10))))
    await slot(4)
    await slot(5)
    await slot(null)
    stop()
    await slot(6)
    expect(given).toEqual([4, 5])
  })

  test('are not sampled once nothing watches', async () => {
    const { market, slot, stop } = openMarket()
    stop()
    await slot(4)
    expect(market.views).toBe(0)
  })
})
