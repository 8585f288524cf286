// How fast routes are found: the time of one search over fresh curves, by number of pools, for one hop and for two.
import { baseUnits, bps } from '../src/domain/amount.ts'
import type { VenuePools } from '../src/domain/routing/believable.ts'
import { findRoute } from '../src/domain/routing/findRoute.ts'
import { anyMarket, atVenues } from '../test/support/routablePools.ts'

const POOLS = [2, 8, 20, 60]
const MARKETS = 10
const WARM_UP = 500
const ROUNDS = 1_000
/** Each pool holds about ten times the amount. */
const SIZE = 1e13
const AMOUNT_IN = 10n ** 12n
const MAX_LEGS = 4
const LEG_COST = 10_000n

const [tokenIn, tokenOut, between] = [
  { symbol: 'A', mint: 'mint A', decimals: 6 },
  { symbol: 'B', mint: 'mint B', decimals: 6 },
  { symbol: 'M', mint: 'mint M', decimals: 6 },
] as const

/** The same pools without memoized curves. */
const asNew = (venues: readonly VenuePools[]): VenuePools[] =>
  venues.map((venue) =>
    'pools' in venue ? { ...venue, pools: venue.pools.map((pool) => ({ ...pool })) } : venue,
  )

/** All pools trade the pair, or a quarter of them each side of a hop and the rest the pair. */
function measure(pools: number, isTwoHop: boolean) {
  const eachSide = isTwoHop ? Math.ceil(pools / 4) : 0
  const kind = { tokenIn, tokenOut, intermediates: [between], price: 3, size: SIZE }
  const markets = Array.from({ length: MARKETS }, (_, i) =>
    atVenues(anyMarket({ ...kind, direct: pools - 2 * eachSide, eachSide }, i + 1)),
  )
  const trade = { tokenIn, tokenOut, amountIn: baseUnits(AMOUNT_IN), slippageBps: bps(50) }
  const options = { maxLegs: MAX_LEGS, legCost: LEG_COST, intermediates: [between.mint] }
  const spent: number[] = []
  let legs = 0
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const venues = asNew(markets[round % MARKETS] ?? [])
    const startedAt = performance.now()
    const routing = findRoute(trade, venues, options)
    const micros = (performance.now() - startedAt) * 1_000
    if (round < WARM_UP) continue
    spent.push(micros)
    legs += routing.kind === 'routed' ? routing.route.legs.length : 0
  }
  spent.sort((a, b) => a - b)
  const at = (share: number) => Math.round(spent[Math.floor(spent.length * share)] ?? 0)
  return {
    pools,
    hops: isTwoHop ? 2 : 1,
    legs: legs / ROUNDS,
    'routes/s': Math.round(1e6 / at(0.5)),
    'median µs': at(0.5),
    'p99 µs': at(0.99),
  }
}

console.table([false, true].flatMap((isTwoHop) => POOLS.map((pools) => measure(pools, isTwoHop))))
