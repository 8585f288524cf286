// What follows on a failed attempt: market orders give up, limits and snipers rest, exits never give up.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits } from '../../../src/domain/amount.ts'
import { type FailureCode, failureRules, isRetryable } from '../../../src/domain/failure.ts'
import type { FailedAttempt, OpenOrder, OpenStatus, TriggerMemory } from '../../../src/domain/order.ts'
import { defaultRetryPolicy } from '../../../src/domain/retry.ts'
import type { OrderSpec } from '../../../src/domain/spec.ts'
import { type AfterFailure, afterFailure } from '../../../src/domain/triggers/afterFailure.ts'
import { trigger } from '../../../src/domain/triggers/trigger.ts'
import { exampleRoute, sniperOf, specOf } from '../../support/orders.ts'
import { limitOf, pendingOf, START, stopOf, takeProfitOf, trailingOf } from '../../support/restingSpecs.ts'

const policy = { ...defaultRetryPolicy, jitter: 0 }
const chance = { now: START, policy, chance: 0.5 }
const codes = Object.keys(failureRules) as FailureCode[]
const charged: readonly FailureCode[] = ['slippage_exceeded', 'swap_reverted', 'insufficient_funds']
const free = codes.filter((code) => !charged.includes(code) && code !== 'fee_budget_spent')

const failureOf = (code: FailureCode) => ({ code, detail: 'as the test has it' })

type Past = {
  readonly status?: OpenStatus
  readonly attempt?: number
  readonly memory?: TriggerMemory
  readonly failedAttempts?: readonly FailedAttempt[]
}

const swap = { signature: 'signature', wire: new Uint8Array(), lastValidBlockHeight: 7 }

function openOf(
  spec: OrderSpec,
  { status = 'routing', attempt = 1, memory, failedAttempts = [] }: Past = {},
) {
  const order = { ...pendingOf(spec, memory === undefined ? {} : { memory }), attempt, failedAttempts }
  const states: Readonly<Record<OpenStatus, OpenOrder>> = {
    pending: order,
    routing: { ...order, status: 'routing', retryAt: null },
    building: { ...order, status: 'building', route: exampleRoute },
    submitted: { ...order, status: 'submitted', route: exampleRoute, swap },
  }
  return states[status]
}

const followOn = (spec: OrderSpec, code: FailureCode, past?: Past): AfterFailure =>
  afterFailure(openOf(spec, past), failureOf(code), chance)

const failedBy = (...failed: readonly FailureCode[]): readonly FailedAttempt[] =>
  failed.map((code, index) => ({ attempt: index + 1, failure: failureOf(code), at: START }))

describe('a market order', () => {
  test.each(codes)('is retried after %s exactly if a retry can help', (code) => {
    expect(followOn(specOf(), code).kind).toBe(isRetryable(failureOf(code)) ? 'retry' : 'fail')
  })

  test('gives up after the last attempt, by what failed it', () => {
    expect(followOn(specOf(), 'price_moved', { attempt: 2 })).toEqual({
      kind: 'retry',
      delayMs: 2_000,
      isStalled: false,
    })
    expect(followOn(specOf(), 'price_moved', { attempt: 3 })).toEqual({
      kind: 'fail',
      failure: failureOf('price_moved'),
    })
  })

  test('that cannot even start fails', () => {
    expect(followOn(specOf(), 'internal', { status: 'pending' }).kind).toBe('fail')
  })
})

