// Reading from outside: orders by id and in pages, quotes, tokens, pools, the ledger of the simulated chain.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Accepted,
  ended,
  expectProblem,
  getOrder,
  type Json,
  place,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

const read = async <Body = Json>(path: string) => (await send<Body>(`${engine.url}${path}`)).body

type Page = { readonly orders: readonly { readonly orderId: string }[]; readonly nextCursor: string | null }
const list = (query: string) => read<Page>(`/api/orders?${query}`)
const idsOf = ({ orders }: Page) => orders.map(({ orderId }) => orderId)

describe('an order', () => {
  test('can be read by its id as soon as it is acknowledged', async () => {
    for (let i = 0; i < 20; i++) {
      const { orderId } = await place(engine.url)
      const order = await getOrder(engine.url, orderId)
      expect([order.orderId, order.events[0]?.kind]).toEqual([orderId, 'accepted'])
      expect(order.events).toHaveLength(order.seq)
    }
  })

  test.each(['019f0000-0000-7000-8000-000000000000', 'nonsense', '%00', '..%2f..%2fetc'])(
    'that does not exist is 404: %s',
    async (id) => {
      expectProblem(await send(`${engine.url}/api/orders/${id}`), 404, 'order_not_found')
      expectProblem(await send(`${engine.url}/api/orders/${id}/events`), 404, 'order_not_found')
      expectProblem(
        await send(`${engine.url}/api/orders/${id}`, { method: 'DELETE' }),
        404,
        'order_not_found',
      )
    },
  )
})

describe('the list', () => {
  const placed: Accepted[] = []
  beforeAll(async () => {
    const wanted = [
      {},
      { tokenIn: 'SOL', tokenOut: 'JUP' },
      { clientOrderId: 'listed' },
      { tokenOut: 'SOL' },
      {},
    ]
    for (const more of wanted) placed.push(await place(engine.url, more))
    const failing = await place(engine.url, { tokenIn: 'BONK', tokenOut: 'USDC', amountIn: '0.00001' })
    for (const { orderId } of [...placed, failing]) await ended(engine.url, orderId)
    placed.push(failing)
  })
  const pick = (...numbers: number[]) => numbers.map((number) => placed[number]?.orderId)

  test('begins with the newest', async () => {
    expect(idsOf(await list('limit=6'))).toEqual(pick(5, 4, 3, 2, 1, 0))
  })

  test('pages through everything once, whatever is placed meanwhile', async () => {
    const walked: string[] = []
    const before = idsOf(await list('limit=1000'))
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await list(`limit=4${cursor && `&cursor=${cursor}`}`)
      walked.push(...idsOf(page))
      cursor = page.nextCursor
      await place(engine.url)
    }
    expect(walked).toEqual(before)
  })

  test('filters by status, by token as symbol or mint, by client order id', async () => {
    expect(idsOf(await list('status=failed'))).toEqual(pick(5))
    expect(idsOf(await list('token=SOL'))).toEqual(pick(3, 1))
    expect(idsOf(await list('token=So11111111111111111111111111111111111111112'))).toEqual(pick(3, 1))
    expect(idsOf(await list('clientOrderId=listed'))).toEqual(pick(2))
    expect(idsOf(await list('clientOrderId=nobody'))).toEqual([])
    expect(idsOf(await list('status=confirmed&token=JUP'))).toEqual(pick(1))
    expect(await list('status=canceled')).toEqual({ orders: [], nextCursor: null })
  })

  test('shows each order as it stands, without its events', async () => {
    const { orders } = await list('clientOrderId=listed')
    const { events: _events, ...order } = await getOrder(engine.url, placed[2]?.orderId ?? '')
    expect(orders).toEqual([order])
  })
})

