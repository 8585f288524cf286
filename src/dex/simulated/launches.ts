// Owns launches on the simulated chain: a new token, its first pool against SOL, and the withdrawal of its liquidity. Pure.

import type { MintExtension, MintInfo } from '../../domain/ports/mints.ts'
import type { Launch, TokenFault } from '../../domain/ports/simulation.ts'
import type { VenueName } from '../../domain/route.ts'
import { SOL, type Token } from '../../domain/token.ts'
import type { DammV2Pool } from '../pools/meteoraDammV2/account.ts'
import type { ProgramName } from '../pools/pool.ts'
import type { CpmmPool } from '../pools/raydiumCpmm/account.ts'
import type { SimulatedPool } from './market.ts'
import { newPool, simulatedAddress } from './newPools.ts'
import { TRANSFER_FEE_BPS } from './tokenFaults.ts'

/** A launch with nothing left open but its slot. */
export type DecidedLaunch = {
  readonly token: Token
  readonly creator: string
  readonly venue: VenueName
  readonly liquidityLamports: bigint
  readonly faults: readonly TokenFault[]
}

/** The first slot in which the pool is there. */
export type PlannedLaunch = DecidedLaunch & { readonly slot: number }

const DECIMALS = 6
/** The whole supply, all of it in the pool, in base units. */
const SUPPLY = 1_000_000_000n * 10n ** BigInt(DECIMALS)
const FEE_PPM = 2_500
const PROGRAMS: Readonly<Record<VenueName, ProgramName>> = {
  raydium: 'raydium-cpmm',
  meteora: 'meteora-damm-v2',
}

/** Slots from the first in which the pool is there to the one in which its creator withdraws the liquidity. */
export const DRAIN_SLOTS = 10
/** A withdrawal leaves dust: both programs lock a little of the first liquidity. */
const DUST_DIVISOR = 10_000_000n
/** An extension type that no version of Token-2022 has. */
const UNKNOWN_EXTENSION_TYPE = 60_000

export function decideLaunch({ symbol, mint, creator, ...terms }: Launch, seed: number): DecidedLaunch {
  const { venue, liquidityLamports, faults } = terms
  const token = { symbol, mint: mint ?? simulatedAddress(`${seed} mint ${symbol}`), decimals: DECIMALS }
  const by = creator ?? simulatedAddress(`${seed} creator ${symbol}`)
  return { token, creator: by, venue, liquidityLamports, faults }
}

/** The pools with the launches behind `after`, up to `slot`; a fork puts `after` back, and they are launched again. */
export function applyLaunches(
  pools: ReadonlyMap<string, SimulatedPool>,
  launches: readonly PlannedLaunch[],
  after: number,
  slot: number,
): ReadonlyMap<string, SimulatedPool> {
  const isDue = (at: number) => at > after && at <= slot
  let next = pools
  for (const launch of launches) {
    if (isDue(launch.slot)) {
      const pool = poolOfLaunch(launch)
      next = new Map(next).set(pool.address, pool)
    }
    if (launch.faults.includes('drained') && isDue(launch.slot + DRAIN_SLOTS)) {
      const pool = next.get(poolOfLaunch(launch).address)
      if (pool !== undefined) next = new Map(next).set(pool.address, drained(pool))
    }
  }
  return next
}

export function poolOfLaunch({
  token,
  venue,
  liquidityLamports,
  faults,
  ...rest
}: PlannedLaunch): SimulatedPool {
  const program = PROGRAMS[venue]
  const pool = newPool({
    program,
    name: `launch ${token.mint}`,
    tokenA: token,
    tokenB: SOL,
    feePpm: FEE_PPM,
    step: 0,
    amountA: SUPPLY,
    amountB: liquidityLamports,
  })
  return { ...pool, launch: { mint: token.mint, creator: rest.creator, slot: rest.slot, faults } }
}

/** The pool once its creator has withdrawn the liquidity. The crowd's trades shrink with it. */
function drained(pool: SimulatedPool): SimulatedPool {
  const [sizeA, sizeB] = [dustOf(pool.sizeA), dustOf(pool.sizeB)]
  if (pool.program === PROGRAMS.raydium) {
    const state = pool.state as CpmmPool
    const [reserveA, reserveB] = [dustOf(state.reserveA), dustOf(state.reserveB)]
    return { ...pool, sizeA, sizeB, state: { ...state, reserveA, reserveB } }
  }
  const state = pool.state as DammV2Pool
  const [reserveA, reserveB] = [dustOf(state.reserveA), dustOf(state.reserveB)]
  return {
    ...pool,
    sizeA,
    sizeB,
    state: { ...state, liquidity: dustOf(state.liquidity), reserveA, reserveB },
  }
}

/** Never nothing: an empty constant-product pool has no price. */
const dustOf = (amount: bigint) => amount / DUST_DIVISOR || 1n

/** The mint account as a guard reads it. */
export function mintInfoOf({ token, creator, faults }: DecidedLaunch): MintInfo {
  const { mint, decimals } = token
  const authority = (fault: TokenFault) => (faults.includes(fault) ? creator : null)
  const extensions = faults.flatMap((fault): MintExtension[] => {
    switch (fault) {
      case 'transfer_fee':
        return [{ kind: 'transfer_fee', feeBps: TRANSFER_FEE_BPS }]
      case 'permanent_delegate':
        return [{ kind: 'permanent_delegate', delegate: creator }]
      case 'transfer_hook':
        return [{ kind: 'transfer_hook', programId: simulatedAddress(`hook of ${mint}`) }]
      case 'unknown_extension':
        return [{ kind: 'unknown', extensionType: UNKNOWN_EXTENSION_TYPE }]
      default:
        return []
    }
  })
  return {
    mint,
    decimals,
    mintAuthority: authority('mint_authority'),
    freezeAuthority: authority('freeze_authority'),
    extensions,
  }
}
