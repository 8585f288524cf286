// Orders that move the market by their own size, from outside: previews and placing agree on which need consent.
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  EXECUTE,
  ended,
  expectProblem,
  type Json,
  type OrderBody,
  openSocket,
  post,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded({ SIM_SLOT_MS: '50' })
})
afterAll(() => engine.stop())

const sale = { type: 'market', tokenIn: 'A', tokenOut: 'B' }
const previewed = (body: Json) => post<Json>(`${engine.url}/api/orders/preview`, { ...sale, ...body })
const placed = (body: Json, headers: Record<string, string> = {}) =>
  post<OrderBody>(`${engine.url}${EXECUTE}`, { ...sale, ...body }, headers)

/** Of A, in a market of some 20 million: one amount that hardly moves the price, and one that goes beyond what the pools hold near it. */
const [LIGHT, HEAVY] = ['1000000', '40000000']

test('what a preview says of the impact, placing does', async () => {
  const limit = { type: 'limit', limitPrice: '0.5', acceptOffMarket: true }
  const resting = { type: 'limit', limitPrice: '40' }
  const exit = { type: 'takeProfit', trigger: { price: '0.5' }, onImmediate: 'fire' }
  const cases: readonly (readonly [Json, 'placed' | 'denied'])[] = [
    [{ amountIn: LIGHT }, 'placed'],
    [{ amountIn: LIGHT, ...limit }, 'placed'],
    [{ amountIn: '0.000001' }, 'placed'],
    [{ amountIn: HEAVY }, 'denied'],
    [{ amountIn: HEAVY, acceptImpact: false }, 'denied'],
    [{ amountIn: HEAVY, maxPriceImpactBps: 9_999 }, 'denied'],
    [{ amountIn: HEAVY, ...limit }, 'denied'],
    [{ amountIn: HEAVY, ...limit, timeInForce: 'IOC' }, 'denied'],
    [{ amountIn: HEAVY, maxPriceImpactBps: 300 }, 'placed'],
    [{ amountIn: HEAVY, ...resting }, 'placed'],
    [{ amountIn: HEAVY, acceptImpact: true }, 'placed'],
    [{ amountIn: HEAVY, ...limit, acceptImpact: true }, 'placed'],
    [{ amountIn: HEAVY, ...exit }, 'placed'],
  ]
  for (const [body, outcome] of cases) {
    const [preview, placing] = [await previewed(body), await placed(body)]
    const code = outcome === 'denied' ? 'impact_needs_consent' : undefined
    expect([body, preview.body.code, placing.body.code]).toEqual([body, code, code])
  }
})

test('an amount that itself worsens the price by 5 % is denied with its impact, unless that is meant', async () => {
  const reply = await placed({ amountIn: HEAVY })
  expectProblem(reply, 422, 'impact_needs_consent')
  expect(reply.body.errors).toEqual([
    { field: 'amountIn', code: 'impact_needs_consent', detail: expect.stringMatching(/by [\d.]+ bps$/) },
  ])
  const meant = { amountIn: HEAVY, acceptImpact: true }
  expect(await previewed(meant)).toMatchObject({
    status: 200,
    body: { warnings: [{ code: 'price_impact' }] },
  })
  const { orderId } = (await placed(meant)).body
  expect(await ended(engine.url, orderId)).toMatchObject({ status: 'confirmed' })
})

test('an order over a socket needs consent too', async () => {
  const amountIn = HEAVY
  const { socket, frames } = openSocket(`${engine.url.replace('http', 'ws')}${EXECUTE}`)
  const answered = new Promise((resolve) => socket.once('message', resolve))
  socket.once('open', () => socket.send(JSON.stringify({ ...sale, amountIn })))
  await answered
  socket.close()
  expect(JSON.parse(frames[0] ?? '')).toMatchObject({ error: { code: 'impact_needs_consent' } })
})

test('a repeat stands for its order, although its amount would need consent by now', async () => {
  const amountIn = HEAVY
  const headers = { 'idempotency-key': 'large' }
  const { body } = await placed({ amountIn, acceptImpact: true }, headers)
  expect(await placed({ amountIn }, headers)).toMatchObject({ status: 201, body: { orderId: body.orderId } })
})

test('exits have no such consent to give', async () => {
  const exit = { type: 'stop', trigger: { price: '3' }, acceptImpact: true, amountIn: '1' }
  expectProblem(await placed(exit), 422, 'unknown_field')
})
