// Owns the simulated venues: Raydium and Meteora as the engine meets them, with their latency, their faults, and the
// execution of their swaps on the simulated chain.

import { baseUnits, formatPrice, shortfallBps } from '../domain/amount.ts'
import type { Leg, PoolQuote, VenueName, VenueRefusal } from '../domain/order.ts'
import {
  type Clock,
  type Instruction,
  type PoolInfo,
  type QuoteRequest,
  type Random,
  sleep,
  type Venue,
} from '../domain/ports.ts'
import {
  feeShare,
  type MockPool,
  programIdOf,
  quotePool,
  spotPriceOf,
  swapPool,
  venueOf,
} from './mockMarket.ts'
import * as dammV2 from './pools/meteoraDammV2.ts'
import type { SwapInput } from './pools/pool.ts'
import * as cpmm from './pools/raydiumCpmm.ts'

export type VenueFault = 'down' | 'slow' | 'wrong'

export type MockVenueOptions = {
  /** How long a quote takes. */
  readonly latencyMs: { readonly least: number; readonly most: number }
  readonly faults: Readonly<Partial<Record<VenueName, VenueFault>>>
}

/** The pools as the chain last published them. */
export type PoolsView = { readonly slot: number; readonly pools: ReadonlyMap<string, MockPool> }

/** Longer than any deadline for quotes. */
const SLOW_MS = 60_000

export function openMockVenue(
  name: VenueName,
  readPools: () => Promise<PoolsView>,
  clock: Clock,
  random: Random,
  options: MockVenueOptions,
): Venue {
  const fault = options.faults[name]

  async function answer<T>(give: (view: PoolsView) => T): Promise<T> {
    const { least, most } = options.latencyMs
    if (fault === 'slow') await sleep(clock, SLOW_MS)
    else if (most > 0) await sleep(clock, least + random.next() * (most - least))
    if (fault === 'down') throw new Error('connection refused')
    return give(await readPools())
  }

  const mine = (view: PoolsView) => [...view.pools.values()].filter((pool) => venueOf(pool) === name)

  /** Where each pair trades here, as far as somebody has asked: a venue's listings stay, only its pools' states move. */
  const listings = new Map<string, readonly { readonly address: string; readonly aToB: boolean }[]>()

  function trading(view: PoolsView, { tokenIn, tokenOut }: QuoteRequest) {
    const pair = `${tokenIn.mint} ${tokenOut.mint}`
    const listed =
      listings.get(pair) ??
      mine(view).flatMap((pool) => {
        const aToB = direction(pool, tokenIn.mint, tokenOut.mint)
        return aToB === null ? [] : [{ address: pool.address, aToB }]
      })
    listings.set(pair, listed)
    return listed.flatMap(({ address, aToB }) => {
      const pool = view.pools.get(address)
      return pool === undefined ? [] : [{ pool, aToB }]
    })
  }

  return {
    name,
    pools: () => answer((view) => mine(view).map(describe)),
    quote: (request) =>
      answer((view) => {
        const said = quoteAll(trading(view, request), request, view.slot, clock)
        return fault === 'wrong' && !('code' in said) ? said.map(exaggerate) : said
      }),
    swapInstruction,
  }
}

/** A quote ten times too good, as a broken or lying venue would give it. */
const exaggerate = (quote: PoolQuote): PoolQuote => ({
  ...quote,
  amountOut: baseUnits(quote.amountOut * 10n),
})

function quoteAll(
  trading: readonly { readonly pool: MockPool; readonly aToB: boolean }[],
  request: QuoteRequest,
  slot: number,
  clock: Clock,
): readonly PoolQuote[] | VenueRefusal {
  if (trading.length === 0) return { code: 'no_pool', detail: 'no pool trades this pair' }
  const at = { slot: BigInt(slot), unixTimestamp: BigInt(Math.floor(clock.now() / 1_000)) }
  const answers = trading.map(({ pool, aToB }) =>
    quoteOne(pool, request, { aToB, amountIn: request.amountIn, ...at }),
  )
  const quotes = answers.filter((answer) => 'amountOut' in answer)
  if (quotes.length > 0) return quotes
  const [refusal] = answers.filter((answer) => 'code' in answer)
  return refusal ?? { code: 'no_pool', detail: 'no pool trades this pair' }
}

