// How often a fault that stays is logged, and by what its errors are known to be one kind. The clock is moved by hand.
import { pino } from 'pino'
import { beforeEach, describe, expect, test } from 'vitest'
import { cureOf, kindOf } from '../../src/observe/faultKinds.ts'
import { createObserve } from '../../src/observe.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { newId } from '../support/orders.ts'

type Line = {
  readonly time: number
  readonly level: number
  readonly msg: string
  readonly cure?: string
  readonly faults?: readonly { readonly part: string; readonly kind: string; readonly times: number }[]
}

const MINUTE_MS = 60_000
const MOST_A_MINUTE = 20

let clock: ManualClock
let lines: Line[]
let observe: ReturnType<typeof createObserve>
beforeEach(() => {
  clock = manualClock()
  lines = []
  const write = (line: string) => void lines.push({ ...JSON.parse(line), time: clock.now() })
  observe = createObserve(pino({ level: 'info' }, { write }), clock)
})

/** As Redis refuses. */
const refusal = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

/** Repeats it every 100 ms for so long. */
function goesOn(forMs: number, report: () => void): void {
  for (let passed = 0; passed < forMs; passed += 100) {
    report()
    clock.advance(100)
  }
}

const texts = () => lines.map(({ msg }) => msg)
const mostInAMinute = () =>
  Math.max(
    ...lines.map(
      ({ time }) => lines.filter((other) => other.time >= time && other.time < time + MINUTE_MS).length,
    ),
  )

describe('a fault that stays', () => {
  test('is logged at once with its cure, then once a minute with its count, and once when it is over', () => {
    goesOn(3 * MINUTE_MS, () => observe.fault('queue', refusal('READONLY You cannot write')))
    expect(texts()).toEqual(['fault outside the engine', ...Array(3).fill('these faults go on')])
    expect(lines[0]).toMatchObject({ level: 40, cure: expect.stringContaining('primary') })
    expect(lines[3]).toMatchObject({ level: 40, faults: [{ part: 'queue', kind: 'READONLY', times: 1_800 }] })
    clock.advance(10 * MINUTE_MS)
    expect(texts().slice(4)).toEqual(['these faults are over'])
  })

  test('is counted each time', async () => {
    goesOn(1_000, () => observe.fault('queue', refusal('OOM command not allowed')))
    expect(lines).toHaveLength(1)
    expect(await observe.registry.getSingleMetricAsString('oee_faults_total')).toContain('{part="queue"} 10')
  })

  test('hides none of another kind or part', () => {
    goesOn(1_000, () => observe.fault('queue', refusal('OOM command not allowed')))
    observe.fault('queue', refusal('NOPERM no right'))
    observe.fault('store', refusal('OOM command not allowed'))
    expect(texts()).toEqual(Array(3).fill('fault outside the engine'))
  })

  test('is one kind whatever ids and numbers its text holds', () => {
    goesOn(1_000, () => observe.fault('queue', new Error(`could not renew lock for job ${newId()}`)))
    goesOn(1_000, () => observe.requestFailed(newId(), new Error(`no row ${clock.now()} in "${newId()}"`)))
    expect(lines).toHaveLength(2)
  })

  test('that happened once is not said to be over', () => {
    observe.fault('queue', refusal('LOADING'))
    clock.advance(10 * MINUTE_MS)
    expect(lines).toHaveLength(1)
  })

  test('that is back within a minute does not begin anew, later it does', () => {
    const fault = () => observe.fault('queue', refusal('READONLY You cannot write'))
    goesOn(1_000, fault)
    clock.advance(30_000)
    goesOn(1_000, fault)
    clock.advance(3 * MINUTE_MS)
    fault()
    expect(texts()).toEqual([
      'fault outside the engine',
      'these faults are over',
      'these faults are over',
      'fault outside the engine',
    ])
  })

  test('is told before the process ends', () => {
    goesOn(1_000, () => observe.fault('chain', new Error('no answer')))
    observe.close()
    expect(lines[1]).toMatchObject({ msg: 'these faults go on', faults: [{ times: 10 }] })
    clock.advance(10 * MINUTE_MS)
    expect(lines).toHaveLength(2)
  })
})

test('everything at once, and errors whose text is another each time, keep to twenty lines a minute', () => {
  let number = 0
  const word = () => (number++).toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')
  goesOn(10 * MINUTE_MS, () => {
    for (const part of ['store', 'queue', 'chain', 'venue', 'sweep'] as const) {
      observe.fault(part, refusal('MOVED 1 127.0.0.1:1'))
      observe.fault(part, new Error(`something else again: ${word()}`))
    }
    observe.requestFailed(newId(), new Error(`a ${word()} failed`))
    observe.stepFailed(newId(), new Error(`a ${word()} failed`))
    observe.overdue([newId(), newId()])
    for (const venue of ['raydium', 'meteora'] as const) {
      const [closed, open] = [
        { state: 'closed', since: 0, failures: 0 },
        { state: 'open', since: 0, until: 1, why: word() },
      ] as const
      observe.breaker(venue, open, closed)
      observe.breaker(venue, closed, open)
    }
  })
  expect(mostInAMinute()).toBeLessThanOrEqual(MOST_A_MINUTE)
  const told = lines.flatMap(({ faults = [] }) => faults.map(({ part, kind }) => `${part} ${kind}`))
  expect(told).toEqual(expect.arrayContaining(['sweep overdue orders', 'venue raydium open', 'store MOVED']))
})

test('kinds that begin early and late keep to twenty lines in any minute, and none of them is untold', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  observe.fault('sweep', new Error('the first'))
  for (const waitMs of [55_000, 10_000, 30_000]) {
    clock.advance(waitMs)
    for (const letter of letters)
      observe.fault('chain', new Error(`${letter}${letter} after ${letters.indexOf(letter)} ms`))
    for (const letter of letters) observe.fault('venue', new Error(`${letter} is away, the ${waitMs}th time`))
  }
  observe.close()
  expect(mostInAMinute()).toBeLessThanOrEqual(MOST_A_MINUTE)
  const told = lines.flatMap(({ faults = [] }) => faults.map(({ part, kind }) => `${part} ${kind}`))
  for (const letter of letters) expect(told).toContain(`chain Error: ${letter}${letter} after # ms`)
})

test.each([
  [refusal("ERR The user executing the script can't run this command or subcommand script: 1a"), 'NOPERM'],
  [refusal("ERR The user executing the script can't access at least one of the keys"), 'NOPERM'],
  [refusal("ERR unknown command 'eval', with args beginning with: "), 'ERR unknown command'],
  [refusal('WRONGPASS invalid username-password pair or user is disabled.'), 'WRONGPASS'],
  [Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [new Error('store', { cause: Object.assign(new Error('no space'), { code: '53100' }) }), '53100'],
  [new AggregateError([Object.assign(new Error('a'), { code: 'ETIMEDOUT' })]), 'ETIMEDOUT'],
  [new TypeError('x is not a function'), 'TypeError: x is not a function'],
  ['no error', 'other'],
])('%s is of the kind %s', (error, kind) => {
  expect(kindOf(error)).toBe(kind)
})

test('a cure is told for what an operator can mend, and names the setting of the part', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  expect(cureOf('queue', refused)).toContain('REDIS_URL')
  expect(cureOf('store', refused)).toContain('PG_CONN')
  expect(cureOf('chain', new Error('a defect'))).toBeUndefined()
})
