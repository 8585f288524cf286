// An operator's hand on the simulated market, from outside: moves of prices.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectProblem, type Json, post, send } from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

const MOVES = '/api/simulation/moves'
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
    const { body } = await send<{ tokens: readonly { symbol: string; mint: string }[] }>(
      `${engine.url}/api/tokens`,
    )
    const mint = body.tokens.find(({ symbol }) => symbol === 'A')?.mint
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

describeDistributed('moving a price from an API process that produces no blocks', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  beforeAll(async () => {
    engines = await startDistributed(['worker', 'api', 'api'], fast)
  })
  afterAll(() => engines.stop())

  test('shows in every process', async () => {
    const [, here, there] = engines.engines.map(({ url }) => url)
    expect(await post(`${here}${MOVES}`, { token: 'A', against: 'USDC', factor: '0.5' })).toMatchObject({
      status: 200,
    })
    for (const url of [here, there]) {
      await until(async () => expect((await pricesOfA(url ?? '')).raydium).toBeCloseTo(0.5, 1))
    }
  })
})
