// How long an order waits for its venues, and what their circuit breakers make of the answers. The clock is moved by hand.
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { createSimulatedVenue } from '../../src/dex/mockDexRouter.ts'
import { genesis } from '../../src/dex/simulated/listings.ts'
import { baseUnits } from '../../src/domain/amount.ts'
import type { VenueFault } from '../../src/domain/ports/simulation.ts'
import { type RouteRequest, type VenueName, venueNames } from '../../src/domain/route.ts'
import type { Routing } from '../../src/domain/routing/findRoute.ts'
import { createObserve } from '../../src/observe.ts'
import { createBreakers } from '../../src/workers/breakers.ts'
import { createRouter, type QuoteDeps } from '../../src/workers/router.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { specOf, tokenCalled } from '../support/orders.ts'

const TIMEOUT_MS = 1_000
const HEDGE_MS = 250
const OPEN_MS = 1_000
const FAILURES = 5

const market = { slot: 5_000, pools: genesis().pools }

/** Two simulated venues, each with its trouble and its latency. */
function openVenues(
  faults: Partial<Record<VenueName, VenueFault>>,
  latencies: Partial<Record<VenueName, number>> = {},
) {
  const clock = manualClock()
  const lines: string[] = []
  const observe = createObserve(pino({ level: 'info' }, { write: (line) => void lines.push(line) }), clock)
  const asked = { raydium: 0, meteora: 0 }
  const venues = venueNames.map((name) => {
    const latencyMs = { least: latencies[name] ?? 0, most: latencies[name] ?? 0 }
    const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) }
    const venue = createSimulatedVenue(name, async () => market, clock, random, {
      latencyMs,
      faultNow: () => faults[name] ?? null,
    })
    return {
      ...venue,
      poolsFor(way: Parameters<typeof venue.poolsFor>[0]) {
        asked[name] += 1
        return venue.poolsFor(way)
      },
    }
  })
  const deps: QuoteDeps = {
    venues,
    clock,
    observe,
    breakers: createBreakers({ failures: FAILURES, openMs: OPEN_MS }, { clock, observe }),
    quoteTimeoutMs: TIMEOUT_MS,
    quoteHedgeMs: HEDGE_MS,
    routing: { maxLegs: 2, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' },
  }
  const routeNow = createRouter(deps)
  const route = (more: Partial<RouteRequest> = {}) => waited(routeNow({ ...specOf(), ...more }), clock)
  return { clock, asked, lines, observe, route }
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** What a promise comes to, and how much of the clock's time it took. */
async function waited(promise: Promise<Routing>, clock: ManualClock) {
  const startedAt = clock.now()
  let routing: Routing | null = null
  promise.then((value) => {
    routing = value
  })
  for (await settle(); routing === null; await settle()) clock.advance(10)
  return { routing: await promise, ms: clock.now() - startedAt }
}

/** Orders that share no question. */
const pairs: readonly Partial<RouteRequest>[] = [
  {},
  { tokenIn: tokenCalled('SOL'), tokenOut: tokenCalled('USDC') },
  { tokenIn: tokenCalled('USDC'), tokenOut: tokenCalled('USDT') },
]

const refusalsIn = ({ answers }: Routing) =>
  Object.fromEntries(answers.flatMap((each) => ('refusal' in each ? [[each.venue, each.refusal]] : [])))

describe('an order', () => {
  test('waits for both venues while none has answered', async () => {
    const { route } = openVenues({}, { raydium: 500, meteora: 600 })
    const { routing, ms } = await route()
    expect([routing.kind, ms, refusalsIn(routing)]).toEqual(['routed', 600, {}])
  })

  test('waits for the second only so much longer, and names it', async () => {
    const { route } = openVenues({}, { raydium: 100, meteora: 900 })
    const { routing, ms } = await route()
    expect([routing.kind, ms]).toEqual(['routed', 100 + HEDGE_MS])
    expect(refusalsIn(routing)).toEqual({
      meteora: { code: 'venue_timeout', detail: "no answer 250 ms after another venue's" },
    })
    expect(routing.kind === 'routed' && routing.route.reason).toMatch(/meteora left out: venue_timeout$/)
  })

  test('waits on when the first refuses', async () => {
    const { route } = openVenues({ raydium: 'down' }, { raydium: 100, meteora: 900 })
    const { routing, ms } = await route()
    expect([routing.kind, ms]).toEqual(['routed', 900])
  })

  test('waits on when what is there makes no route', async () => {
    const { route } = openVenues({}, { raydium: 100, meteora: 900 })
    const { routing, ms } = await route({ constraints: { venues: ['meteora'] } })
    expect([routing.kind, ms]).toEqual(['routed', 900])
  })

  test('waits on alone where others share its question', async () => {
    const { route, asked } = openVenues({}, { raydium: 100, meteora: 900 })
    const [quick, slow] = await Promise.all([route(), route({ constraints: { venues: ['meteora'] } })])
    expect([quick.routing.kind, slow.routing.kind]).toEqual(['routed', 'routed'])
    expect(refusalsIn(quick.routing)).toMatchObject({ meteora: { code: 'venue_timeout' } })
    expect(refusalsIn(slow.routing)).not.toHaveProperty('meteora')
    expect(asked).toEqual({ raydium: 1, meteora: 1 })
  })

  test('waits on when what is there makes no sense', async () => {
    const { route } = openVenues({ raydium: 'nan' }, { raydium: 100, meteora: 900 })
    const { routing, ms } = await route()
    expect([routing.kind, ms]).toEqual(['routed', 900])
    expect(refusalsIn(routing)).toMatchObject({ raydium: { code: 'quote_rejected' } })
  })

  test('never waits past the deadline', async () => {
    const { route } = openVenues({ raydium: 'slow', meteora: 'slow' })
    const { routing, ms } = await route()
    expect([routing.kind, ms]).toEqual(['unroutable', TIMEOUT_MS])
    const late = { code: 'venue_timeout', detail: 'no answer within 1000 ms' }
    expect(refusalsIn(routing)).toEqual({ raydium: late, meteora: late })
  })

  test('is not failed for good by what one venue cannot do while the other is missing', async () => {
    const { route } = openVenues({ meteora: 'down' })
    const large = { amountIn: baseUnits(10n ** 12n) }
    const { routing } = await route({ ...large, constraints: { maxPriceImpactBps: 1 } })
    expect(routing).toMatchObject({ kind: 'unroutable', failure: { code: 'quotes_unavailable' } })
    const alone = await route({ ...large, constraints: { maxPriceImpactBps: 1, venues: ['raydium'] } })
    expect(alone.routing).toMatchObject({ failure: { code: 'price_impact_too_high' } })
  })
})

describe('a venue that fails five times in a row', () => {
  test('is asked no more, then by one order at a time', async () => {
    const { clock, asked, route } = openVenues({ raydium: 'down' })
    for (let i = 0; i < 20; i++) {
      const { routing } = await route()
      const refusal = { raydium: { code: i < FAILURES ? 'venue_unavailable' : 'circuit_open' } }
      expect([routing.kind, refusalsIn(routing)]).toMatchObject(['routed', refusal])
    }
    expect(asked).toEqual({ raydium: FAILURES, meteora: 20 })
    clock.advance(OPEN_MS)
    await Promise.all(pairs.map(route))
    expect(asked.raydium).toBe(FAILURES + 1)
  })

  test('holds up nobody while it is left alone, whether late or silent', async () => {
    for (const fault of ['late', 'slow'] as const) {
      const { route, asked } = openVenues({ raydium: fault })
      const waits: number[] = []
      for (let i = 0; i < FAILURES + 3; i++) waits.push((await route()).ms)
      expect(waits).toEqual([...Array.from({ length: FAILURES }, () => HEDGE_MS), 0, 0, 0])
      expect(asked.raydium).toBe(FAILURES)
    }
  })

  test('is asked by all again once it has answered', async () => {
    const { clock, asked, route, lines, observe } = openVenues({ raydium: 'flapping' })
    const state = async () =>
      (await observe.registry.getSingleMetricAsString('oee_venue_breaker')).match(/raydium"\} (\d)/)?.[1]
    expect(await state()).toBe('0')
    for (let i = 0; i < 13; i++) await route()
    expect(await state()).toBe('2')
    expect(refusalsIn((await route()).routing)).toEqual({
      raydium: { code: 'circuit_open', detail: 'left alone for 1000 ms more: connection refused' },
    })
    // Three more refusals are due, each met by a probe.
    for (let i = 0; i < 3; i++) {
      clock.advance(OPEN_MS)
      await route()
    }
    clock.advance(OPEN_MS)
    const { routing } = await route()
    expect([refusalsIn(routing), await state()]).toEqual([{}, '0'])
    const before = asked.raydium
    await Promise.all(pairs.map(route))
    expect(asked.raydium).toBe(before + 3)
    const told = lines.map((line) => JSON.parse(line)).filter(({ venue }) => venue === 'raydium')
    expect(told[0]).toMatchObject({ level: 40, state: 'open', why: 'connection refused' })
    expect(told.at(-1)).toMatchObject({ level: 30, state: 'closed' })
  })

  test('one that says for how long is left alone at once, and so long', async () => {
    const { clock, asked, route } = openVenues({ meteora: 'limited' })
    expect(refusalsIn((await route()).routing)).toMatchObject({ meteora: { code: 'venue_limited' } })
    clock.advance(1_999)
    expect(refusalsIn((await route()).routing)).toMatchObject({ meteora: { code: 'circuit_open' } })
    clock.advance(1)
    await route()
    expect(asked.meteora).toBe(2)
  })
})

/** What an order is told of a venue in this trouble, the other being well; null: nothing is the matter at first. */
const told: Readonly<Record<VenueFault, string | null>> = {
  down: 'venue_unavailable',
  slow: 'venue_timeout',
  late: 'venue_timeout',
  limited: 'venue_limited',
  flapping: null,
  stale: 'quote_stale',
  wrong: 'quote_rejected',
  zero: 'quote_rejected',
  negative: 'quote_rejected',
  nan: 'quote_rejected',
}
const faults = Object.keys(told) as VenueFault[]

/** What the chain would pay for the example, and far from it what no order may be told to expect. */
async function fairAmount(): Promise<bigint> {
  const { routing } = await openVenues({}).route()
  if (routing.kind !== 'routed') throw new Error('two sound venues make a route')
  return routing.route.amountOut
}

describe.each(faults)('with one venue %s', (fault) => {
  test.each(venueNames)(
    '%s, the order gets a sane price and is told why that venue is left out',
    async (venue) => {
      const { routing } = await openVenues({ [venue]: fault }).route()
      if (routing.kind !== 'routed') throw new Error(routing.failure.detail)
      const fair = await fairAmount()
      expect(routing.route.amountOut > (fair * 95n) / 100n && routing.route.amountOut <= fair).toBe(true)
      const code = told[fault]
      expect(refusalsIn(routing)).toMatchObject(code === null ? {} : { [venue]: { code } })
      if (code !== null) {
        expect(routing.route.legs.map((leg) => leg.venue)).not.toContain(venue)
        expect(routing.route.reason).toMatch(new RegExp(`${venue} left out: ${code}$`))
      }
    },
  )

  test.each(faults)(
    'and the other %s, it gets a sane price or a failure that may pass and names both',
    async (other) => {
      const { routing } = await openVenues({ raydium: fault, meteora: other }).route()
      if (routing.kind === 'unroutable') {
        expect(routing.failure).toMatchObject({ code: 'quotes_unavailable' })
        for (const venue of venueNames) expect(routing.failure.detail).toContain(`${venue}: `)
        return
      }
      // A price ten times too good with nobody to compare it to is left to the chain, which pays its minimum or nothing.
      const isUnchecked = [fault, other].includes('wrong')
      const fair = await fairAmount()
      expect(routing.route.amountOut > (fair * 95n) / 100n).toBe(true)
      expect(isUnchecked || routing.route.amountOut <= fair).toBe(true)
    },
  )
})
