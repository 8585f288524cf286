// Protections of keys, the wallet, and a halt of entries from outside: entries wait, exits trade.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { KeyStore } from '../../src/domain/ports/keys.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import { EXECUTE, expectProblem, type Json, type OrderBody, post, send } from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbeddedWith } from '../support/engines.ts'
import { tokenCalled } from '../support/orders.ts'
import { describeDistributed } from '../support/services.ts'

const settings = { SIM_SLOT_MS: '50', SWEEP_MS: '200' }
const HALT_MS = 6_000

const wanted = {
  halting: { haltAfterStops: { stops: 1, withinMs: HALT_MS, haltMs: HALT_MS } },
  cooling: { cooldownMs: 60_000 },
  losing: { maxLossPerDay: { [tokenCalled('A').mint]: '150000000' } },
  spending: { maxFeesPerDay: '1' },
  crowded: { maxOpenPositions: 1 },
  free: null,
} satisfies Record<string, KeyQuotas | null>

type Name = keyof typeof wanted
type Bearers = Readonly<Record<Name, { readonly authorization: string }>>

async function makeKeys(keys: KeyStore): Promise<Bearers> {
  const made = Object.entries(wanted).map(async ([name, quotas]) => {
    const { token } = await keys.create({ name, scopes: ['trade', 'read', 'admin'], quotas, expiresAt: null })
    return [name, { authorization: `Bearer ${token}` }] as const
  })
  return Object.fromEntries(await Promise.all(made)) as Bearers
}

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 20 })

/** A market sale. */
const market = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100' }
/** An exit that sells at once. */
const exit = { ...market, type: 'stop', trigger: { price: '1000' }, onImmediate: 'fire' }

