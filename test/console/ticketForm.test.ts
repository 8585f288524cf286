// The ticket without a browser: a form becomes a request, an address and an order's terms, and back.
import { describe, expect, test } from 'vitest'
import type { Order } from '../../client/src/index.ts'
import { turned } from '../../console/src/views/trade/model/decimal.ts'
import { legTypes, orderTypes, type TicketType } from '../../console/src/views/trade/model/fields.ts'
import {
  type Form,
  fieldsOf,
  formOf,
  missingFields,
  paramsOf,
  withFields,
  withLeg,
  withoutLeg,
  withPair,
  withPriceOf,
  withSides,
  withType,
} from '../../console/src/views/trade/model/form.ts'
import { formOfOrder, requestOf } from '../../console/src/views/trade/model/request.ts'
import { validator } from '../../src/http/requests/validation.ts'
import { OrderRequest } from '../../src/http/schemas/orderSchemas.ts'

const pair = { tokenIn: 'A', tokenOut: 'B', priceOf: 'tokenIn' }

/** What a person types for an order of each type, in the form's units. */
const filled: Readonly<Record<TicketType, Form>> = {
  market: { type: 'market', ...pair, amountIn: '100', slippageBps: '100' },
  limit: { type: 'limit', ...pair, amountIn: '100', limitPrice: '4.05' },
  stop: { type: 'stop', ...pair, amountIn: '100', 'trigger.price': '3.8' },
  takeProfit: { type: 'takeProfit', ...pair, amountIn: '100', 'trigger.price': '4.4' },
  trailingStop: { type: 'trailingStop', ...pair, amountIn: '100', 'trigger.trailingBps': '500' },
  oco: {
    type: 'oco',
    ...pair,
    amountIn: '100',
    'legs.0.type': 'takeProfit',
    'legs.0.trigger.price': '4.4',
    'legs.1.type': 'stop',
    'legs.1.trigger.price': '3.8',
  },
  sniper: {
    type: 'sniper',
    tokenIn: 'SOL',
    tokenOut: '8mVd8ZqvMGLN5M4sFGyC1Fy5AjK8vKcQq3vJ6mP2aTbE',
    priceOf: 'tokenOut',
    amountIn: '1',
    'guards.maxPrice': '0.001',
    'guards.allow': 'mint_authority, pool_age',
  },
  twap: { type: 'twap', ...pair, amountIn: '100', slices: '10', durationMs: '60000' },
}

const check = validator(OrderRequest)

