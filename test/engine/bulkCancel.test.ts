// Canceling all orders of a filter, from outside: counted first, then confirmed, and each order ends once.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { KeyStore } from '../../src/domain/ports/keys.ts'
import {
  EXECUTE,
  ended,
  expectProblem,
  getOrder,
  type Json,
  post,
  type Reply,
  send,
  swapsOf,
} from '../support/client.ts'
import {
  type EmbeddedEngine,
  startDistributed,
  startEmbedded,
  startEmbeddedWith,
} from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

/** A limit that the market does not reach. */
const LIMIT = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '1', limitPrice: '40' }

type Plan = Json & { readonly count: number; readonly token: string }
type Headers = Record<string, string>

const ask = <Body = Plan>(url: string, query: string, headers: Headers = {}): Promise<Reply<Body>> =>
  send<Body>(`${url}/api/orders?${query}`, { method: 'DELETE', headers })

const confirm = async (url: string, query: string, headers: Headers = {}) => {
  const { token } = (await ask(url, query, headers)).body
  return ask<Json>(url, `${query}&confirm=${token}`, headers)
}

async function rest(url: string, more: Json = {}, headers: Headers = {}): Promise<string> {
  const { status, body } = await post<{ orderId: string }>(`${url}${EXECUTE}`, { ...LIMIT, ...more }, headers)
  expect({ status, body }).toMatchObject({ status: 201 })
  return body.orderId
}

const statuses = (url: string, ids: readonly string[]) =>
  Promise.all(ids.map(async (id) => (await getOrder(url, id)).status))

describe('a bulk cancel', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded({ SIM_SLOT_MS: '50' })
  })
  afterAll(() => engine.stop())

  test('counts first and cancels nothing; with the token it cancels what was counted, over a restart too', async () => {
    const ids = [await rest(engine.url), await rest(engine.url), await rest(engine.url)]
    const other = await rest(engine.url, { tokenOut: 'SOL' })
    const { status, body: plan } = await ask(engine.url, 'type=limit&token=B')
    expect({ status, plan }).toEqual({
      status: 200,
      plan: {
        count: 3,
        token: expect.stringMatching(/^[\w-]+$/),
        filter: { type: 'limit', token: 'B' },
        expiresAt: expect.stringMatching(/Z$/),
      },
    })
    expect(await statuses(engine.url, ids)).toEqual(['pending', 'pending', 'pending'])
    const later = await rest(engine.url)
    await engine.restart({ SIM_SLOT_MS: '50' })
    const done = await ask<Json>(engine.url, `token=B&type=limit&confirm=${plan.token}`)
    expect(done).toMatchObject({
      status: 200,
      body: { canceled: 3, tooLate: 0, tooLateIds: [], remaining: 0, filter: { type: 'limit', token: 'B' } },
    })
    expect(await statuses(engine.url, [...ids, other, later])).toEqual([
      'canceled',
      'canceled',
      'canceled',
      'pending',
      'pending',
    ])
    expect(await confirm(engine.url, 'all=true')).toMatchObject({ status: 200, body: { canceled: 2 } })
  })

  test('of nothing counts nothing and cancels nothing', async () => {
    expect(await ask(engine.url, 'clientOrderId=nobody')).toMatchObject({ status: 200, body: { count: 0 } })
    const { token } = (await ask(engine.url, 'clientOrderId=nobody')).body
    const id = await rest(engine.url, { clientOrderId: 'nobody' })
    expect(await ask(engine.url, `clientOrderId=nobody&confirm=${token}`)).toMatchObject({
      status: 200,
      body: { canceled: 0, tooLate: 0, remaining: 0 },
    })
    expect(await statuses(engine.url, [id])).toEqual(['pending'])
    expect(await ask(engine.url, 'status=confirmed')).toMatchObject({ status: 200, body: { count: 0 } })
  })

  test('needs a filter, or the word for everything', async () => {
    for (const query of ['', 'all=true&type=limit']) {
      const reply = await ask<Json>(engine.url, query)
      expectProblem(reply, 422, 'filter_required')
      expect(reply.body.errors).toEqual([expect.objectContaining({ field: 'all' })])
    }
    expectProblem(await ask(engine.url, 'all=false'), 422, 'invalid_type')
    expectProblem(await ask(engine.url, 'token=NOPE'), 422, 'unknown_token')
    expectProblem(await ask(engine.url, 'type=limit&cursor=x'), 422, 'unknown_field')
  })

  test('takes no token of another filter, and none that is made up', async () => {
    const id = await rest(engine.url)
    const { token } = (await ask(engine.url, 'type=limit')).body
    expectProblem(await ask(engine.url, `all=true&confirm=${token}`), 422, 'confirm_invalid')
    expectProblem(await ask(engine.url, `type=limit&token=B&confirm=${token}`), 422, 'confirm_invalid')
    expectProblem(await ask(engine.url, 'type=limit&confirm=yes'), 422, 'confirm_invalid')
    expectProblem(await ask(engine.url, 'type=limit&confirm='), 422, 'invalid_type')
    expect(await statuses(engine.url, [id])).toEqual(['pending'])
  })

  test('at the same moment as the market: each order is canceled or filled, never both', async () => {
    const { url } = engine
    const { body } = await send<{ route: { amountOut: string } }>(
      `${url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`,
    )
    const limitPrice = (Number(body.route.amountOut) * 1.01).toFixed(6)
    const ids = await Promise.all(Array.from({ length: 30 }, () => rest(url, { limitPrice })))
    const { token, count } = (await ask(url, 'type=limit&token=A')).body
    expect(count).toBeGreaterThanOrEqual(30)
    const [, ...replies] = await Promise.all([
      post(`${url}/api/simulation/moves`, { token: 'A', against: 'B', factor: '1.05' }),
      ask<Json>(url, `type=limit&token=A&confirm=${token}`),
      ask<Json>(url, `type=limit&token=A&confirm=${token}`),
    ])
    for (const { status } of replies) expect(status).toBe(200)
    const orders = await Promise.all(ids.map((id) => ended(url, id)))
    for (const order of orders) {
      const landed = (await swapsOf(url, order.orderId)).filter(({ error }) => error === null)
      expect(landed).toHaveLength(order.status === 'confirmed' ? 1 : 0)
      expect(['confirmed', 'canceled']).toContain(order.status)
    }
  })
})

