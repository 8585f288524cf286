// Owns a venue over decoded pools: which of them a route may use, what they quote at one moment, and the swap instruction.
// Whatever holds the pools is an argument.

import { formatPrice } from '../domain/amount.ts'
import type { ExactQuote, Instruction, PoolInfo, RoutablePool } from '../domain/pool.ts'
import type { Venue } from '../domain/ports/market.ts'
import type { Leg, RouteQuery, VenueName } from '../domain/route.ts'
import type { Clock } from '../timing/clock.ts'
import type { ListedPool, PoolsView } from './pools/listed.ts'
import type { ProgramName } from './pools/pool.ts'
import { programNamed, venuePrograms } from './pools/programs.ts'

/** Its questions reject when the pools cannot be read. Quotes depend on the clock's second: some fees decay with time. */
export function createPoolVenue(name: VenueName, readPools: () => Promise<PoolsView>, clock: Clock): Venue {
  const programs: ReadonlySet<ProgramName> = new Set(venuePrograms[name].map((program) => program.name))
  const mine = ({ pools }: PoolsView) => [...pools.values()].filter(({ program }) => programs.has(program))

  /** Addresses by query, kept as long as no pool comes: a listing only grows, and the pools' states move. */
  const listed = new Map<string, readonly string[]>()
  let listedPools = 0

  function poolsOf(view: PoolsView, query: RouteQuery): readonly ListedPool[] {
    if (view.pools.size !== listedPools) listed.clear()
    listedPools = view.pools.size
    const key = [query.mintIn, query.mintOut, ...query.through].join()
    const addresses =
      listed.get(key) ?? mine(view).flatMap((pool) => (serves(pool, query) ? pool.address : []))
    listed.set(key, addresses)
    return addresses.flatMap((address) => view.pools.get(address) ?? [])
  }

  return {
    name,
    pools: async () => mine(await readPools()).map((pool) => describe(name, pool)),
    async poolsFor(query) {
      const view = await readPools()
      const moment = { slot: view.slot, unixTimestamp: Math.floor(clock.now() / 1_000) }
      return poolsOf(view, query).map((pool) => routableAt(name, pool, moment))
    },
    swapInstruction,
  }
}

/** Whether the pool trades two tokens that the route may touch, one of them at an end of it. */
function serves({ tokenA, tokenB }: ListedPool, { mintIn, mintOut, through }: RouteQuery): boolean {
  const ends = [mintIn, mintOut]
  const mints = [tokenA.mint, tokenB.mint]
  return (
    mints.every((mint) => ends.includes(mint) || through.includes(mint)) &&
    mints.some((mint) => ends.includes(mint))
  )
}

type Moment = { readonly slot: number; readonly unixTimestamp: number }

/** The routable form of each pool state, kept until slot or second change: its curves are cached by identity. */
const routables = new WeakMap<ListedPool, Moment & { readonly routable: RoutablePool }>()

function routableAt(venue: VenueName, pool: ListedPool, moment: Moment): RoutablePool {
  const last = routables.get(pool)
  if (last?.slot === moment.slot && last.unixTimestamp === moment.unixTimestamp) return last.routable
  const routable = routablePool(venue, pool, moment)
  routables.set(pool, { ...moment, routable })
  return routable
}

function routablePool(venue: VenueName, pool: ListedPool, { slot, unixTimestamp }: Moment): RoutablePool {
  const program = programNamed(pool.program)
  const at = { slot: BigInt(slot), unixTimestamp: BigInt(unixTimestamp) }
  return {
    venue,
    pool: pool.address,
    program: pool.program,
    tokenA: pool.tokenA,
    tokenB: pool.tokenB,
    slot,
    quote: (aToB, amountIn) => refuseZero(program.quoteExactIn(pool.state, { aToB, amountIn, ...at })),
    segments: (aToB) => program.segments(pool.state, { aToB, ...at }),
  }
}

/** DAMM v2 itself accepts a swap that pays zero; an order never wants one. */
function refuseZero(quote: ExactQuote): ExactQuote {
  if (quote.kind === 'refused' || quote.amountOut > 0n) return quote
  const detail = 'the amount buys less than one base unit'
  return { kind: 'refused', reason: 'amount_too_small', detail }
}

function describe(venue: VenueName, pool: ListedPool): PoolInfo {
  const program = programNamed(pool.program)
  const { numerator, denominator } = program.spotPrice(pool.state, true)
  return {
    venue,
    pool: pool.address,
    program: pool.program,
    tokenA: pool.tokenA,
    tokenB: pool.tokenB,
    ...program.reserves(pool.state),
    feeBps: pool.feePpm / 100,
    price: formatPrice(numerator, pool.tokenB.decimals, denominator, pool.tokenA.decimals),
  }
}

/** Names three accounts: the pool, the mint that goes in and the mint that comes out. */
function swapInstruction(
  { pool, program, tokenIn, tokenOut, amountIn }: Leg,
  minAmountOut: bigint,
): Instruction {
  const { programId, swapData } = programNamed(program)
  const accounts = [pool, tokenIn.mint, tokenOut.mint]
  return { programId, accounts, data: swapData({ amountIn, minAmountOut }) }
}
