// What an operator does to the simulated market, from outside: moves of prices, and launches of tokens.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ended, expectProblem, type Json, place, post, send } from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

const MOVES = '/api/simulation/moves'
const LAUNCHES = '/api/simulation/launches'
const fast = { SIM_SLOT_MS: '20' }

type Pool = {
  readonly venue: string
  readonly tokenA: string
  readonly tokenB: string
  readonly price: string
}

/** What the pool of each venue says that A costs in USDC. */
async function pricesOfA(url: string): Promise<Record<string, number>> {
  const { pools } = (await send<{ pools: readonly Pool[] }>(`${url}/api/pools`)).body
  const found = pools.filter(({ tokenA, tokenB }) => tokenA === 'A' && tokenB === 'USDC')
  return Object.fromEntries(found.map(({ venue, price }) => [venue, Number(price)]))
}

type Token = { readonly symbol: string; readonly mint: string; readonly decimals: number }

const tokensOf = async (url: string) =>
  (await send<{ tokens: readonly Token[] }>(`${url}/api/tokens`)).body.tokens

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 20 })

describe('moving a price', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(fast)
  })
  afterAll(() => engine.stop())
  const move = (more: Json) =>
    post(`${engine.url}${MOVES}`, { token: 'A', against: 'USDC', factor: '0.5', ...more })

  test('moves every pool of the pair, by symbol or mint, and it stays moved over a restart', async () => {
    const mint = (await tokensOf(engine.url)).find(({ symbol }) => symbol === 'A')?.mint
    const reply = await move({ token: mint, slots: 3 })
    expect(reply).toMatchObject({ status: 200, body: { slot: expect.any(Number) } })
    const isHalved = async () => {
      const { raydium, meteora } = await pricesOfA(engine.url)
      expect(raydium).toBeCloseTo(0.5, 1)
      expect(meteora).toBeCloseTo(0.5, 1)
    }
    await until(isHalved)
    await engine.restart(fast)
    await isHalved()
    await move({ factor: '2', venues: ['meteora', 'raydium'] })
    await until(async () => expect((await pricesOfA(engine.url)).raydium).toBeCloseTo(1, 1))
  })

  test('on one venue moves that one, and arbitrage brings it back', async () => {
    await move({ factor: '3', venues: ['meteora'] })
    await until(async () => {
      const { raydium, meteora } = await pricesOfA(engine.url)
      expect(meteora).toBeGreaterThan(1.3)
      expect(raydium).toBeCloseTo(1, 1)
    })
    await until(async () => expect((await pricesOfA(engine.url)).meteora).toBeCloseTo(1, 1))
  })

  test.each([
    [{ token: 'NOPE' }, 'unknown_token'],
    [{ against: 'NOPE' }, 'unknown_token'],
    [{ against: 'A' }, 'same_token'],
    [{ token: 'RAY', against: 'BONK' }, 'no_such_pool'],
    [{ factor: undefined }, 'missing_field'],
    [{ factor: 0.5 }, 'invalid_type'],
    [{ factor: '' }, 'invalid_type'],
    [{ factor: '0' }, 'invalid_type'],
    [{ factor: '-1' }, 'invalid_type'],
    [{ factor: '1e2' }, 'invalid_type'],
    [{ factor: 'NaN' }, 'invalid_type'],
    [{ factor: '0.00009' }, 'invalid_type'],
    [{ factor: '10000.1' }, 'invalid_type'],
    [{ factor: '9'.repeat(400) }, 'invalid_type'],
    [{ slots: 0 }, 'invalid_type'],
    [{ slots: 1.5 }, 'invalid_type'],
    [{ slots: 10_001 }, 'invalid_type'],
    [{ slots: '1' }, 'invalid_type'],
    [{ venues: [] }, 'invalid_type'],
    [{ venues: ['orca'] }, 'invalid_type'],
    [{ venues: ['raydium', 'raydium'] }, 'invalid_type'],
    [{ venues: 'raydium' }, 'invalid_type'],
    [{ back: 'yes' }, 'invalid_type'],
    [{ inSlots: 1 }, 'unknown_field'],
  ])('denies %j', async (fields, code) => {
    expectProblem(await move(fields), 422, code)
  })

  test('denies what is no JSON object', async () => {
    expectProblem(await post(`${engine.url}${MOVES}`, '[]'), 400, 'body_not_object')
    expectProblem(await post(`${engine.url}${MOVES}`, '{'), 400, 'invalid_json')
  })
})

