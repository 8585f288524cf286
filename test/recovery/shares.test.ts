// Two workers share the market out: when one of them is killed or stands still, the other fires its orders within 5 s.
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { watcherOf } from '../../src/domain/triggers/shares.ts'
import { EXECUTE, getOrder, type Json, post, send } from '../support/client.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { killAll, type RunningEngine, startRole } from './engineProcess.ts'

const START_MS = 60_000
const TAKE_OVER_MS = 5_000
const PAIRS = [
  ['A', 'B'],
  ['A', 'USDC'],
  ['A', 'SOL'],
  ['JUP', 'USDC'],
  ['JUP', 'SOL'],
  ['RAY', 'USDC'],
  ['RAY', 'SOL'],
] as const

type Pair = (typeof PAIRS)[number]

describeDistributed('two workers that share the market out', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let sql: pg.Client
  let api: RunningEngine
  let second: RunningEngine
  let mints: ReadonlyMap<string, string>

  const startAs = (role: 'api' | 'worker') =>
    startRole(role, database, { SIM_SPEED: 'instant', SIM_SLOT_MS: '100' })

  async function watchers(): Promise<string[]> {
    const { rows } = await sql.query<{ id: string }>('select id from market_watchers order by id')
    return rows.map(({ id }) => id)
  }

  const soon = { timeout: 20_000, interval: 100 }

  beforeAll(async () => {
    database = await freshDatabase()
    api = await startAs('api')
    // The first worker produces the blocks: the market must go on.
    await startAs('worker')
    sql = new pg.Client({ connectionString: database.pgConn })
    await sql.connect()
    const { body } = await send<{ tokens: readonly { symbol: string; mint: string }[] }>(
      `${api.url}/api/tokens`,
    )
    mints = new Map(body.tokens.map(({ symbol, mint }) => [symbol, mint]))
  }, START_MS)

  afterAll(async () => {
    await killAll()
    await sql.end()
    await database.drop()
  })

  async function restAbove([tokenIn, tokenOut]: Pair): Promise<string> {
    const sale = { tokenIn, tokenOut, amountIn: '1' }
    const query = new URLSearchParams(sale)
    const quoted = await send<{ route: { amountOut: string } }>(`${api.url}/api/quotes?${query}`)
    const limitPrice = (Number(quoted.body.route.amountOut) * 1.05).toFixed(6)
    const reply = await post<{ orderId: string }>(`${api.url}${EXECUTE}`, {
      ...sale,
      type: 'limit',
      limitPrice,
    })
    expect(reply).toMatchObject({ status: 201 })
    const { orderId } = reply.body
    await expect.poll(async () => (await getOrder(api.url, orderId)).resting, soon).toBe(true)
    return orderId
  }

  /** Starts a second worker that has some of the pairs, and waits until both know of each other. */
  async function startSecond(): Promise<RunningEngine> {
    await expect.poll(watchers, soon).toHaveLength(1)
    const [first = ''] = await watchers()
    for (;;) {
      const worker = await startAs('worker')
      await expect.poll(async () => (await watchers()).length, soon).toBe(2)
      const ids = await watchers()
      const keyOf = (pair: Pair) => pair.map((symbol) => mints.get(symbol) ?? '').sort()
      await reports(first, 3)
      if (PAIRS.some((pair) => watcherOf(keyOf(pair).join(), ids) !== first)) return worker
      // Once in 128 starts.
      worker.child.kill('SIGTERM')
      await worker.exited
    }
  }

  async function reports(id: string, count: number): Promise<void> {
    const seen = new Set<string>()
    const query = 'select seen_at::text as at from market_watchers where id = $1'
    const look = async () => {
      for (const { at } of (await sql.query<{ at: string }>(query, [id])).rows) seen.add(at)
      return seen.size
    }
    await expect.poll(look, soon).toBeGreaterThanOrEqual(count)
  }

  /** Moves every price beyond the limits, and gives how long after that the last of the orders fired. */
  async function firesAfter(orderIds: readonly string[]): Promise<number> {
    const movedAt = Date.now()
    for (const [token, against] of PAIRS) {
      const body = { token, against, factor: '1.1' }
      expect(await post(`${api.url}/api/simulation/moves`, body)).toMatchObject({ status: 200 })
    }
    const firedAt = async (orderId: string) => {
      const { events } = await getOrder(api.url, orderId)
      return events.find(({ kind }: Json) => kind === 'triggered')?.at
    }
    for (const orderId of orderIds)
      await expect.poll(() => firedAt(orderId), soon).toEqual(expect.any(String))
    const times = await Promise.all(orderIds.map(firedAt))
    return Math.max(...times.map((at) => Date.parse(String(at)))) - movedAt
  }

  test('the share of one that stands still is taken over within 5 s, and once it goes on both share again', async () => {
    const orderIds = await Promise.all(PAIRS.map(restAbove))
    second = await startSecond()
    second.child.kill('SIGSTOP')
    expect(await firesAfter(orderIds)).toBeLessThan(TAKE_OVER_MS)
    second.child.kill('SIGCONT')
    const later = await Promise.all(PAIRS.map(restAbove))
    for (const id of await watchers()) await reports(id, 3)
    expect(await firesAfter(later)).toBeLessThan(TAKE_OVER_MS)
  }, 90_000)

  test('the share of one that is killed is taken over within 5 s', async () => {
    const orderIds = await Promise.all(PAIRS.map(restAbove))
    for (const id of await watchers()) await reports(id, 3)
    await second.kill()
    expect(await firesAfter(orderIds)).toBeLessThan(TAKE_OVER_MS)
  }, 90_000)
})
