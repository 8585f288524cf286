// What goes wrong in a simulated world at run time, and the audit that shows that no order is lost or doubled by it.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ended, expectProblem, type Json, place, post, send } from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

const FAULTS = '/api/simulation/faults'
const NONE = { venues: { raydium: null, meteora: null }, dropRate: 0, sendErrorRate: 0 }
/** Slots and landings as they are, but fast. */
const waiting = {
  SIM_SPEED: 'realistic',
  SIM_SLOT_MS: '20',
  SIM_QUOTE_LATENCY_MS: '0-1',
  SIM_FINALITY_BLOCKS: '10',
  SIM_BLOCKHASH_BLOCKS: '60',
  REBROADCAST_MS: '100',
}

type Quotes = { readonly quotes: readonly (Json & { readonly venue: string; readonly error?: string })[] }
type Audit = Readonly<Record<'orders' | 'underWay' | 'confirmed' | 'swaps' | 'lost' | 'doubled', number>>

const patch = (url: string, body: unknown) =>
  send(`${url}${FAULTS}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const reset = (url: string) => send(`${url}${FAULTS}`, { method: 'DELETE' })
const auditOf = async (url: string) => (await send<Audit>(`${url}/api/simulation/audit`)).body
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 50 })

/** What each venue answers when it is asked now: its quotes, or why it has none. */
async function errorsOf(url: string): Promise<Record<string, string | undefined>> {
  const { body } = await send<Quotes>(`${url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`)
  return Object.fromEntries(body.quotes.map(({ venue, error }) => [venue, error]))
}

describe('alone', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded({ ...waiting, SIM_DROP_RATE: '0' })
  })
  afterEach(() => reset(engine.url))
  afterAll(() => engine.stop())

  test('faults take effect one by one, and end', async () => {
    expect((await send(`${engine.url}${FAULTS}`)).body).toEqual(NONE)
    const down = await patch(engine.url, { venues: { raydium: 'down' } })
    expect(down).toMatchObject({ status: 200, body: { ...NONE, venues: { raydium: 'down', meteora: null } } })
    expect(await errorsOf(engine.url)).toMatchObject({ raydium: expect.any(String), meteora: undefined })
    const both = await patch(engine.url, { dropRate: 0.25 })
    expect(both.body).toMatchObject({ venues: { raydium: 'down', meteora: null }, dropRate: 0.25 })
    expect((await patch(engine.url, { venues: { raydium: null } })).body).toMatchObject({
      venues: NONE.venues,
      dropRate: 0.25,
    })
    expect((await reset(engine.url)).body).toEqual(NONE)
  })

  test('faults outlive a restart, and give way to the settings when they are reset', async () => {
    await patch(engine.url, { venues: { meteora: 'late' }, sendErrorRate: 1 })
    await engine.restart({ ...waiting, SIM_DROP_RATE: '0.5' })
    expect((await send(`${engine.url}${FAULTS}`)).body).toEqual({
      venues: { raydium: null, meteora: 'late' },
      dropRate: 0,
      sendErrorRate: 1,
    })
    expect((await reset(engine.url)).body).toEqual({ ...NONE, dropRate: 0.5 })
    await engine.restart(waiting)
    expect((await send(`${engine.url}${FAULTS}`)).body).toEqual(NONE)
  })

  test.each([
    [{}, 'missing_field', 'venues'],
    [{ dropRate: 1.1 }, 'invalid_type', 'dropRate'],
    [{ dropRate: -0.1 }, 'invalid_type', 'dropRate'],
    [{ dropRate: '0.1' }, 'invalid_type', 'dropRate'],
    [{ dropRate: null }, 'invalid_type', 'dropRate'],
    [{ sendErrorRate: 2 }, 'invalid_type', 'sendErrorRate'],
    [{ venues: { raydium: 'ugly' } }, 'invalid_type', 'venues.raydium'],
    [{ venues: { orca: 'down' } }, 'unknown_field', 'venues.orca'],
    [{ venues: 'raydium' }, 'invalid_type', 'venues'],
    [{ forkRate: 1 }, 'unknown_field', 'forkRate'],
  ])('denies %j', async (body, code, field) => {
    const reply = await patch(engine.url, body)
    expectProblem(reply, 422, code)
    expect(reply.body.errors).toMatchObject([{ field, code }])
    expect((await send(`${engine.url}${FAULTS}`)).body).toEqual(NONE)
  })

  test('a process that there is not is not ended', async () => {
    for (const id of ['nothing', '%00', '..%2f']) {
      const reply = await send(`${engine.url}/api/simulation/processes/${id}`, { method: 'DELETE' })
      expectProblem(reply, 404, 'not_found')
    }
  })

  test('launched tokens are listed, those to come too', async () => {
    const launch = (more: Json) =>
      post(`${engine.url}/api/simulation/launches`, { liquidity: '50', venue: 'raydium', ...more })
    const now = (await launch({ symbol: 'NOW' })).body
    const later = (await launch({ symbol: 'LATER', inSlots: 100_000, faults: ['drained'] })).body
    await until(async () => {
      const { body } = await send<Json>(`${engine.url}/api/simulation/launches`)
      expect(body.launches).toMatchObject([
        { symbol: 'LATER', launched: false, faults: ['drained'], ...later },
        { symbol: 'NOW', launched: true, venue: 'raydium', liquidity: '50', faults: [], ...now },
      ])
    })
  })

  test('orders placed while half of the way to the chain fails are neither lost nor doubled', async () => {
    const before = await auditOf(engine.url)
    await patch(engine.url, { dropRate: 0.5, sendErrorRate: 0.5 })
    const placed = await Promise.all(Array.from({ length: 40 }, () => place(engine.url, { slippage: 0.1 })))
    await post(`${engine.url}/api/simulation/forks`, '{}')
    await Promise.all(placed.map(({ orderId }) => ended(engine.url, orderId)))
    await until(async () => {
      const audit = await auditOf(engine.url)
      expect(audit.orders).toBe(before.orders + 40)
      expect(audit).toMatchObject({ underWay: 0, lost: 0, doubled: 0 })
      expect(audit.swaps).toBe(audit.confirmed)
      expect(audit.confirmed).toBeGreaterThan(before.confirmed)
    })
  }, 60_000)
})

test('a chain on which nothing waits does not fork', async () => {
  const engine = await startEmbedded()
  try {
    expectProblem(await post(`${engine.url}/api/simulation/forks`, '{}'), 422, 'no_forks')
  } finally {
    await engine.stop()
  }
})

describeDistributed('in processes that share a chain', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  let urls: readonly [string, string]
  beforeAll(async () => {
    engines = await startDistributed(['worker', 'api', 'api'], waiting)
    const [, here, there] = engines.engines
    urls = [here?.url ?? '', there?.url ?? '']
  }, 60_000)
  afterAll(() => engines.stop())

  test('a fault that is switched on in one process takes effect in every other', async () => {
    const [here, there] = urls
    await patch(here, { venues: { meteora: 'down' } })
    await until(async () => {
      expect((await send(`${there}${FAULTS}`)).body).toMatchObject({ venues: { meteora: 'down' } })
      expect(await errorsOf(there)).toMatchObject({ raydium: undefined, meteora: expect.any(String) })
    })
    // The worker asks the venues itself.
    const { orderId } = await place(here)
    const order = await ended(here, orderId)
    const routed = order.events.find(({ kind }) => kind === 'routed') as (Quotes & Json) | undefined
    expect(routed?.quotes.find(({ venue }) => venue === 'meteora')).toMatchObject({
      error: expect.any(String),
    })
    await reset(there)
    await until(async () => expect((await send(`${here}${FAULTS}`)).body).toEqual(NONE))
  })

  test('the audit is the same in all of them', async () => {
    const [here, there] = urls
    await patch(here, { dropRate: 0.3, sendErrorRate: 0.3 })
    const placed = await Promise.all(Array.from({ length: 10 }, () => place(here, { slippage: 0.1 })))
    await Promise.all(placed.map(({ orderId }) => ended(there, orderId)))
    await reset(here)
    await until(async () => {
      const audits = await Promise.all(urls.map(auditOf))
      for (const audit of audits) expect(audit).toMatchObject({ underWay: 0, lost: 0, doubled: 0 })
      expect(audits[0]?.swaps).toBe(audits[1]?.swaps)
      expect(audits[0]?.confirmed).toBeGreaterThan(0)
    })
  }, 60_000)
})