describe('a limit', () => {
  test.each(codes.filter((code) => code !== 'internal'))('rests after %s', (code) => {
    for (const status of ['routing', 'building', 'submitted'] as const) {
      expect(followOn(limitOf(), code, { status, attempt: 9 })).toMatchObject({
        kind: 'rest',
        memory: { failures: '1', notBefore: new Date(START + 1_000).toISOString() },
        lookMs: 1_000,
      })
    }
  })

  test('keeps what its trigger remembers', () => {
    expect(followOn(limitOf(), 'price_moved', { memory: { best: '4', failures: '1' } })).toMatchObject({
      memory: { best: '4', failures: '2' },
    })
  })

  test.each(charged)('waits longer after each %s, but never more than a minute', (code) => {
    const waits: number[] = []
    let memory: TriggerMemory = {}
    for (let i = 0; i < 20; i++) {
      const next = followOn(limitOf(), code, { status: 'submitted', memory })
      if (next.kind !== 'rest') throw new Error(`it must rest, not ${next.kind}`)
      waits.push(next.lookMs)
      memory = next.memory
    }
    expect(waits.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    expect(Math.max(...waits)).toBe(60_000)
  })

  test.each(free)('waits twice as long after every fifth %s in a row, which costs nothing', (code) => {
    if (code === 'internal') return
    const waits = [1, 5, 6, 10, 11, 25, 30, 31, 1_000].map((failures) => {
      const next = followOn(limitOf(), code, { memory: { failures: String(failures - 1) } })
      return next.kind === 'rest' ? next.lookMs : Number.NaN
    })
    expect(waits).toEqual([1_000, 1_000, 2_000, 2_000, 4_000, 16_000, 32_000, 60_000, 60_000])
  })

  test('counts for its wait only what the chain has charged for', () => {
    expect(followOn(limitOf(), 'slippage_exceeded', { memory: { failures: '9' } })).toMatchObject({
      lookMs: 1_000,
    })
  })

  test('does not fire for ever by a defect of the engine: that spends attempts', () => {
    expect(followOn(limitOf(), 'internal', { attempt: 2 }).kind).toBe('retry')
    expect(followOn(limitOf(), 'internal', { attempt: 3 }).kind).toBe('fail')
  })

  test('that cannot even be looked at rests', () => {
    expect(followOn(limitOf(), 'internal', { status: 'pending' }).kind).toBe('rest')
  })
})

describe('an order for now or not at all', () => {
  const spec = limitOf({ expiresAt: null })

  test.each(codes)('ends after %s, whatever comes then', (code) => {
    const next = followOn(spec, code)
    expect(next).toMatchObject({ kind: 'rest', lookMs: 0 })
    if (next.kind !== 'rest') return
    const order = pendingOf(spec, { memory: next.memory })
    expect(trigger(order, { now: START, sight: null, held: [] })).toEqual({ kind: 'expire' })
  })
})

const exits: readonly (readonly [string, OrderSpec])[] = [
  ['a stop', stopOf()],
  ['a takeProfit', takeProfitOf()],
  ['a trailing stop', trailingOf()],
]

describe.each(exits)('%s', (_, spec) => {
  test('whose tokens are gone waits for them, as fired, and spends no attempts on it', () => {
    const next = followOn(spec, 'insufficient_funds', { status: 'submitted', attempt: 4 })
    expect(next).toMatchObject({ kind: 'rest', lookMs: 1_000, memory: { fired: 'true', charged: '1' } })
  })

  test.each(codes.filter((code) => code !== 'insufficient_funds'))(
    'goes on after %s, however often it has failed',
    (code) => {
      for (const status of ['routing', 'building', 'submitted'] as const) {
        for (const attempt of [1, 2, 50, 100_000]) {
          expect(followOn(spec, code, { status, attempt }).kind).toBe('retry')
        }
      }
    },
  )

  test('is stalled from the third attempt on', () => {
    const stalled = [1, 2, 3, 4, 99].map((attempt) => {
      const next = followOn(spec, 'quotes_unavailable', { attempt })
      return next.kind === 'retry' && next.isStalled
    })
    expect(stalled).toEqual([false, false, true, true, true])
  })

  const waitAfter = (attempt: number): number => {
    const next = followOn(spec, 'quotes_unavailable', { attempt })
    return next.kind === 'retry' ? next.delayMs : Number.NaN
  }

  test('waits no longer than five seconds at first, and five minutes after hours', () => {
    const waits = [1, 2, 3, 4, 20, 40, 200, 1_200, 100_000].map(waitAfter)
    expect(waits).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 10_000, 50_000, 300_000, 300_000])
  })

  test('that fails for a month has a log that can still be read', () => {
    let [attempt, spentMs] = [0, 0]
    while (spentMs < 30 * 86_400_000) {
      attempt += 1
      spentMs += waitAfter(attempt)
    }
    expect(attempt).toBeLessThan(10_000)
  })

  test('that cannot even be looked at rests', () => {
    expect(followOn(spec, 'internal', { status: 'pending' }).kind).toBe('rest')
  })
})