/** Two APIs on one store; embedded both are one. */
function describeProtections(
  engines: () => { readonly urls: readonly [string, string]; readonly bearers: Bearers },
): void {
  const bearer = (name: Name) => engines().bearers[name]
  const order = (name: Name, body: Json, here = 0) =>
    post<{ orderId: string }>(`${engines().urls[here]}${EXECUTE}`, body, bearer(name))

  async function placed(name: Name, body: Json): Promise<string> {
    const reply = await order(name, body)
    expect(reply).toMatchObject({ status: 201 })
    return reply.body.orderId
  }

  const read = async (name: Name, id: string) =>
    (await send<OrderBody>(`${engines().urls[1]}/api/orders/${id}`, { headers: bearer(name) })).body

  const becomes = (name: Name, id: string, expected: object) =>
    until(async () => expect(await read(name, id)).toMatchObject(expected))

  const filled = async (name: Name, body: Json) =>
    becomes(name, await placed(name, body), { status: 'confirmed' })

  /** The entry is denied in both processes, with seconds to wait within the bounds. */
  async function denied(name: Name, body: Json, code: string, mostSeconds: number): Promise<void> {
    for (const here of [0, 1]) {
      const reply = await order(name, body, here)
      expectProblem(reply, 429, code)
      const seconds = Number(reply.headers.get('retry-after'))
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThanOrEqual(mostSeconds)
    }
  }

  const priceNow = async () => {
    const url = `${engines().urls[0]}/api/quotes?tokenIn=A&tokenOut=B&amountIn=100`
    const { body } = await send<{ route: { amountOut: string } }>(url, { headers: bearer('free') })
    return Number(body.route.amountOut) / 100
  }

  test('after a stop entries are denied and resting ones wait, until the halt is over; exits trade', async () => {
    const limit = { ...market, type: 'limit', limitPrice: ((await priceNow()) * 1.02).toFixed(6) }
    const resting = await placed('halting', limit)
    await becomes('halting', resting, { resting: true })
    await filled('halting', exit)
    const haltedAt = Date.now()
    await denied('halting', market, 'entries_halted', HALT_MS / 1_000)
    const move = { token: 'A', against: 'B', factor: '1.05' }
    await post(`${engines().urls[0]}/api/simulation/moves`, move, bearer('free'))
    await becomes('halting', resting, { waiting: { blocker: 'entries_halted' }, resting: true })
    await becomes('halting', resting, { status: 'confirmed' })
    expect(Date.now() - haltedAt).toBeGreaterThan(HALT_MS - 1_000)
    await filled('halting', market)
    await filled('halting', exit)
  })

  test('a token that an exit has sold is not bought again at once', async () => {
    await filled('cooling', exit)
    await denied('cooling', { ...market, tokenIn: 'B', tokenOut: 'A' }, 'cooldown', 60)
    await filled('cooling', market)
  })

  test('a key puts no more at risk than it may lose on a day, and exits go on', async () => {
    await filled('losing', market)
    await denied('losing', market, 'daily_loss_exceeded', 86_400)
    await filled('losing', { ...market, amountIn: '50' })
    expectProblem(await order('losing', { ...market, tokenIn: 'B', tokenOut: 'A' }), 422, 'token_not_allowed')
    await filled('losing', { ...exit, tokenIn: 'B', tokenOut: 'A' })
  })

  test('fees of the day end its entries, not its exits', async () => {
    await filled('spending', market)
    await denied('spending', market, 'daily_fees_exceeded', 86_400)
    await filled('spending', exit)
  })

  test('a sniper waits, and says why, while its key has as many open positions as it may', async () => {
    const creator = '3vW8hRnCkV7b2nTq1uYpXz5dLmS4sFgJ6aEoKcQiBtNr'
    const snipe = { type: 'sniper', tokenIn: 'SOL', creator, amountIn: '1', slippage: 0.1 }
    const exits = [{ type: 'takeProfit', trigger: { price: '1' } }]
    const first = await placed('crowded', { ...snipe, exits })
    await becomes('crowded', first, { resting: true })
    const launch = (symbol: string) =>
      post(
        `${engines().urls[0]}/api/simulation/launches`,
        { symbol, creator, liquidity: '200', venue: 'raydium' },
        bearer('free'),
      )
    await launch('CROWDA')
    await becomes('crowded', first, { status: 'confirmed', tokenOut: 'CROWDA' })
    const second = await placed('crowded', snipe)
    await becomes('crowded', second, {
      waiting: { blocker: 'guard', detail: expect.stringContaining('positions: ') },
      memory: { refused: 'positions' },
    })
    const [leg] = (await read('crowded', first)).children as readonly OrderBody[]
    const canceled = await send(`${engines().urls[0]}/api/orders/${leg?.orderId}`, {
      method: 'DELETE',
      headers: bearer('crowded'),
    })
    expect(canceled).toMatchObject({ status: 200 })
    await becomes('crowded', second, { status: 'confirmed', tokenOut: 'CROWDA' })
  })

  test('an operator halts entries alone', async () => {
    const [here, there] = engines().urls
    const switchTo = async (state: string) => {
      const reply = await send(`${here}/api/admin/trading`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', ...bearer('free') },
        body: JSON.stringify({ state }),
      })
      expect(reply).toMatchObject({ status: 200, body: { state } })
    }
    const resting = await placed('free', { ...market, type: 'limit', limitPrice: '1000' })
    const stop = await placed('free', { ...market, type: 'stop', trigger: { price: '0.001' } })
    await switchTo('entries_halted')
    await until(async () => expectProblem(await order('free', market, 1), 503, 'trading_halted'))
    await becomes('free', resting, { waiting: { blocker: 'halted' } })
    await becomes('free', stop, { waiting: { blocker: 'price' } })
    await filled('free', exit)
    expect((await send<string>(`${there}/metrics`, { headers: bearer('free') })).body).toMatch(
      /^oee_entries_halted 1$/m,
    )
    await switchTo('active')
    await until(async () => expect(await order('free', market, 1)).toMatchObject({ status: 201 }))
  })

  test('an exit without its tokens says so, waits, and sells once they are there', async () => {
    const launch = { symbol: 'MOON', liquidity: '500', venue: 'raydium' }
    await post(`${engines().urls[0]}/api/simulation/launches`, launch, bearer('free'))
    const sale = { tokenIn: 'MOON', tokenOut: 'SOL', amountIn: '1000', slippage: 0.5 }
    const first = { ...sale, type: 'stop', trigger: { price: '1000' }, onImmediate: 'fire' }
    let id = ''
    await until(async () => {
      const reply = await order('free', first)
      expect(reply).toMatchObject({ status: 201 })
      id = reply.body.orderId
    })
    await becomes('free', id, { unfunded: true, waiting: { blocker: 'unfunded' }, resting: true })
    const kinds = (await read('free', id)).events.map(({ kind }) => kind)
    expect(kinds).toEqual(['accepted', 'rested'])
    await filled('free', { type: 'market', tokenIn: 'SOL', tokenOut: 'MOON', amountIn: '1', slippage: 0.1 })
    await becomes('free', id, { status: 'confirmed', attempt: 1 })
    expect(await read('free', id)).not.toHaveProperty('unfunded')
  })

  test('the same tokens are promised once: later sells beyond them are unfunded, in lists too', async () => {
    const sale = { tokenIn: 'MOON', tokenOut: 'SOL', type: 'takeProfit', trigger: { price: '1000000' } }
    const held = { ...sale, amountIn: '1000' }
    const ids = [await placed('free', held), await placed('free', { ...sale, amountIn: '900000000000' })]
    const list = `${engines().urls[1]}/api/orders?token=MOON&resting=true`
    const marks = async () => {
      const { body } = await send<{ orders: readonly Json[] }>(list, { headers: bearer('free') })
      return ids.map((id) => body.orders.find(({ orderId }) => orderId === id)?.unfunded)
    }
    await until(async () => expect(await marks()).toEqual([undefined, true]))
    const preview = (amountIn: string) =>
      post<Json>(`${engines().urls[1]}/api/orders/preview`, { ...sale, amountIn }, bearer('free'))
    expect((await preview('900000000000')).body.warnings).toContainEqual({
      code: 'unfunded',
      detail: expect.stringMatching(/^the wallet holds \d+(\.\d+)? MOON, of which resting orders sell \d+/),
    })
    await becomes('free', ids[1] ?? '', { unfunded: true, waiting: { blocker: 'price' } })
    await send(`${engines().urls[0]}/api/orders/${ids[1]}`, { method: 'DELETE', headers: bearer('free') })
    const another = await placed('free', held)
    ids[1] = another
    await until(async () => expect(await marks()).toEqual([undefined, undefined]))
  })
}

describe('protections, embedded', () => {
  let engine: EmbeddedEngine
  let bearers: Bearers
  beforeAll(async () => {
    ;({ engine, made: bearers } = await startEmbeddedWith(makeKeys, settings))
  })
  afterAll(() => engine.stop())
  describeProtections(() => ({ urls: [engine.url, engine.url], bearers }))
})

describeDistributed('protections, through two APIs', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  let bearers: Bearers
  beforeAll(async () => {
    engines = await startDistributed(['worker'], settings)
    bearers = await makeKeys(engines.keys)
    for (const role of ['api', 'api'] as const) await engines.add(role)
  })
  afterAll(() => engines.stop())
  describeProtections(() => {
    const [, here, there] = engines.engines
    return { urls: [here?.url ?? '', there?.url ?? ''], bearers }
  })
})
