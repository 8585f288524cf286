// Owns the simulated venues: Raydium and Meteora as the engine meets them, with their latency, their faults, and the
// execution of their swaps on the simulated chain.

import { formatPrice } from '../domain/amount.ts'
import type { ExactQuote, Instruction, PoolInfo, RoutablePool } from '../domain/pool.ts'
import type { Venue } from '../domain/ports/market.ts'
import type { Leg, RouteQuery, VenueName } from '../domain/route.ts'
import { type Clock, sleep } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import type { SwapInput } from './pools/pool.ts'
import { poolPrograms } from './pools/programs.ts'
import { programOf, type SimulatedPool, swapPool, venueOf } from './simulated/market.ts'
import { createVenueFault, type VenueFault } from './simulated/venueFaults.ts'

export type SimulatedVenueOptions = {
  /** How long an answer takes. */
  readonly latencyMs: { readonly least: number; readonly most: number }
  readonly faults: Readonly<Partial<Record<VenueName, VenueFault>>>
}

/** The pools as the chain last published them. */
export type PoolsView = { readonly slot: number; readonly pools: ReadonlyMap<string, SimulatedPool> }

export function createSimulatedVenue(
  name: VenueName,
  readPools: () => Promise<PoolsView>,
  clock: Clock,
  random: Random,
  options: SimulatedVenueOptions,
): Venue {
  const trouble = createVenueFault(options.faults[name])

  async function answer<T>(give: (view: PoolsView) => T): Promise<T> {
    const { least, most } = options.latencyMs
    const latencyMs = trouble.latencyMs ?? (most > 0 ? least + random.next() * (most - least) : 0)
    if (latencyMs > 0) await sleep(clock, latencyMs)
    trouble.answer()
    return give(await readPools())
  }

  const mine = (view: PoolsView) => [...view.pools.values()].filter((pool) => venueOf(pool) === name)

  /** Where these tokens trade here, as far as somebody has asked: listings stay, only the pools' states move. */
  const listed = new Map<string, readonly string[]>()

  function trading(view: PoolsView, { mintIn, mintOut, through }: RouteQuery): readonly SimulatedPool[] {
    const key = [mintIn, mintOut, ...through].join()
    const ends = [mintIn, mintOut]
    const touched = [...ends, ...through]
    const addresses =
      listed.get(key) ??
      mine(view)
        .filter(({ tokenA: { mint: a }, tokenB: { mint: b } }) => {
          return touched.includes(a) && touched.includes(b) && (ends.includes(a) || ends.includes(b))
        })
        .map(({ address }) => address)
    listed.set(key, addresses)
    return addresses.flatMap((address) => view.pools.get(address) ?? [])
  }

  return {
    name,
    pools: () => answer((view) => mine(view).map(describe)),
    poolsFor: (query) =>
      answer((view) => {
        const unixTimestamp = Math.floor(clock.now() / 1_000)
        const pools = trading(view, query).map((pool) => routableAt(pool, view.slot, unixTimestamp))
        return trouble.tell(pools)
      }),
    swapInstruction,
  }
}

type Moment = { readonly slot: number; readonly unixTimestamp: number; readonly routable: RoutablePool }

/** Each state of a pool as it was last shown: until slot or second pass, whoever asks is shown the same. */
const shown = new WeakMap<SimulatedPool, Moment>()

function routableAt(pool: SimulatedPool, slot: number, unixTimestamp: number): RoutablePool {
  const last = shown.get(pool)
  if (last?.slot === slot && last.unixTimestamp === unixTimestamp) return last.routable
  const moment = { slot, unixTimestamp, routable: routable(pool, slot, BigInt(unixTimestamp)) }
  shown.set(pool, moment)
  return moment.routable
}

