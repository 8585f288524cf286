// The contract of the engine's processes, kept over the embedded database and a Postgres server.
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Broadcast } from '../../src/domain/ports/broadcast.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openProcesses } from '../../src/store/processes.ts'
import { createStatements } from '../../src/store/statements.ts'
import { systemClock } from '../../src/timing/system.ts'
import { type Databases, distributed, embedded } from '../support/databases.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { describeDistributed } from '../support/services.ts'

const REPORT_MS = 2_000

function openNamed(id: string, sql: Sql, clock: ManualClock, hints: Broadcast = noBroadcast) {
  const ended: string[] = []
  const processes = openProcesses(createStatements(sql), hints, clock, {
    self: { id, role: 'worker', version: '0.1.0', startedAt: systemClock.now() },
    report: () => ({ streams: id.length, venues: [] }),
    end: () => void ended.push(id),
    onFault: (error) => {
      throw error
    },
  })
  return { ...processes, ended, seen: () => processes.list().map((each) => each.id) }
}

function describeProcesses(open: () => Promise<Databases>): void {
  let opened: Databases
  const clock = manualClock()
  /** Lets every process report. */
  const report = () => clock.advance(REPORT_MS)
  beforeAll(async () => {
    opened = await open()
    await migrate(opened.sql)
  })
  afterAll(() => opened.remove())

  test('each lists itself first, then the others that report, until they leave or fall silent', async () => {
    const [a, b] = [openNamed('a', opened.sql, clock), openNamed('bb', opened.otherSql, clock)]
    onTestFinished(a.close)
    expect(a.seen()[0]).toBe('a')
    await vi.waitFor(() => {
      report()
      expect([a.seen(), b.seen()]).toEqual([
        ['a', 'bb'],
        ['bb', 'a'],
      ])
    })
    expect(a.list()[1]).toMatchObject({ id: 'bb', role: 'worker', version: '0.1.0', streams: 2, venues: [] })
    expect(Math.abs((a.list()[1]?.seenAt ?? 0) - systemClock.now())).toBeLessThan(60_000)
    await b.close()
    await vi.waitFor(() => {
      report()
      expect(a.seen()).toEqual(['a'])
    })
    const silent = openNamed('c', opened.otherSql, manualClock())
    await vi.waitFor(() => {
      report()
      expect(a.seen()).toEqual(['a', 'c'])
    })
    await opened.sql.query("update processes set seen_at = seen_at - interval '10 s' where id = 'c'")
    await vi.waitFor(() => {
      report()
      expect(a.seen()).toEqual(['a'])
    })
    await silent.close()
  })

  test('one that is killed ends, and no other', async () => {
    const a = openNamed('a', opened.sql, clock, opened.hints)
    const b = openNamed('b', opened.otherSql, clock, opened.otherHints)
    onTestFinished(() => Promise.all([a.close(), b.close()]).then(() => {}))
    expect(a.kill('nothing')).toBe(false)
    expect(a.kill('a')).toBe(true)
    expect([a.ended, b.ended]).toEqual([['a'], []])
    if (opened.hints === noBroadcast) return
    await vi.waitFor(() => {
      report()
      expect(a.seen()).toContain('b')
    })
    await vi.waitFor(() => {
      expect(a.kill('b')).toBe(true)
      expect(b.ended).toContain('b')
    })
    expect(a.ended).toEqual(['a'])
  })
}

describe('embedded', () => describeProcesses(embedded))
describeDistributed('on a Postgres server', () => describeProcesses(distributed))

test('the only process lists itself without a database', () => {
  const { list, kill } = openProcesses(null, noBroadcast, manualClock(), {
    self: { id: 'alone', role: 'all', version: '0.1.0', startedAt: 0 },
    report: () => ({ streams: 0, venues: [] }),
    end: () => {},
    onFault: () => {},
  })
  expect(list().map(({ id }) => id)).toEqual(['alone'])
  expect(kill('another')).toBe(false)
})
