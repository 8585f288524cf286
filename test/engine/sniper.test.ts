// Orders for tokens that are launched, from outside: placed over HTTP, fired by a launch, judged by the ledger.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  EXECUTE,
  ended,
  expectProblem,
  getOrder,
  type Json,
  type OrderBody,
  post,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

const settings = { SIM_SLOT_MS: '50', SWEEP_MS: '200' }
const purchase = { type: 'sniper', tokenIn: 'SOL', amountIn: '1', slippageBps: 1_000 }

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })

type Launched = { readonly mint: string; readonly pool: string; readonly slot: number }
type Refusals = readonly { readonly guard: string; readonly detail: string }[]

/** Mints and creators that no token of the engine has. */
const mints = [
  '3vW8hRnCkV7b2nTq1uYpXz5dLmS4sFgJ6aEoKcQiBtNr',
  '4wX9iSoDmW8c3oUr2vZqYa6eMnT5tGhK7bFpLdRjCuPs',
  '5xY1jTpEnX9d4pVs3waRZb7fNoU6uHiL8cGqMeSkDvQt',
  '6yZ2kUqFoY1e5qWt4xbSac8gPpV7vJjM9dHrNfTmEwRu',
] as const
const [first, second, third, fourth] = mints

async function launch(url: string, symbol: string, more: Json = {}): Promise<Launched> {
  const reply = await post<Launched>(`${url}/api/simulation/launches`, {
    symbol,
    liquidity: '200',
    venue: 'raydium',
    ...more,
  })
  expect(reply).toMatchObject({ status: 201 })
  return reply.body
}

async function snipe(url: string, tokenOut: string, more: Json = {}, headers: Record<string, string> = {}) {
  const reply = await post<OrderBody>(`${url}${EXECUTE}`, { ...purchase, tokenOut, ...more }, headers)
  expect({ status: reply.status, body: reply.body }).toMatchObject({ status: 201 })
  return reply.body.orderId
}

const kindsOf = ({ events }: OrderBody) => events.map(({ kind }) => kind)
const eventsOf = ({ events }: OrderBody, kind: string): readonly Json[] =>
  events.filter((event) => event.kind === kind)

/** What the guards have refused so far, by the log. */
const refusedIn = (order: OrderBody): readonly string[] =>
  eventsOf(order, 'rested').flatMap(({ guardReport }) =>
    ((guardReport as { refusals: Refusals } | undefined)?.refusals ?? []).map(({ guard }) => guard),
  )

/** The order once its guards have refused. */
async function refused(url: string, orderId: string): Promise<OrderBody> {
  await until(async () => expect(await getOrder(url, orderId)).toMatchObject({ waiting: { blocker: 'guard' } }))
  return getOrder(url, orderId)
}

describe('an order for a token that is not launched yet', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  test('rests, learns the token from its launch, and buys it once', async () => {
    const { url } = engine
    const orderId = await snipe(url, first, { guards: { minLiquidity: '50', maxPrice: '0.001' } })
    await until(async () => expect(await getOrder(url, orderId)).toMatchObject({ resting: true }))
    expect(await getOrder(url, orderId)).toMatchObject({
      tokenOut: first,
      tokenOutDecimals: null,
      waiting: { blocker: 'not_launched', for: '0.001', now: null },
      summary: expect.stringContaining(`Sell 1 SOL for ${first} once it is launched`),
    })
    await launch(url, 'MOON', { mint: first })
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed', tokenOut: 'MOON', tokenOutDecimals: 6, attempt: 1 })
    expect(kindsOf(order)).toEqual([
      'accepted',
      'rested',
      'amended',
      'rested',
      'triggered',
      'routed',
      'submitted',
      'filled',
    ])
    expect(eventsOf(order, 'amended')).toMatchObject([{ by: 'engine', tokenOut: 'MOON' }])
    const [{ observations } = { observations: [] }] = eventsOf(order, 'triggered')
    expect(new Set((observations as Json[]).map(({ slot }) => slot)).size).toBe(3)
    expect(Number(order.amountOut)).toBeGreaterThan(4_900_000)
    expect(await swapsOf(url, orderId)).toMatchObject([{ error: null }])
  })
})
