// The contract of the switch that halts trading, kept over the embedded database and over a Postgres server.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Sql, StoreUnavailable } from '../../src/domain/ports/sql.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { migrate } from '../../src/store/migrations.ts'
import { createStatements } from '../../src/store/statements.ts'
import { openTradingSwitch } from '../../src/store/tradingSwitch.ts'
import { type Databases, distributed, embedded } from '../support/databases.ts'
import { manualClock } from '../support/manualClock.ts'
import { describeDistributed } from '../support/services.ts'

type Switch = Awaited<ReturnType<typeof openTradingSwitch>>

/** What a halt may take, less what a read takes. */
const WITHIN_MS = 500
const STALE_MS = 1_000
/** So little that what a look has brought is still fresh when it is looked at. */
const STEP_MS = 50
const ENTRY = { type: 'limit', parent: null } as const
const EXIT = { type: 'takeProfit', parent: null } as const

function describeSwitch(open: () => Promise<Databases>): () => { databases: Databases } {
  const clock = manualClock()
  let databases: Databases
  let one: Switch
  let other: Switch
  /** Whether the other process can ask the database. */
  let isCut = false
  const changes: string[] = []
  const onFault = () => {}

  beforeAll(async () => {
    databases = await open()
    await migrate(databases.sql)
    const cuttable: Sql = {
      ...databases.otherSql,
      query: (text, params) =>
        isCut ? Promise.reject(new StoreUnavailable('cut')) : databases.otherSql.query(text, params),
    }
    // No hint is heard: what holds here holds when all of them are lost.
    const onChange = ({ state }: { state: string }) => void changes.push(state)
    one = await openTradingSwitch(createStatements(databases.sql), noBroadcast, clock, {
      onChange: () => {},
      onFault,
    })
    other = await openTradingSwitch(createStatements(cuttable), noBroadcast, clock, { onChange, onFault })
  })
  afterAll(async () => {
    one.close()
    other.close()
    await databases.remove()
  })
  beforeEach(async () => {
    isCut = false
    await one.set('active', 'test')
    await vi.waitFor(() => {
      clock.advance(STEP_MS)
      expect(other.state()).toEqual(one.state())
      expect([one.mayTrade(ENTRY), other.mayTrade(ENTRY)]).toEqual([true, true])
    })
    changes.length = 0
  })

  /** The other process has read once more. */
  const reread = async (isExpected: () => void) => {
    clock.advance(WITHIN_MS)
    await vi.waitFor(isExpected)
  }

  test('halting holds here at once and in another process with its next look', async () => {
    expect(await one.set('halted', 'key1')).toEqual({
      state: 'halted',
      changedAt: clock.now(),
      changedBy: 'key1',
    })
    expect([one.mayTrade(ENTRY), one.mayTrade(EXIT)]).toEqual([false, false])
    await reread(() => expect(other.state()).toEqual(one.state()))
    expect([other.mayTrade(ENTRY), other.mayTrade(EXIT)]).toEqual([false, false])
    expect(changes).toEqual(['halted'])
  })

  test('a process that starts later finds it halted', async () => {
    await one.set('halted', 'key1')
    const seen: string[] = []
    const late = await openTradingSwitch(createStatements(databases.sql), noBroadcast, clock, {
      onChange: ({ state }) => void seen.push(state),
      onFault,
    })
    expect([late.mayTrade(ENTRY), seen]).toEqual([false, ['halted']])
    late.close()
  })

  test('resuming is told once, to those who listen', async () => {
    const heard = vi.fn()
    const stop = other.onResume(heard)
    await one.set('halted', 'key1')
    await reread(() => expect(other.mayTrade(ENTRY)).toBe(false))
    expect(heard).not.toHaveBeenCalled()
    await one.set('active', 'key2')
    await reread(() => expect(heard).toHaveBeenCalledOnce())
    expect(other.state().changedBy).toBe('key2')
    await reread(() => expect(other.mayTrade(ENTRY)).toBe(true))
    expect(heard).toHaveBeenCalledOnce()
    stop()
  })

  test('while only entries are halted exits trade, and each is resumed when it may', async () => {
    const heard = vi.fn()
    const stop = other.onResume(heard)
    const may = () => [other.mayTrade(ENTRY), other.mayTrade(EXIT)]
    await one.set('entries_halted', 'key1')
    await reread(() => expect(may()).toEqual([false, true]))
    await one.set('halted', 'key1')
    await reread(() => expect(may()).toEqual([false, false]))
    expect(heard).not.toHaveBeenCalled()
    await one.set('entries_halted', 'key1')
    await reread(() => expect(may()).toEqual([false, true]))
    expect(heard).toHaveBeenCalledTimes(1)
    await one.set('active', 'key1')
    await reread(() => expect(may()).toEqual([true, true]))
    expect(heard).toHaveBeenCalledTimes(2)
    stop()
  })

  test('a process that cannot ask for a second does not trade, and goes on when it can', async () => {
    const heard = vi.fn()
    const stop = other.onResume(heard)
    await reread(() => expect(other.mayTrade(ENTRY)).toBe(true))
    isCut = true
    clock.advance(STALE_MS)
    clock.advance(1)
    expect([other.mayTrade(ENTRY), other.state().state]).toEqual([false, 'active'])
    isCut = false
    await vi.waitFor(() => {
      clock.advance(STEP_MS)
      expect([other.mayTrade(ENTRY), heard.mock.calls.length]).toEqual([true, 1])
    })
    stop()
  })

  test('of many who switch at once every process believes the same one', async () => {
    const states = ['halted', 'active'] as const
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 3 ? one : other).set(states[i % 2] ?? 'halted', `key${i}`)),
    )
    await vi.waitFor(() => {
      clock.advance(WITHIN_MS)
      expect(one.state()).toEqual(other.state())
    })
  })

  return () => ({ databases })
}

describe('the trading switch on the embedded database', () => {
  describeSwitch(embedded)
})

describeDistributed('the trading switch on Postgres', () => {
  const get = describeSwitch(distributed)

  test('a hint brings it to another process without waiting for the next look', async () => {
    const { sql, otherSql, hints, otherHints } = get().databases
    const stopped = { ...manualClock(), after: () => () => {} }
    const options = { onChange: () => {}, onFault: () => {} }
    const one = await openTradingSwitch(createStatements(sql), hints, stopped, options)
    const other = await openTradingSwitch(createStatements(otherSql), otherHints, stopped, options)
    await vi.waitFor(async () => {
      await one.set('halted', 'key1')
      expect(other.state().state).toBe('halted')
    })
    one.close()
    other.close()
  })
})