describe('quotes', () => {
  test('show all venues side by side, the route an order would take, and why', async () => {
    const body = await read<Json & { quotes: Json[]; route: Json }>(
      '/api/quotes?tokenIn=A&tokenOut=B&amountIn=100&slippageBps=100',
    )
    expect(body).toMatchObject({ tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 100 })
    expect(body.quotes.map(({ program }) => program).toSorted()).toEqual([
      'meteora-damm-v2',
      'meteora-dlmm',
      'meteora-dlmm',
      'raydium-amm-v4',
      'raydium-clmm',
      'raydium-cpmm',
    ])
    const outs = body.quotes.map(({ amountOutBase }) => BigInt(String(amountOutBase)))
    const [best = 0n] = outs.toSorted((a, b) => (a > b ? -1 : 1))
    expect(body.route).toMatchObject({
      amountOutBase: String(best),
      reason: expect.stringContaining('pays most'),
    })
    expect(body.minAmountOutBase).toBe(String((best * 99n + 99n) / 100n))
  })

  test('for a pair nobody trades directly go through a token that both trade against', async () => {
    const body = await read<Json & { route: { legs: Json[] } }>(
      '/api/quotes?tokenIn=RAY&tokenOut=BONK&amountIn=1',
    )
    const [first, second] = body.route.legs
    expect(first).toMatchObject({ tokenIn: 'RAY', tokenOut: second?.tokenIn })
    expect(second).toMatchObject({ tokenOut: 'BONK' })
    // The second hop spends a fixed amount: a little less than the first is quoted to pay, so that it may fall short.
    const [paid, spent] = [BigInt(String(first?.amountOutBase)), BigInt(String(second?.amountInBase))]
    expect(spent < paid && spent > (paid * 997n) / 1_000n).toBe(true)
    expect(body.quotes).toMatchObject([
      { venue: 'raydium', error: 'no_pool' },
      { venue: 'meteora', error: 'no_pool' },
    ])
  })

  const LARGE = '/api/quotes?tokenIn=A&tokenOut=B&amountIn=2000000'
  const routeOf = async (query = '') =>
    (await read<Json & { route: Json & { legs: Json[] } }>(`${LARGE}${query}`)).route

  test('split a large amount when that pays more, and say by how much', async () => {
    const [split, whole] = [await routeOf(), await routeOf('&split=false')]
    expect(split.legs.length).toBe(2)
    expect(whole.legs.length).toBe(1)
    expect(BigInt(String(split.amountOutBase))).toBeGreaterThan(BigInt(String(whole.amountOutBase)))
    expect(split.reason).toMatch(/% .* \+ .* pays most; [\d.]+ bps more than the best pool/)
  })

  test('stay within the venues allowed', async () => {
    for (const venue of ['raydium', 'meteora']) {
      const { legs } = await routeOf(`&venues=${venue}`)
      expect(new Set(legs.map((leg) => leg.venue))).toEqual(new Set([venue]))
    }
  })

  test('refuse what would move the price further than allowed', async () => {
    expect(await read(`${LARGE}&maxPriceImpactBps=1`)).toMatchObject({
      route: null,
      failure: { code: 'price_impact_too_high' },
    })
  })

  test.each([
    ['tokenIn=A&tokenOut=B', 'missing_field'],
    ['tokenIn=A&tokenOut=B&amountIn=0', 'amount_not_positive'],
    ['tokenIn=A&tokenOut=B&amountIn=-1', 'amount_malformed'],
    ['tokenIn=A&tokenOut=B&amountIn=1.0000001', 'amount_precision'],
    ['tokenIn=A&tokenOut=A&amountIn=1', 'same_token'],
    ['tokenIn=A&tokenOut=DOGE&amountIn=1', 'unknown_token'],
    ['tokenIn=A&tokenOut=B&amountIn=1&slippageBps=0', 'slippage_invalid'],
    ['tokenIn=A&tokenOut=B&amountIn=1&slippageBps=5001', 'slippage_invalid'],
    ['tokenIn=A&tokenOut=B&amountIn=1&callback=x', 'unknown_field'],
  ])('for %s are denied', async (query, code) => {
    expectProblem(await send(`${engine.url}/api/quotes?${query}`), 422, code)
  })
})

describe('the market', () => {
  test('names its tokens with their real decimals and mints', async () => {
    const { tokens } = await read<{ tokens: Json[] }>('/api/tokens')
    const known = { A: 6, B: 9, SOL: 9, USDC: 6, USDT: 6, JUP: 6, BONK: 5, RAY: 6 }
    expect(Object.fromEntries(tokens.map(({ symbol, decimals }) => [symbol, decimals]))).toEqual(known)
    expect(tokens).toContainEqual({
      symbol: 'USDC',
      mint: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v',
      decimals: 6,
    })
  })

  test('shows pools of both venues for the same pairs', async () => {
    const { pools, unavailable } = await read<{ pools: Json[]; unavailable: string[] }>('/api/pools')
    const pairs = (venue: string) =>
      pools
        .filter((pool) => pool.venue === venue)
        .map(({ tokenA, tokenB }) => `${tokenA}/${tokenB}`)
        .toSorted()
    expect(pairs('raydium')).toContain('A/B')
    expect(pairs('meteora')).toEqual(pairs('raydium'))
    expect(unavailable).toEqual([])
    for (const pool of pools) {
      expect(pool).toMatchObject({
        price: expect.stringMatching(/^\d+(\.\d+)?$/),
        reserveABase: expect.stringMatching(/^\d+$/),
        feeBps: expect.any(Number),
      })
    }
  })

  test('pages through its ledger in the order of landing, each swap once', async () => {
    const { orderId } = await place(engine.url)
    await ended(engine.url, orderId)
    type Swaps = { swaps: { signature: string; slot: number }[]; nextCursor: string | null }
    const all = await read<Swaps>('/api/simulation/swaps?limit=1000')
    const walked = []
    for (let cursor: string | null = '0'; cursor !== null; ) {
      const page: Swaps = await read<Swaps>(`/api/simulation/swaps?limit=3&cursor=${cursor}`)
      walked.push(...page.swaps)
      cursor = page.nextCursor
    }
    expect(walked.slice(0, all.swaps.length)).toEqual(all.swaps)
    expect(new Set(walked.map(({ signature }) => signature)).size).toBe(walked.length)
    const slots = walked.map(({ slot }) => slot)
    expect(slots).toEqual(slots.toSorted((a, b) => a - b))
    expect(await swapsOf(engine.url, orderId)).toHaveLength(1)
    expect(await swapsOf(engine.url, 'no order')).toEqual([])
  })
})