test('a bulk cancel is of the orders of its key, and the token of another key is none', async () => {
  const makeKeys = async (keys: KeyStore) => {
    const make = () => keys.create({ name: 'bot', scopes: ['trade', 'read'], quotas: null, expiresAt: null })
    return [(await make()).token, (await make()).token] as const
  }
  const { engine, made } = await startEmbeddedWith(makeKeys, { REQUIRE_API_KEYS: 'always' })
  try {
    const [mine = {}, theirs = {}] = made.map((token) => ({ authorization: `Bearer ${token}` }))
    await rest(engine.url, {}, mine)
    const other = await rest(engine.url, {}, theirs)
    const { count, token } = (await ask(engine.url, 'all=true', mine)).body
    expect(count).toBe(1)
    expectProblem(await ask(engine.url, `all=true&confirm=${token}`, theirs), 422, 'confirm_invalid')
    expect(await confirm(engine.url, 'all=true', mine)).toMatchObject({ body: { canceled: 1 } })
    const reply = await send(`${engine.url}/api/orders/${other}`, { headers: theirs })
    expect(reply.body).toMatchObject({ status: 'pending' })
  } finally {
    await engine.stop()
  }
})

describeDistributed('with several processes', () => {
  test('any of them takes the token that another gave out', async () => {
    const distributed = await startDistributed(['api', 'api', 'worker'])
    try {
      const [here = '', there = ''] = distributed.engines.map(({ url }) => url)
      const id = await rest(here)
      await vi.waitFor(async () => expect((await getOrder(here, id)).resting).toBe(true), { timeout: 10_000 })
      const { token } = (await ask(here, 'all=true')).body
      expect(await ask(there, `all=true&confirm=${token}`)).toMatchObject({ body: { canceled: 1 } })
      expect(await statuses(here, [id])).toEqual(['canceled'])
    } finally {
      await distributed.stop()
    }
  })
})
