// Owns what the simulated chain shows of mints and new pools, and trial swaps.

import type { MintInfo, Mints } from '../../domain/ports/mints.ts'
import { WRAPPED_SOL } from '../../domain/token.ts'
import type { Clock } from '../../timing/clock.ts'
import { mintInfoOf, poolOfLaunch } from './launches.ts'
import type { Ledger } from './ledger.ts'
import { programOf, type SimulatedPool, simulatedTokens } from './market.ts'
import { executeSwap } from './runtime.ts'

type View = { readonly slot: number; readonly pools: ReadonlyMap<string, SimulatedPool> }

export function createMints(ledger: Ledger, readPools: () => Promise<View>, clock: Clock): Mints {
  return {
    async mintInfo(mint) {
      const launch = await ledger.launchOf(mint)
      return launch === null ? listedMint(mint) : mintInfoOf(launch)
    },

    async poolOrigins(mint) {
      const launch = await ledger.launchOf(mint)
      if (launch === null) return []
      const { venue, creator, slot, liquidityLamports } = launch
      const pool = poolOfLaunch(launch).address
      const now = (await readPools()).pools.get(pool)
      const liquidityNowLamports = now === undefined ? 0n : solIn(now)
      return [{ pool, venue, creator, firstSlot: slot, liquidityLamports, liquidityNowLamports }]
    },

    launchesBy: ledger.launchedBy,

    async trySale(mint, address, amountIn) {
      const { slot, pools } = await readPools()
      const pool = pools.get(address)
      if (pool === undefined) return { kind: 'reverted', detail: `there is no pool ${address}` }
      const { tokenA, tokenB } = pool
      const mintOut = tokenA.mint === mint ? tokenB.mint : tokenA.mint
      const { programId, swapData } = programOf(pool)
      const instruction = {
        programId,
        accounts: [address, mint, mintOut],
        data: swapData({ amountIn, minAmountOut: 0n }),
      }
      const at = { slot: BigInt(slot), unixTimestamp: BigInt(Math.floor(clock.now() / 1_000)) }
      const swap = executeSwap((asked) => pools.get(asked), instruction, at)
      if ('code' in swap) return { kind: 'reverted', detail: swap.detail }
      return { kind: 'swapped', amountOut: swap.amountOut }
    },
  }
}

function solIn(pool: SimulatedPool): bigint {
  const { reserveA, reserveB } = programOf(pool).reserves(pool.state)
  return pool.tokenA.mint === WRAPPED_SOL ? reserveA : reserveB
}

/** A token of the genesis: its authorities are given up. */
function listedMint(mint: string): MintInfo | null {
  const token = simulatedTokens.find((candidate) => candidate.mint === mint)
  if (token === undefined) return null
  return { mint, decimals: token.decimals, mintAuthority: null, freezeAuthority: null, extensions: [] }
}
