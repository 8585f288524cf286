// A fixed choice of chaos runs: processes that die where it hurts most, and servers in trouble. By hand there are more:
// npm run chaos:processes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './chaosRun.ts'
import { nothingAmiss } from './crashes.ts'
import { crashAround, crashPoints } from './crashPoints.ts'
import { killAll } from './engineProcess.ts'
import { canMount, type FaultName } from './faults.ts'
import { crashMatrix, type Plan, planOf } from './plan.ts'
import { hasPostgres, hasRedis, type OwnPostgres, startPostgres } from './servers.ts'

const START_MS = 60_000
const RUN_MS = 180_000

afterAll(killAll)

/** The types of which orders have traded in any of the runs. */
const traded = new Set<string>()

async function expectWell(plan: Plan, postgres: OwnPostgres | null): Promise<void> {
  const report = await run(plan, postgres)
  for (const type of Object.keys(report.traded)) traded.add(type)
  expect(report).toMatchObject(nothingAmiss)
  expect(report.orders).toBeGreaterThan(0)
  // That all of them have ended is among the rules; how soon is for npm run chaos:processes to measure.
  if (plan.crashes.length > 0) expect(report.inFlight).toBeGreaterThan(0)
}

/** A plan whose process dies at these points, life after life. */
const crashPlan = (more: Partial<Plan>): Plan => ({ ...planOf(1, 'crash'), ...more })

describe('plans', () => {
  test('are the same for the same seed, and not for another', () => {
    for (const seed of [0, 1, 77]) expect(planOf(seed)).toEqual(planOf(seed))
    const plans = Array.from({ length: 50 }, (_, seed) =>
      JSON.stringify({ ...planOf(seed, 'kill'), seed: 0 }),
    )
    expect(new Set(plans).size).toBe(plans.length)
  })

  test('let the embedded process, an api and a worker die at every point that they pass, alone and with all', () => {
    const pointsWhere = (wanted: Partial<(typeof crashMatrix)[number]>) =>
      crashMatrix
        .filter((row) =>
          Object.entries(wanted).every(([key, value]) => row[key as keyof typeof row] === value),
        )
        .flatMap(({ points }) => points)
    expect(new Set(pointsWhere({ runtime: 'embedded' }))).toEqual(new Set(crashPoints))
    for (const takesAll of [false, true]) {
      const apart = [0, 1].flatMap((seat) => pointsWhere({ runtime: 'distributed', seat, takesAll }))
      expect(new Set(apart)).toEqual(new Set(crashPoints))
    }
  })
})

test.each(['signed', 'signed:0', 'signed:-1', 'SIGNED:1', 'nowhere:1'])('%s is no crash point', (text) => {
  expect(() => crashAround(text)).toThrow('no crash point')
})

describe('the embedded process', () => {
  test(
    'dies between the order and its answer, the signature and the log, the bytes and the ledger, also as it resumes',
    async () => {
      await expectWell(
        crashPlan({
          runtime: 'embedded',
          seat: 0,
          day: 'still',
          crashes: [
            { point: 'committed', count: 3 },
            { point: 'after-submitted', count: 5 },
            { point: 'landed', count: 1 },
            { point: 'landed', count: 7 },
          ],
        }),
        null,
      )
    },
    RUN_MS,
  )

  test.runIf(canMount || process.env.REQUIRE_MOUNT === '1')(
    'has no room left on its disk for a while',
    async () => {
      await expectWell(planOf(3, 'disk-full'), null)
    },
    RUN_MS,
  )

  test(
    'is killed and started at once, again and again',
    async () => {
      await expectWell({ ...planOf(1, 'restart'), length: 0 }, null)
    },
    RUN_MS,
  )

  test(
    'has its clock set an hour ahead, two back, and right again',
    async () => {
      await expectWell({ ...planOf(1, 'clock'), runtime: 'embedded', seat: 0 }, null)
    },
    RUN_MS,
  )
})

const hasServers = hasRedis && hasPostgres
if (!hasServers && process.env.REQUIRE_SERVICES === '1')
  throw new Error('this file starts servers of its own')

describe.runIf(hasServers)('an api and two workers, on servers of their own', () => {
  let postgres: OwnPostgres

  beforeAll(() => {
    postgres = startPostgres()
  }, START_MS)

  afterAll(() => postgres.remove())

  test(
    'the worker dies with signed bytes that nobody has, with bytes that have left, and before the end is written',
    async () => {
      await expectWell(
        crashPlan({
          runtime: 'distributed',
          seat: 1,
          takesAll: false,
          day: 'bad',
          crashes: [
            { point: 'signed', count: 4 },
            { point: 'sent', count: 9 },
            { point: 'before-filled', count: 6 },
          ],
        }),
        postgres,
      )
    },
    RUN_MS,
  )

  const servers: readonly FaultName[] = [
    'redis-read-only',
    'redis-evicts',
    'redis-kill-aof',
    'postgres-restart',
    'postgres-cut-after-commit',
    'postgres-black-hole',
  ]
  for (const fault of servers) {
    test(fault, () => expectWell(planOf(1, fault), postgres), RUN_MS)
  }
})

test('orders of every type have traded in these runs', () => {
  const types = ['limit', 'market', 'sniper', 'stop', 'takeProfit', 'timeStop', 'trailingStop']
  expect([...traded]).toEqual(expect.arrayContaining(types))
})