describe('the fee budget of an exit', () => {
  /** Three reverts, at 15,000 lamports each. */
  const spec = stopOf({ feeBudgetLamports: baseUnits(45_000n) })

  test('is spent by what the chain has charged for', () => {
    const twice = failedBy('slippage_exceeded', 'swap_reverted')
    expect(followOn(spec, 'slippage_exceeded', { attempt: 2, failedAttempts: twice.slice(1) }).kind).toBe(
      'retry',
    )
    expect(followOn(spec, 'slippage_exceeded', { attempt: 3, failedAttempts: twice })).toEqual({
      kind: 'fail',
      failure: {
        code: 'fee_budget_spent',
        detail: 'failed attempts have cost 45000 lamports; the last one failed by slippage_exceeded',
      },
    })
  })

  test('is not touched by what costs nothing', () => {
    const failedAttempts = failedBy(...Array<FailureCode>(500).fill('quotes_unavailable'))
    expect(followOn(spec, 'swap_expired', { attempt: 501, failedAttempts }).kind).toBe('retry')
  })

  test('of zero allows every attempt that costs nothing, and none after one that did', () => {
    const none = stopOf({ feeBudgetLamports: baseUnits(0n) })
    for (const code of free) expect(followOn(none, code).kind).toBe('retry')
    for (const code of charged) expect(followOn(none, code).kind).toBe('fail')
  })

  test('is all that ends an exit, after so many reverts as it pays for and not before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...codes), { maxLength: 40 }),
        fc.bigInt({ min: 1n, max: 300_000n }),
        (failed, budget) => {
          const order = stopOf({ feeBudgetLamports: baseUnits(budget) })
          let ended = -1
          for (const [index, code] of failed.entries()) {
            const past = { attempt: index + 1, failedAttempts: failedBy(...failed.slice(0, index)) }
            if (followOn(order, code, past).kind === 'fail') {
              ended = index
              break
            }
          }
          let spent = 0n
          const expected = failed.findIndex((code) => {
            if (charged.includes(code)) spent += 15_000n
            return spent >= budget
          })
          expect(ended).toBe(expected)
        },
      ),
    )
  })
})

const restsAsFired: readonly FailureCode[] = [
  'price_moved',
  'slippage_exceeded',
  'swap_expired',
  'insufficient_funds',
]

describe('a stop-limit', () => {
  const spec = stopOf({ limitPrice: '3.7', feeBudgetLamports: baseUnits(45_000n) })

  test.each(['price_moved', 'slippage_exceeded', 'swap_expired'] as const)(
    'whose price has walked away (%s) rests as fired and waits for its limit',
    (code) => {
      expect(followOn(spec, code, { status: 'submitted', attempt: 7, memory: { watermark: '4' } })).toEqual({
        kind: 'rest',
        lookMs: 1_000,
        memory: expect.objectContaining({ watermark: '4', fired: 'true', failures: '1' }),
      })
    },
  )

  test.each(codes.filter((code) => !restsAsFired.includes(code)))(
    'is retried after %s, as every exit',
    (code) => {
      expect(followOn(spec, code).kind).toBe('retry')
    },
  )

  test('spends its fee budget at rest too', () => {
    let memory: TriggerMemory = {}
    const kinds = [1, 2, 3].map(() => {
      const next = followOn(spec, 'slippage_exceeded', { status: 'submitted', memory })
      if (next.kind === 'rest') memory = next.memory
      return next.kind
    })
    expect(kinds).toEqual(['rest', 'rest', 'fail'])
  })
})

describe('a sniper', () => {
  test.each(free.filter((code) => code !== 'internal'))(
    'rests after %s, so that its guards are asked anew',
    (code) => {
      expect(followOn(sniperOf(), code)).toMatchObject({ kind: 'rest', memory: { failures: '1' } })
      expect(followOn(sniperOf(), code, { memory: { failures: '40' } }).kind).toBe('rest')
    },
  )

  test.each(charged)('is given up after as many attempts that cost a fee as there are, by %s', (code) => {
    expect(followOn(sniperOf(), code)).toMatchObject({ kind: 'rest', memory: { charged: '1' } })
    const last = { memory: { charged: String(policy.maxAttempts - 1) } }
    expect(followOn(sniperOf(), code, last)).toEqual({ kind: 'fail', failure: failureOf(code) })
  })

  test('does not fire for ever by a defect of the engine', () => {
    expect(followOn(sniperOf(), 'internal').kind).toBe('retry')
    expect(followOn(sniperOf(), 'internal', { attempt: policy.maxAttempts }).kind).toBe('fail')
  })
})

test('jitter moves every wait, and no chance makes it negative', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom<OrderSpec>(specOf(), limitOf(), stopOf()),
      (luck, attempt, spec) => {
        const next = afterFailure(openOf(spec, { attempt }), failureOf('price_moved'), {
          now: START,
          policy: defaultRetryPolicy,
          chance: luck,
        })
        if (next.kind === 'retry')
          return next.delayMs >= 800 && next.delayMs <= Math.max(5_000, 250 * attempt)
        return next.kind === 'fail' || (next.lookMs >= 800 && next.lookMs <= 60_000)
      },
    ),
  )
})