describe('launching a token', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(fast)
  })
  afterAll(() => engine.stop())
  const launch = (more: Json) =>
    post(`${engine.url}${LAUNCHES}`, { symbol: 'MOON', liquidity: '200', venue: 'raydium', ...more })

  for (const venue of ['raydium', 'meteora'] as const) {
    test(`makes it known, and orders buy and sell it on ${venue}`, async () => {
      const symbol = `ON${venue.toUpperCase()}`
      expectProblem(
        await send(`${engine.url}/api/quotes?tokenIn=SOL&tokenOut=${symbol}&amountIn=1`),
        422,
        'unknown_token',
      )
      const reply = await launch({ symbol, venue, inSlots: 3 })
      expect(reply).toMatchObject({ status: 201 })
      const { mint, pool } = reply.body
      await until(async () =>
        expect((await tokensOf(engine.url)).find((token) => token.symbol === symbol)).toMatchObject({
          mint,
          decimals: 6,
        }),
      )
      const { pools } = (await send<{ pools: readonly Json[] }>(`${engine.url}/api/pools`)).body
      expect(pools.find((each) => each.pool === pool)).toMatchObject({ venue, tokenA: symbol, tokenB: 'SOL' })
      const bought = await place(engine.url, {
        tokenIn: 'SOL',
        tokenOut: String(mint),
        amountIn: '1',
        slippage: 0.05,
      })
      expect(await ended(engine.url, bought.orderId)).toMatchObject({ status: 'confirmed' })
      const sold = await place(engine.url, {
        tokenIn: symbol,
        tokenOut: 'USDC',
        amountIn: '1000',
        slippage: 0.05,
      })
      expect(await ended(engine.url, sold.orderId)).toMatchObject({ status: 'confirmed' })
      await engine.restart(fast)
      expect((await tokensOf(engine.url)).map((token) => token.symbol)).toContain(symbol)
      const { body } = await send<{ events: readonly Json[] }>(`${engine.url}/api/orders/${sold.orderId}`)
      expect(body).toMatchObject({ status: 'confirmed', tokenIn: symbol })
    })
  }

  test('that cannot be sold makes the sale fail by the chain, not the engine', async () => {
    await launch({ symbol: 'TRAP', faults: ['no_sell'] })
    await until(async () =>
      expect((await tokensOf(engine.url)).map(({ symbol }) => symbol)).toContain('TRAP'),
    )
    const bought = await place(engine.url, {
      tokenIn: 'SOL',
      tokenOut: 'TRAP',
      amountIn: '1',
      slippage: 0.05,
    })
    expect(await ended(engine.url, bought.orderId)).toMatchObject({ status: 'confirmed' })
    const sold = await place(engine.url, {
      tokenIn: 'TRAP',
      tokenOut: 'SOL',
      amountIn: '1000',
      slippage: 0.05,
    })
    expect(await ended(engine.url, sold.orderId)).toMatchObject({
      status: 'failed',
      failure: { code: 'swap_reverted' },
    })
  })

  test.each([
    [{ symbol: undefined }, 'missing_field'],
    [{ symbol: '' }, 'invalid_type'],
    [{ symbol: 'TO THE MOON' }, 'invalid_type'],
    [{ symbol: 'A'.repeat(17) }, 'invalid_type'],
    [{ symbol: 'SOL' }, 'token_taken'],
    [{ mint: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v' }, 'token_taken'],
    [{ mint: '0'.repeat(32) }, 'invalid_type'],
    [{ mint: '2'.repeat(32) }, 'invalid_type'],
    [{ creator: 'z'.repeat(44) }, 'invalid_type'],
    [{ inSlots: -1 }, 'invalid_type'],
    [{ inSlots: 100_001 }, 'invalid_type'],
    [{ liquidity: undefined }, 'missing_field'],
    [{ liquidity: 'much' }, 'amount_malformed'],
    [{ liquidity: '0' }, 'amount_not_positive'],
    [{ liquidity: '-1' }, 'amount_malformed'],
    [{ liquidity: '0.0000000001' }, 'amount_precision'],
    [{ liquidity: '99999999999' }, 'amount_range'],
    [{ venue: 'orca' }, 'invalid_type'],
    [{ faults: ['ugly'] }, 'invalid_type'],
    [{ faults: ['drained', 'drained'] }, 'invalid_type'],
    [{ price: 1 }, 'unknown_field'],
  ])('denies %j', async (fields, code) => {
    expectProblem(await launch({ symbol: 'BAD', ...fields }), 422, code)
  })

  test('fifty times at once launches it once', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => launch({ symbol: 'ONCE' })))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 422)).toHaveLength(49)
  })
})

describeDistributed('an API process that produces no blocks', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  beforeAll(async () => {
    engines = await startDistributed(['worker', 'api', 'api'], fast)
  })
  afterAll(() => engines.stop())

  test('launches a token that every other takes orders for within a second', async () => {
    const [, here, there] = engines.engines.map(({ url }) => url)
    const reply = await post(`${here}${LAUNCHES}`, { symbol: 'MOON', liquidity: '200', venue: 'meteora' })
    expect(reply).toMatchObject({ status: 201 })
    await until(async () =>
      expect((await tokensOf(there ?? '')).map(({ symbol }) => symbol)).toContain('MOON'),
    )
    const { orderId } = await place(there ?? '', {
      tokenIn: 'SOL',
      tokenOut: 'MOON',
      amountIn: '1',
      slippage: 0.05,
    })
    expect(await ended(here ?? '', orderId)).toMatchObject({ status: 'confirmed' })
  })

  test('moves a price that every other shows', async () => {
    const [, here, there] = engines.engines.map(({ url }) => url)
    expect(await post(`${here}${MOVES}`, { token: 'A', against: 'USDC', factor: '0.5' })).toMatchObject({
      status: 200,
    })
    for (const url of [here, there]) {
      await until(async () => expect((await pricesOfA(url ?? '')).raydium).toBeCloseTo(0.5, 1))
    }
  })
})
