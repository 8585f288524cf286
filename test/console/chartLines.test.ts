// The lines of working orders on the chart: where they stand, and what moving them asks for.
import { describe, expect, test } from 'vitest'
import type { Order } from '../../client/src/index.ts'
import {
  labelPlaces,
  linesOf,
  moveOf,
  nearestLines,
  stepped,
  workingOrders,
} from '../../console/src/views/trade/model/lines.ts'
import { formAmended, requestOf } from '../../console/src/views/trade/model/request.ts'

const market = { base: 'SOL', quote: 'USDC' }
const orderOf = (more: object): Order =>
  ({
    orderId: 'o1',
    type: 'stop',
    status: 'pending',
    seq: 1,
    tokenIn: 'SOL',
    tokenOut: 'USDC',
    amountIn: '2',
    priceOf: 'tokenIn',
    trigger: { price: '130' },
    ...more,
  }) as unknown as Order

const stop = orderOf({})
/** Buys SOL once it costs 150 or more: a stop of one that is short of SOL. */
const buyStop = orderOf({
  tokenIn: 'USDC',
  tokenOut: 'SOL',
  amountIn: '300',
  priceOf: 'tokenOut',
  trigger: { price: '150' },
})
const trailing = orderOf({
  type: 'trailingStop',
  trigger: { trailingBps: 1_000 },
  memory: { watermark: '140' },
})

const onlyLine = (order: Order, kind = 'trigger') => {
  const line = linesOf([order], market).find((each) => each.kind === kind)
  if (line === undefined) throw new Error(`no line of ${kind}`)
  return line
}

describe('a line', () => {
  test('stands at the price that its order names, whichever way round', () => {
    expect(onlyLine(stop).price).toBe(130)
    expect(onlyLine(buyStop).price).toBe(150)
    expect(onlyLine(orderOf({ priceOf: 'tokenOut', trigger: { price: '0.008' } })).price).toBe(125)
  })

  test('says in words what it is', () => {
    expect(onlyLine(stop).label).toBe('Stop, sell 2 SOL')
    expect(onlyLine(buyStop).label).toBe('Stop, buy SOL for 300 USDC')
  })

  test('of a trailing stop follows its watermark, which stands beside it', () => {
    expect(onlyLine(trailing, 'trailing').price).toBeCloseTo(126)
    expect(onlyLine(trailing, 'watermark')).toMatchObject({ price: 140, isMovable: false })
  })

  test('of a trailing stop that buys stands above its watermark', () => {
    const buys = orderOf({
      ...buyStop,
      type: 'trailingStop',
      trigger: { trailingBps: 1_000 },
      memory: { watermark: '0.01' },
    })
    expect(onlyLine(buys, 'watermark').price).toBe(100)
    expect(onlyLine(buys, 'trailing').price).toBeCloseTo(111.11)
  })

  test('of a leg that has nothing to sell yet cannot be moved', () => {
    expect(onlyLine(orderOf({ parentId: 'p', groupId: 'p' })).isMovable).toBe(false)
    expect(onlyLine(orderOf({ parentId: 'p', groupId: 'p', groupTotalBase: '2' })).isMovable).toBe(true)
  })
})

test('orders of the pair are those that wait for it, either way round', () => {
  const others = [orderOf({ tokenOut: 'USDT' }), orderOf({ status: 'confirmed' }), orderOf({ type: 'oco' })]
  expect(
    workingOrders([...others, stop, { ...buyStop, orderId: 'o0' }], market).map((each) => each.orderId),
  ).toEqual(['o0', 'o1'])
})

/** What moving the order's line of this kind asks for, and the request of the order as it would be. */
function movedTo(order: Order, kind: string, price: number) {
  const move = moveOf(onlyLine(order, kind), order, market, price)
  const form = move && formAmended(order, { [move.name]: move.text })
  return { move, request: form && requestOf(form) }
}

describe('moving a line', () => {
  test('asks for the price as the order names it', () => {
    expect(movedTo(stop, 'trigger', 131.5)).toMatchObject({
      move: { name: 'trigger.price', text: '131.5' },
      request: { type: 'stop', trigger: { price: '131.5' } },
    })
    const turned = orderOf({ priceOf: 'tokenOut', trigger: { price: '0.008' } })
    expect(movedTo(turned, 'trigger', 100).move).toEqual({ name: 'trigger.price', text: '0.01' })
  })

  test('of a trailing stop asks for another distance, within its bounds', () => {
    expect(movedTo(trailing, 'trailing', 133)).toMatchObject({
      move: { name: 'trigger.trailingBps', text: '500' },
      request: { trigger: { trailingBps: 500 } },
    })
    expect(movedTo(trailing, 'trailing', 200).move?.text).toBe('1')
  })

  test('of a sniper asks for another limit', () => {
    const guards = { maxPrice: '120' }
    const sniper = orderOf({ type: 'sniper', tokenIn: 'USDC', tokenOut: 'SOL', trigger: undefined, guards })
    expect(movedTo(sniper, 'limit', 121)).toMatchObject({
      move: { name: 'limitPrice', text: '121' },
      request: { guards: { maxPrice: '121' } },
    })
  })

  test('that is only the best price so far asks for nothing', () => {
    expect(movedTo(trailing, 'watermark', 150).move).toBeNull()
  })

  test('by an arrow goes to the next whole step', () => {
    const steps = [stepped(142.513, 1), stepped(142.513, -10), stepped(0.00002101, 1)]
    expect(steps).toEqual([142.6, 141.5, 0.00002102])
    expect(stepped(0.001, -50)).toBeGreaterThan(0)
  })
})

test('another slippage makes the steps of an exit anew', () => {
  const exit = orderOf({ slippageBps: 2_000, slippageLadderBps: [300, 1_000, 2_000] })
  const form = formAmended(exit, { slippageBps: '500' })
  expect(form && requestOf(form)).not.toHaveProperty('slippageLadderBps')
})

test('the lines that have room are those nearest to the price, and without a price the oldest', () => {
  const lines = linesOf(
    [110, 128, 131, 160].map((price) => orderOf({ orderId: `at ${price}`, trigger: { price } })),
    market,
  )
  const shown = (priceNow: number | null, most: number) =>
    nearestLines(lines, priceNow, most).map(({ price }) => price)
  expect(shown(130, 2)).toEqual([131, 128])
  expect(shown(130, 4)).toEqual([110, 128, 131, 160])
  expect(shown(null, 2)).toEqual([110, 128])
  expect(shown(130, 0)).toEqual([])
})

describe('labels', () => {
  const placed = (ys: readonly number[]) => {
    const places = labelPlaces(
      ys.map((y, i) => ({ id: `${i}`, y })),
      200,
    )
    return ys.map((_, i) => places.get(`${i}`))
  }

  test('stand at their lines where there is room, and else clear of each other', () => {
    expect(placed([50, 100])).toEqual([50, 100])
    expect(placed([50, 55, 60])).toEqual([50, 72, 94])
  })

  test('of lines out of the scale stand within it, at the edge that they are beyond', () => {
    expect(placed([-40, -300, 900, 400])).toEqual([34, 12, 188, 166])
  })
})
