// The wallet, the depth of the market and the system, from outside: alone, and in processes that share their work.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ended, expectProblem, type Json, openSocket, place, send } from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

type Balance = Readonly<
  Record<'token' | 'mint' | 'amount' | 'amountBase' | 'reserved' | 'reservedBase', string>
>
type Wallet = { readonly address: string; readonly balances: readonly Balance[] }
type Venue = { readonly venue: string; readonly breaker: string; readonly latencyMs: number | null } & Json
type Process = Json & {
  readonly processId: string
  readonly streams: number
  readonly venues: readonly Venue[]
}
type System = Json & { readonly processes: readonly Process[] }
type Paid = { readonly amountOut: string; readonly amountOutBase: string }
type Point = {
  readonly amountIn: string
  readonly venues: readonly (Paid & { readonly venue: string })[]
  readonly route: Paid | null
}

const RESTING = { type: 'limit', slippage: undefined, limitPrice: '1000', amountIn: '100' }
const walletOf = async (url: string) => (await send<Wallet>(`${url}/api/wallet`)).body
const systemOf = async (url: string) => (await send<System>(`${url}/api/system`)).body
const balanceOf = async (url: string, token: string) =>
  (await walletOf(url)).balances.find((balance) => balance.token === token)
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 })

describe('alone', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded()
  })
  afterAll(() => engine.stop())

  test('the wallet holds what orders leave it, and reserves what resting ones sell', async () => {
    const { address, balances } = await walletOf(engine.url)
    expect(address).toMatch(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/)
    expect(balances.map(({ token }) => token)).toEqual(expect.arrayContaining(['A', 'B', 'SOL', 'USDC']))
    const before = await balanceOf(engine.url, 'A')
    expect(before).toMatchObject({ reserved: '0', reservedBase: '0' })
    const { orderId } = await place(engine.url)
    expect(await ended(engine.url, orderId)).toMatchObject({ status: 'confirmed' })
    const after = await balanceOf(engine.url, 'A')
    expect(BigInt(before?.amountBase ?? 0) - BigInt(after?.amountBase ?? 0)).toBe(100_000_000n)
    await place(engine.url, RESTING)
    await until(async () =>
      expect(await balanceOf(engine.url, 'A')).toMatchObject({ reserved: '100', reservedBase: '100000000' }),
    )
  })

  test('the system says how it runs, and how each venue answers', async () => {
    await place(engine.url).then(({ orderId }) => ended(engine.url, orderId))
    const system = await systemOf(engine.url)
    expect(system).toMatchObject({
      mode: 'simulated',
      runtime: 'embedded',
      trading: 'active',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      queue: { depth: expect.any(Number), oldestMs: expect.any(Number) },
      orders: { working: expect.any(Number), resting: expect.any(Number) },
      processes: [{ role: 'all', streams: expect.any(Number) }],
    })
    expect(system.processes[0]?.venues).toMatchObject([
      { venue: 'raydium', breaker: 'closed', latencyMs: expect.any(Number), lastFailure: null },
      { venue: 'meteora', breaker: 'closed', latencyMs: expect.any(Number), lastFailure: null },
    ])
  })

  test('the system counts the streams that are open', async () => {
    const streams = async () => (await systemOf(engine.url)).processes[0]?.streams
    const { orderId } = await place(engine.url, RESTING)
    await until(async () => expect(await streams()).toBe(0))
    const { socket, closed } = openSocket(
      `${engine.url.replace('http', 'ws')}/api/orders/execute?orderId=${orderId}`,
    )
    await until(async () => expect(await streams()).toBe(1))
    socket.close()
    await closed
    await until(async () => expect(await streams()).toBe(0))
  })

  const depth = (query: string) =>
    send<{ points: readonly Point[]; crossovers: readonly Json[] } & Json>(`${engine.url}/api/depth?${query}`)

  test('depth has each venue and the route at every size', async () => {
    const { status, body } = await depth('tokenIn=A&tokenOut=B&maxAmountIn=100000&points=48')
    expect(status).toBe(200)
    expect(body).toMatchObject({ tokenIn: 'A', tokenOut: 'B', slot: expect.any(Number) })
    expect(body.points).toHaveLength(48)
    expect(body.points.at(-1)?.amountIn).toBe('100000')
    for (const { venues, route } of body.points) {
      expect(venues.map(({ venue }) => venue)).toEqual(['raydium', 'meteora'])
      const best = Math.max(...venues.map(({ amountOutBase }) => Number(amountOutBase)))
      expect(Number(route?.amountOutBase)).toBeGreaterThanOrEqual(best * 0.999)
    }
  })

  test.each([
    ['tokenIn=A&tokenOut=B', 'missing_field', 'maxAmountIn'],
    ['tokenIn=NOPE&tokenOut=B&maxAmountIn=1', 'unknown_token', 'tokenIn'],
    ['tokenIn=A&tokenOut=A&maxAmountIn=1', 'same_token', 'tokenOut'],
    ['tokenIn=A&tokenOut=B&maxAmountIn=much', 'amount_malformed', 'maxAmountIn'],
    ['tokenIn=A&tokenOut=B&maxAmountIn=0', 'amount_not_positive', 'maxAmountIn'],
    ['tokenIn=A&tokenOut=B&maxAmountIn=0.0000001', 'amount_precision', 'maxAmountIn'],
    ['tokenIn=A&tokenOut=B&maxAmountIn=99999999999999', 'amount_range', 'maxAmountIn'],
    ['tokenIn=A&tokenOut=B&maxAmountIn=1&points=1', 'invalid_type', 'points'],
    ['tokenIn=A&tokenOut=B&maxAmountIn=1&points=49', 'invalid_type', 'points'],
    ['tokenIn=A&tokenOut=B&maxAmountIn=1&venue=raydium', 'unknown_field', 'venue'],
  ])('depth denies %s', async (query, code, field) => {
    const reply = await depth(query)
    expectProblem(reply, 422, code)
    expect(reply.body.errors).toMatchObject([{ field, code }])
  })
})

describeDistributed('in processes that share their work', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  let api: string
  beforeAll(async () => {
    engines = await startDistributed(['worker', 'api'])
    api = engines.engines[1]?.url ?? ''
  }, 60_000)
  afterAll(() => engines.stop())

  test('a process that trades nothing itself shows the wallet', async () => {
    const before = await balanceOf(api, 'A')
    const { orderId } = await place(api)
    expect(await ended(api, orderId)).toMatchObject({ status: 'confirmed' })
    await until(async () => {
      const after = await balanceOf(api, 'A')
      expect(BigInt(before?.amountBase ?? 0) - BigInt(after?.amountBase ?? 0)).toBe(100_000_000n)
    })
    await place(api, RESTING)
    await until(async () => expect(await balanceOf(api, 'A')).toMatchObject({ reserved: '100' }))
  })

  test('each process is listed with what it has seen of the venues, until it stops', async () => {
    const more = await engines.add('worker')
    await until(async () => {
      const { processes, runtime } = await systemOf(api)
      expect(runtime).toBe('distributed')
      expect(processes.map(({ role }) => role)).toEqual(['api', 'worker', 'worker'])
      const asked = processes.flatMap(({ venues }) => venues).filter(({ latencyMs }) => latencyMs !== null)
      expect(asked.length).toBeGreaterThan(0)
    })
    await more.stop('the test is over')
    await until(async () => expect((await systemOf(api)).processes).toHaveLength(2))
  })
})
