// Limits of keys from outside: what a client is told, and that racing it through two processes gains nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyStore } from '../../src/domain/ports/keys.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import {
  type Accepted,
  EXAMPLE,
  EXECUTE,
  expectProblem,
  type Json,
  openSocket,
  post,
} from '../support/client.ts'
import {
  type EmbeddedEngine,
  type Settings,
  startDistributed,
  startEmbeddedWith,
} from '../support/engines.ts'
import { tokenCalled } from '../support/orders.ts'
import { describeDistributed } from '../support/services.ts'

/** Nobody answers for so long, three times over: orders stay open while they are counted. */
const unanswered: Settings = { SIM_VENUE_FAULTS: 'raydium=slow,meteora=slow', QUOTE_TIMEOUT_MS: '3000' }
const A = tokenCalled('A').mint
const RACERS = 100

const wanted = {
  perMinute: { ordersPerMinute: 7 },
  open: { openOrders: 5 },
  perOrder: { perOrder: { [A]: '150000000' } },
  perDay: { perDay: { [A]: '1000000000' } },
  tokens: { tokens: [A, tokenCalled('SOL').mint] },
  both: { ordersPerMinute: 3, openOrders: 50 },
  socket: { ordersPerMinute: 1 },
  replayed: { ordersPerMinute: 2, openOrders: 2, perDay: { [A]: '200000000' } },
} satisfies Record<string, KeyQuotas>

type Name = keyof typeof wanted
type Bearers = Readonly<Record<Name, { readonly authorization: string }>>

async function makeKeys(keys: KeyStore): Promise<Bearers> {
  const made = Object.entries(wanted).map(async ([name, limits]) => {
    const { token } = await keys.create({ name, scopes: ['trade', 'read'], quotas: limits, expiresAt: null })
    return [name, { authorization: `Bearer ${token}` }] as const
  })
  return Object.fromEntries(await Promise.all(made)) as Bearers
}