describe('a form', () => {
  for (const type of orderTypes) {
    test(`of a ${type} order is one that the engine's schema takes`, () => {
      expect(() => check(requestOf(filled[type]))).not.toThrow()
      expect(missingFields(filled[type])).toEqual([])
    })

    test(`of a ${type} order is the same after a round through the page's address`, () => {
      const address = new URLSearchParams(paramsOf(filled[type])).toString()
      expect(formOf(Object.fromEntries(new URLSearchParams(address)))).toEqual(filled[type])
    })
  }

  test('says every term that the schema of each type knows, under its name', () => {
    for (const type of orderTypes) {
      const texts = Object.fromEntries(
        fieldsOf(filled[type]).map(({ name, kind }) => [name, sampleOf(name, kind)]),
      )
      expect(() => check(requestOf({ ...filled[type], ...texts }))).not.toThrow()
    }
  })

  test('has legs of every type', () => {
    const form = legTypes.reduce((all, type) => withLeg(all, 'legs', type), {
      ...pair,
      type: 'oco',
      amountIn: '1',
    } as Form)
    const texts = Object.fromEntries(fieldsOf(form).map(({ name, kind }) => [name, sampleOf(name, kind)]))
    expect(() => check(requestOf({ ...form, ...texts }))).not.toThrow()
  })

  test('sends text that is no number as it is, for the engine to name', () => {
    expect(requestOf(withFields(filled.twap, { slices: 'ten' }))).toMatchObject({ slices: 'ten' })
  })

  test('leaves out what another type has asked for', () => {
    const form = withType(filled.limit, 'market')
    expect(requestOf(form)).toEqual({ type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100' })
    expect(paramsOf(form)).not.toHaveProperty('limitPrice')
  })

  test('names the required fields that are empty', () => {
    expect(missingFields({ type: 'stop', ...pair, amountIn: ' ' })).toEqual(['amountIn', 'trigger.price'])
  })
})

/** A text that each kind of field takes. */
function sampleOf(name: string, kind: string): string {
  const own = name.split('.').at(-1) ?? ''
  const special: Form = {
    venues: 'raydium',
    split: 'false',
    timeInForce: 'IOC',
    onImmediate: 'reject',
    catchUp: 'skip',
    clientOrderId: 'mine',
    source: 'raydium',
    allow: 'sale transfer_fee',
    allowCreators: '8mVd8ZqvMGLN5M4sFGyC1Fy5AjK8vKcQq3vJ6mP2aTbE',
    denyCreators: 'So11111111111111111111111111111111111111112',
    observations: '2',
    passes: '2',
    slices: '4',
  }
  const byKind: Form = {
    amount: '1',
    price: '2.5',
    percent: '100',
    percents: '300,1000',
    integer: '5',
    duration: '60000',
    time: '2027-01-31T00:00:00.000Z',
  }
  const text = special[own] ?? byKind[kind]
  if (text === undefined) throw new Error(`no example of ${name}`)
  return text
}

describe('prices', () => {
  test('turned over twice are what they were', () => {
    for (const price of ['3', '4.05', '0.000021', '142.5', '7000000'])
      expect(turned(turned(price))).toBe(price)
  })

  test('mean the same the other way round', () => {
    const form = withPriceOf(filled.oco, 'tokenOut')
    expect(form['legs.0.trigger.price']).toBe('0.22727272727')
    expect(requestOf(form)).toMatchObject({ legs: [{ priceOf: 'tokenOut' }, { priceOf: 'tokenOut' }] })
    expect(withPriceOf(form, 'tokenIn')).toEqual(filled.oco)
  })

  test('of exits are those of what was bought', () => {
    const buys = { type: 'market', tokenIn: 'USDC', tokenOut: 'SOL', priceOf: 'tokenOut', amountIn: '1000' }
    const form = withFields(withLeg(buys, 'exits', 'stop'), { 'exits.0.trigger.price': '130' })
    expect(requestOf(form)).toMatchObject({
      exits: [{ type: 'stop', priceOf: 'tokenIn', trigger: { price: '130' } }],
    })
  })

  test('stay the same way round on the chart when the sides change', () => {
    const turnedRound = withSides({ type: 'limit', tokenIn: 'SOL', tokenOut: 'USDC', limitPrice: '145' })
    expect(turnedRound).toEqual({ type: 'limit', tokenIn: 'USDC', tokenOut: 'SOL', priceOf: 'tokenOut' })
  })

  test('of another pair are empty', () => {
    expect(withPair(filled.limit, { tokenIn: 'USDC', tokenOut: 'JUP' })).toEqual({
      type: 'limit',
      tokenIn: 'USDC',
      tokenOut: 'JUP',
      priceOf: 'tokenOut',
    })
  })
})

describe('legs', () => {
  test('move up when one before them is removed', () => {
    expect(withoutLeg(filled.oco, 'legs', 0)).toEqual({
      type: 'oco',
      ...pair,
      amountIn: '100',
      'legs.0.type': 'stop',
      'legs.0.trigger.price': '3.8',
    })
  })

  test('of an OCO are two to begin with', () => {
    expect(requestOf(withType(filled.market, 'oco'))).toMatchObject({
      legs: [{ type: 'takeProfit' }, { type: 'stop' }],
    })
  })
})

describe('consent', () => {
  const consenting = withFields(filled.market, { acceptImpact: 'true' })

  test('is sent', () => expect(requestOf(consenting)).toMatchObject({ acceptImpact: true }))
  test('is in no link', () => expect(paramsOf(consenting)).toEqual(filled.market))
  test('is taken back by any change of what it was given for', () => {
    expect(withFields(consenting, { amountIn: '200' })).toEqual({ ...filled.market, amountIn: '200' })
    expect(withFields({ ...filled.stop, onImmediate: 'fire' }, { 'trigger.price': '4' })).not.toHaveProperty(
      'onImmediate',
    )
  })
})

describe('the ticket of an order', () => {
  const shown = {
    tokenIn: 'A',
    tokenOut: 'B',
    amountIn: '100',
    slippageBps: 2000,
    priceOf: 'tokenIn',
    slippageLadderBps: [300, 1000, 2000],
    feeBudget: '0.05',
    trigger: { price: '3.8', source: 'executable', observations: 2, dwellMs: 0, maxAgeMs: 5000 },
    expiresAt: '2026-12-29T00:00:00.000Z',
    timeInForce: 'GTT',
  }

  test('places the same terms again, but for their time', () => {
    const form = formOfOrder({ ...shown, type: 'stop' } as unknown as Order)
    expect(form && requestOf(form)).toEqual({
      type: 'stop',
      tokenIn: 'A',
      tokenOut: 'B',
      priceOf: 'tokenIn',
      amountIn: '100',
      slippageBps: 2000,
      slippageLadderBps: [300, 1000, 2000],
      feeBudget: '0.05',
      trigger: shown.trigger,
    })
  })

  test('has the prices of its exits the same way round as its own', () => {
    const { trigger, ...leg } = shown
    const order = {
      ...leg,
      type: 'limit',
      limitPrice: '4',
      exits: [
        { type: 'stop', priceOf: 'tokenIn', trigger: { ...trigger, price: '0.5' }, slippageBps: 2000 },
        { type: 'timeStop', maxHoldMs: 60_000, priceOf: 'tokenIn', trigger, slippageBps: 2000 },
      ],
    }
    const form = formOfOrder(order as unknown as Order)
    expect(form).toMatchObject({ 'exits.0.trigger.price': '2', maxHoldMs: '60000' })
    expect(form && requestOf(form)).toMatchObject({
      exits: [{ type: 'stop', priceOf: 'tokenOut', trigger: { price: '2' } }],
    })
  })

  test('is none for an order that only the engine places', () => {
    expect(formOfOrder({ ...shown, type: 'timeStop' } as unknown as Order)).toBeNull()
  })
})
