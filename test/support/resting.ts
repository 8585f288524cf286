// Owns how tests drive orders that wait: placed over HTTP, in a market that they move.
import { expect, vi } from 'vitest'
import { EXECUTE, getOrder, type Json, type OrderBody, post, send } from './client.ts'

/** A market that moves fast. */
export const settings = { SIM_SLOT_MS: '50', SWEEP_MS: '200' }
export const sale = { tokenIn: 'A', tokenOut: 'B', amountIn: '100' }

export const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })

async function quotedPrice(url: string): Promise<number> {
  const { body } = await send<{ route: { amountOut: string } }>(
    `${url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=100`,
  )
  return Number(body.route.amountOut) / 100
}

/** Slots between two looks at a market that settles, and how little its price may change by then. */
const SETTLE_SLOTS = 4
const SETTLED = 0.002

/** What one A pays in B, for a sale of 100, once routes over other pairs have followed the last move. */
export async function priceNow(url: string): Promise<number> {
  for (let before = await quotedPrice(url); ; ) {
    await slotsPass(url, SETTLE_SLOTS)
    const now = await quotedPrice(url)
    if (Math.abs(now / before - 1) < SETTLED) return now
    before = now
  }
}

/** So many times the present price, as an order names it. */
export const priceTimes = async (url: string, times: number) => ((await priceNow(url)) * times).toFixed(6)

/** A time to come. */
export const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

export async function rest(url: string, more: Json, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await post<{ orderId: string }>(`${url}${EXECUTE}`, { ...sale, ...more }, headers)
  expect(status, JSON.stringify(body)).toBe(201)
  await until(async () => expect((await getOrder(url, body.orderId)).seq).toBeGreaterThan(1))
  return body.orderId
}

export const move = async (url: string, factor: string, more: Json = {}) =>
  expect(
    await post(`${url}/api/simulation/moves`, { token: 'A', against: 'B', factor, ...more }),
  ).toMatchObject({
    status: 200,
  })

export const change = (url: string, orderId: string, body: Json, headers: Record<string, string> = {}) =>
  send<OrderBody>(`${url}/api/orders/${orderId}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

export const kindsOf = ({ events }: OrderBody) => events.map(({ kind }) => kind)
export const eventOf = ({ events }: OrderBody, kind: string): Json =>
  events.find((event) => event.kind === kind) ?? {}

/** Lets the market go on for so many slots. */
export async function slotsPass(url: string, count: number): Promise<void> {
  const slotOf = async () =>
    (await send<{ quotes: readonly { slot: number }[] }>(`${url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`))
      .body.quotes[0]?.slot ?? 0
  const end = (await slotOf()) + count
  await until(async () => expect(await slotOf()).toBeGreaterThanOrEqual(end))
}