/** Two APIs on one store; embedded both are one. */
function describeLimits(
  engines: () => { readonly urls: readonly [string, string]; readonly bearers: Bearers },
) {
  const order = (name: Name, more: Json = {}, headers: Record<string, string> = {}, i = 0) => {
    const { urls, bearers } = engines()
    const body = { ...JSON.parse(EXAMPLE), ...more }
    return post<Accepted>(`${urls[i % 2]}${EXECUTE}`, body, { ...bearers[name], ...headers })
  }

  const race = async (name: Name, more: Json = {}) => {
    const replies = await Promise.all(Array.from({ length: RACERS }, (_, i) => order(name, more, {}, i)))
    const of = (status: number) => replies.filter((reply) => reply.status === status)
    const [taken, refused] = [of(201), of(429)]
    expect(taken.length + refused.length).toBe(RACERS)
    return { taken, refused }
  }

  test('a hundred racing orders: as many as a minute allows, and the others hear when to come back', async () => {
    const { taken, refused } = await race('perMinute')
    expect(taken).toHaveLength(7)
    const remaining = taken.map(({ headers }) =>
      /^"orders";r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit') ?? ''),
    )
    expect(remaining.map((match) => Number(match?.[1])).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6])
    for (const reply of refused) {
      expectProblem(reply, 429, 'rate_limited')
      const seconds = Number(reply.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(60)
      expect(reply.headers.get('ratelimit')).toBe(`"orders";r=0;t=${seconds}`)
      expect(reply.headers.get('ratelimit-policy')).toBe('"orders";q=7;w=60')
    }
  })

  test('a hundred racing orders: as many as may be open', async () => {
    const { taken, refused } = await race('open')
    expect(taken).toHaveLength(5)
    for (const reply of refused) expectProblem(reply, 429, 'open_orders_exceeded')
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    expect(refused[0]?.headers.get('ratelimit')).toBeNull()
  })

  test('a hundred racing orders: as much as may be sold on one day', async () => {
    const { taken, refused } = await race('perDay', { amountIn: '30' })
    expect(taken).toHaveLength(33)
    for (const reply of refused) expectProblem(reply, 429, 'daily_notional_exceeded')
    const seconds = Number(refused[0]?.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(86_400)
    expect((await order('perDay', { amountIn: '10' })).status).toBe(201)
    expectProblem(await order('perDay', { amountIn: '0.000001' }), 429, 'daily_notional_exceeded')
  })

  test('one order: no unit more than it may sell, and no token that has no bound', async () => {
    expect((await order('perOrder', { amountIn: '150' })).status).toBe(201)
    const reply = await order('perOrder', { amountIn: '150.000001' })
    expectProblem(reply, 422, 'order_notional_exceeded')
    expect(reply.body.errors).toEqual([
      { field: 'amountIn', code: 'order_notional_exceeded', detail: 'at most 150 A' },
    ])
    expectProblem(
      await order('perOrder', { tokenIn: 'SOL', tokenOut: 'USDC', amountIn: 1 }),
      422,
      'token_not_allowed',
    )
  })

  test('tokens: only those on the list, by symbol or by mint, on either side', async () => {
    expect((await order('tokens', { tokenOut: 'SOL', amountIn: 1 })).status).toBe(201)
    const reply = await order('tokens', { tokenIn: tokenCalled('B').mint, tokenOut: 'USDC', amountIn: 1 })
    expectProblem(reply, 422, 'token_not_allowed')
    expect(reply.body.errors).toMatchObject([{ field: 'tokenIn' }, { field: 'tokenOut' }])
  })

  test('a denied or refused order counts nowhere', async () => {
    for (let i = 0; i < 5; i++) {
      expectProblem(await order('both', { tokenOut: 'A' }), 422, 'same_token')
    }
    for (let i = 0; i < 3; i++) expect((await order('both')).status).toBe(201)
    expectProblem(await order('both'), 429, 'rate_limited')
  })

  test('fifty repeats through both are one order, also when the limit is reached', async () => {
    const key = { 'idempotency-key': 'again' }
    const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => order('replayed', {}, key, i)))
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.orderId}`)).size).toBe(1)
    expect((await order('replayed')).status).toBe(201)
    expectProblem(await order('replayed'), 429, 'rate_limited')
    const again = await order('replayed', {}, key, 1)
    expect(again).toMatchObject({ status: 201, body: { orderId: replies[0]?.body.orderId } })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.headers.get('ratelimit')).toMatch(/^"orders";r=0;/)
  })

  test('a socket takes no order that a request would not', async () => {
    const { urls, bearers } = engines()
    expect((await order('socket')).status).toBe(201)
    const url = `${urls[1].replace('http', 'ws')}${EXECUTE}`
    const stream = openSocket(url, { headers: bearers.socket })
    stream.socket.on('open', () => stream.socket.send(EXAMPLE))
    await new Promise((resolve) => stream.socket.once('message', resolve))
    stream.socket.close()
    const { frames } = await stream.closed
    expect(frames.map((frame) => JSON.parse(frame).error)).toMatchObject([
      { code: 'rate_limited', status: 429 },
    ])
  })
}

describe('limits of a key, embedded', () => {
  let engine: EmbeddedEngine
  let bearers: Bearers
  beforeAll(async () => {
    ;({ engine, made: bearers } = await startEmbeddedWith(makeKeys, unanswered))
  })
  afterAll(() => engine.stop())
  describeLimits(() => ({ urls: [engine.url, engine.url], bearers }))

  test('hold over a restart', async () => {
    await engine.restart(unanswered)
    const reply = await post(`${engine.url}${EXECUTE}`, EXAMPLE, bearers.perMinute)
    expectProblem(reply, 429, 'rate_limited')
  })
})

describeDistributed('limits of a key, through two APIs', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  let bearers: Bearers
  beforeAll(async () => {
    engines = await startDistributed(['worker'], unanswered)
    bearers = await makeKeys(engines.keys)
    for (const role of ['api', 'api'] as const) await engines.add(role)
  })
  afterAll(() => engines.stop())
  describeLimits(() => {
    const [, here, there] = engines.engines
    return { urls: [here?.url ?? '', there?.url ?? ''], bearers }
  })
})
