// A denial in the ticket: the engine's own field errors, each at its field.
import { describe, expect, test } from 'vitest'
import { OeeError } from '../../client/src/index.ts'
import { denialOf } from '../../console/src/views/trade/model/denial.ts'
import type { Form } from '../../console/src/views/trade/model/form.ts'
import { requestOf } from '../../console/src/views/trade/model/request.ts'
import { type Problem, problemBody } from '../../src/http/problems.ts'
import { validator } from '../../src/http/requests/validation.ts'
import { OrderRequest } from '../../src/http/schemas/orderSchemas.ts'

const stop: Form = { type: 'stop', tokenIn: 'A', tokenOut: 'B', amountIn: '100', 'trigger.price': '3.8' }
const oco: Form = {
  type: 'oco',
  tokenIn: 'A',
  tokenOut: 'B',
  amountIn: '100',
  'legs.0.type': 'takeProfit',
  'legs.1.type': 'stop',
}

/** The error of the client for what the engine has found. */
const errorOf = (...errors: OeeError['errors'][number][]) =>
  new OeeError(errors[0]?.code ?? 'trading_halted', 'Denied.', { status: 422, errors })

/** The engine's own judgement of the form, by its schema. */
function judged(form: Form): OeeError {
  try {
    validator(OrderRequest)(requestOf(form))
  } catch (problem) {
    const { code, title, errors = [] } = problemBody(problem as Problem, 'r')
    return new OeeError(code, title, { status: 422, errors })
  }
  throw new Error('the form is not at fault')
}

describe('a message stands at its field', () => {
  test.each([
    ['a number that is none', { ...stop, 'trigger.observations': 'two' }, 'trigger.observations'],
    ['a slippage beyond the bounds', { ...stop, slippageBps: '9000' }, 'slippageBps'],
    ['a step of the ladder', { ...stop, slippageLadderBps: '300,x' }, 'slippageLadderBps'],
    ['a term of a leg', oco, 'legs.1.trigger.price'],
    [
      'an address of a list',
      { ...stop, type: 'sniper', 'guards.denyCreators': 'nobody!' },
      'guards.denyCreators',
    ],
  ])('%s', (_, form, field) => {
    expect(Object.keys(denialOf(judged(form as Form), form as Form).fields)).toContain(field)
  })

  test('when the engine names the trigger as a whole', () => {
    const error = errorOf({
      field: 'trigger',
      code: 'would_fire_at_once',
      detail: 'the market is there already',
    })
    expect(denialOf(error, stop).fields).toEqual({ 'trigger.price': 'The market is at this price already.' })
  })

  test('when it names the list of legs', () => {
    const error = errorOf({
      field: 'legs',
      code: 'terms_contradict',
      detail: 'the shares make 12000 bps, more than all',
    })
    expect(denialOf(error, oco).fields).toEqual({ legs: 'The shares make 12000 bps, more than all.' })
  })
})

test('an amount beyond all tokens says so, where the engine only names its unit', () => {
  const { fields } = denialOf(
    errorOf({ field: 'amountIn', code: 'amount_range', detail: 'in units of A' }),
    stop,
  )
  expect(fields).toEqual({ amountIn: 'More than any token account can hold.' })
})

test('what belongs to no field is said once, above all', () => {
  expect(denialOf(errorOf(), stop)).toEqual({ fields: {}, general: ['Denied.'], consents: [] })
})

describe('consent is offered', () => {
  test.each([
    ['impact_needs_consent', 'amountIn', 'acceptImpact'],
    ['off_market', 'limitPrice', 'acceptOffMarket'],
    ['would_fire_at_once', 'trigger', 'onImmediate'],
  ])('for %s', (code, field, name) => {
    const { consents } = denialOf(errorOf({ field, code, detail: 'it is so' }), stop)
    expect(consents.map((each) => each.name)).toEqual([name])
  })

  test('not for exits, which have none', () => {
    const error = errorOf({ field: 'exits.0.trigger', code: 'would_fire_at_once', detail: 'it is there' })
    expect(denialOf(error, { ...stop, type: 'market', 'exits.0.type': 'stop' }).consents).toEqual([])
  })
})
