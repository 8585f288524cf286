// What the console makes of events is what the engine answers: an order that is followed needs no second look.
import { createClient, type Order, type OrderEvent, type OrderRequest } from 'oee-client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { applied, type Row } from '../../console/src/orderState.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const PAIR = { tokenIn: 'A', tokenOut: 'B', amountIn: '10' } as const
/** Of orders that wait: what the stream of all orders gives with them, and no event has. */
const LATER = ['waiting', 'unfunded', 'events', 'children', 'rebroadcasts', 'blocksLeft'] as const

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(async () => {
  await engine.stop()
})

const folded = (events: readonly OrderEvent[]) =>
  events.reduce<Row | undefined>((row, event) => applied(row, event) ?? row, undefined)

const withoutLater = (order: Order | undefined) =>
  Object.fromEntries(
    Object.entries(order ?? {}).filter(([name]) => !(LATER as readonly string[]).includes(name)),
  )

const cases: readonly (readonly [
  name: string,
  order: OrderRequest,
  act: 'none' | 'pause' | 'amend' | 'cancel',
])[] = [
  ['a market order that is filled', { ...PAIR, type: 'market' }, 'none'],
  ['a limit order that rests', { ...PAIR, type: 'limit', limitPrice: '60' }, 'none'],
  ['a limit order that is paused', { ...PAIR, type: 'limit', limitPrice: '60' }, 'pause'],
  ['a limit order that is amended', { ...PAIR, type: 'limit', limitPrice: '60' }, 'amend'],
  ['a stop that is canceled', { ...PAIR, type: 'stop', trigger: { price: '1' } }, 'cancel'],
  [
    'an order that finds no price at once',
    { ...PAIR, type: 'limit', limitPrice: '60', timeInForce: 'IOC' },
    'none',
  ],
]

test.each(cases)('%s', async (_name, order, act) => {
  const oee = createClient({ url: engine.url })
  const { orderId } = await oee.place(order)
  if (act === 'pause') await oee.amend(orderId, { state: 'paused' })
  if (act === 'amend') await oee.amend(orderId, { limitPrice: '61', slippageBps: 70 })
  if (act === 'cancel') await oee.cancel(orderId)
  const isOver = act === 'cancel' || order.type === 'market' || 'timeInForce' in order
  if (isOver) await oee.waitFor(orderId, ['confirmed', 'canceled', 'expired'])
  const answered = await oee.order(orderId)
  const row = folded(answered.events)
  const { failure, endReason, memory, ...shown } = withoutLater(row)
  expect(withoutLater(answered)).toMatchObject(shown)
  expect(row?.seq).toBe(answered.events.length)
})