function routable(pool: SimulatedPool, slot: number, unixTimestamp: bigint): RoutablePool {
  const program = programOf(pool)
  const at = { slot: BigInt(slot), unixTimestamp }
  return {
    venue: venueOf(pool),
    pool: pool.address,
    program: pool.program,
    tokenA: pool.tokenA,
    tokenB: pool.tokenB,
    slot,
    quote: (aToB, amountIn) => somethingFor(program.quoteExactIn(pool.state, { aToB, amountIn, ...at })),
    segments: (aToB) => program.segments(pool.state, { aToB, ...at }),
  }
}

/** DAMM v2 itself would swap an amount into nothing; nobody wants that. */
function somethingFor(quote: ExactQuote): ExactQuote {
  if (quote.kind === 'refused' || quote.amountOut > 0n) return quote
  const detail = 'the amount buys less than one base unit'
  return { kind: 'refused', reason: 'amount_too_small', detail }
}

function describe(pool: SimulatedPool): PoolInfo {
  const { numerator, denominator } = programOf(pool).spotPrice(pool.state, true)
  return {
    venue: venueOf(pool),
    pool: pool.address,
    program: pool.program,
    tokenA: pool.tokenA,
    tokenB: pool.tokenB,
    ...programOf(pool).reserves(pool.state),
    feeBps: pool.feePpm / 100,
    price: formatPrice(numerator, pool.tokenB.decimals, denominator, pool.tokenA.decimals),
  }
}

// ---- instructions -------------------------------------------------------------------------------------------------

/** The accounts a simulated swap names: the pool, what goes in, what comes out. */
function swapInstruction(
  { pool, program, tokenIn, tokenOut, amountIn }: Leg,
  minAmountOut: bigint,
): Instruction {
  const known = poolPrograms.find(({ name }) => name === program)
  if (known === undefined) throw new Error(`no program is called ${program}`)
  const accounts = [pool, tokenIn.mint, tokenOut.mint]
  return { programId: known.programId, accounts, data: known.swapData({ amountIn, minAmountOut }) }
}

export type ExecutedSwap = {
  readonly pool: SimulatedPool
  readonly mintIn: string
  readonly mintOut: string
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly fee: bigint
  readonly feeMint: string
}

export type SwapError = { readonly code: 'slippage_exceeded' | 'swap_reverted'; readonly detail: string }

/** Runs a swap instruction on the pools as the program on the chain would, its minimum included. */
export function executeSwap(
  poolAt: (address: string) => SimulatedPool | undefined,
  { programId, accounts, data }: Instruction,
  at: Pick<SwapInput, 'slot' | 'unixTimestamp'>,
): ExecutedSwap | SwapError {
  const [address = '', mintIn = '', mintOut = ''] = accounts
  const pool = poolAt(address)
  if (pool === undefined || programOf(pool).programId !== programId)
    return reverted(`no pool ${address} of ${programId}`)
  const aToB = direction(pool, mintIn, mintOut)
  if (aToB === null) return reverted(`pool ${address} does not trade ${mintIn} for ${mintOut}`)
  const amounts = programOf(pool).readSwapData(data)
  if (amounts === null) return reverted('the instruction data is not a swap')
  const result = swapPool(pool, { aToB, amountIn: amounts.amountIn, ...at })
  if (result.kind === 'refused') return reverted(`${result.reason}: ${result.detail}`)
  if (result.amountOut < amounts.minAmountOut) {
    const detail = `the pool would pay ${result.amountOut}, the minimum is ${amounts.minAmountOut}`
    return { code: 'slippage_exceeded', detail }
  }
  return {
    pool: result.pool,
    mintIn,
    mintOut,
    amountIn: amounts.amountIn,
    amountOut: result.amountOut,
    fee: result.fee,
    feeMint: result.feeOnInput ? mintIn : mintOut,
  }
}

/** Which way the pool would be crossed, or null when it does not trade the pair. */
function direction(pool: SimulatedPool, mintIn: string, mintOut: string): boolean | null {
  if (pool.tokenA.mint === mintIn && pool.tokenB.mint === mintOut) return true
  return pool.tokenB.mint === mintIn && pool.tokenA.mint === mintOut ? false : null
}

const reverted = (detail: string): SwapError => ({ code: 'swap_reverted', detail })