/** Which way the pool would be crossed, or null when it does not trade the pair. */
function direction(pool: MockPool, mintIn: string, mintOut: string): boolean | null {
  if (pool.tokenA.mint === mintIn && pool.tokenB.mint === mintOut) return true
  return pool.tokenB.mint === mintIn && pool.tokenA.mint === mintOut ? false : null
}

function quoteOne(pool: MockPool, request: QuoteRequest, input: SwapInput): PoolQuote | VenueRefusal {
  const quote = quotePool(pool, input)
  if (quote.kind === 'refused') {
    const code = quote.reason === 'amount_too_small' ? 'amount_too_small' : 'insufficient_liquidity'
    return { code, detail: quote.detail }
  }
  const { amountOut, fee, feeOnInput } = quote
  // DAMM v2 itself would swap an amount into nothing; nobody wants that.
  if (amountOut === 0n) return { code: 'amount_too_small', detail: 'the amount buys less than one base unit' }
  const { numerator, denominator } = spotPriceOf(pool, input.aToB)
  const netIn = input.amountIn - (feeOnInput ? fee : 0n)
  const grossOut = amountOut + (feeOnInput ? 0n : fee)
  return {
    venue: venueOf(pool),
    pool: pool.address,
    program: pool.program,
    amountIn: request.amountIn,
    amountOut: baseUnits(amountOut),
    fee: baseUnits(fee),
    feeToken: feeOnInput ? request.tokenIn : request.tokenOut,
    priceImpactBps: Math.max(0, shortfallBps(netIn * numerator, grossOut * denominator)),
    slot: Number(input.slot),
  }
}

function describe(pool: MockPool): PoolInfo {
  const { numerator, denominator } = spotPriceOf(pool, true)
  return {
    venue: venueOf(pool),
    pool: pool.address,
    program: pool.program,
    tokenA: pool.tokenA,
    tokenB: pool.tokenB,
    reserveA: pool.state.reserveA,
    reserveB: pool.state.reserveB,
    feeBps: Math.round(feeShare(pool) * 1_000_000) / 100,
    price: formatPrice(numerator, pool.tokenB.decimals, denominator, pool.tokenA.decimals),
  }
}

// ---- instructions -------------------------------------------------------------------------------------------------

/** The accounts a simulated swap names: the pool, what goes in, what comes out. */
function swapInstruction(leg: Leg, minAmountOut: bigint): Instruction {
  const accounts = [leg.pool, leg.tokenIn.mint, leg.tokenOut.mint]
  return leg.program === 'raydium-cpmm'
    ? { programId: cpmm.CPMM_PROGRAM_ID, accounts, data: cpmm.encodeCpmmSwapData(leg.amountIn, minAmountOut) }
    : {
        programId: dammV2.DAMM_V2_PROGRAM_ID,
        accounts,
        data: dammV2.encodeDammV2SwapData(leg.amountIn, minAmountOut),
      }
}

export type ExecutedSwap = {
  readonly pool: MockPool
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
  poolAt: (address: string) => MockPool | undefined,
  { programId, accounts, data }: Instruction,
  at: Pick<SwapInput, 'slot' | 'unixTimestamp'>,
): ExecutedSwap | SwapError {
  const [address = '', mintIn = '', mintOut = ''] = accounts
  const pool = poolAt(address)
  if (pool === undefined || programIdOf(pool) !== programId)
    return reverted(`no pool ${address} of ${programId}`)
  const aToB = direction(pool, mintIn, mintOut)
  if (aToB === null) return reverted(`pool ${address} does not trade ${mintIn} for ${mintOut}`)
  const amounts =
    pool.program === 'raydium-cpmm' ? cpmm.decodeCpmmSwapData(data) : dammV2.decodeDammV2SwapData(data)
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

const reverted = (detail: string): SwapError => ({ code: 'swap_reverted', detail })
