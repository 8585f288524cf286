// Owns the bank of the simulated chain: wallet and pools at the newest slot, and how transactions, interventions, the background
// flow and forks change them.

import type { LedgerEntry } from '../../domain/ports/simulation.ts'
import type { Millis } from '../../timing/clock.ts'
import type { Planned } from './interventions.ts'
import { applyLaunches } from './launches.ts'
import type { Block, ChainState } from './ledger.ts'
import { type SimulatedPool, seededRandom, tradeOneSlot } from './market.ts'
import { applyMoves } from './moves.ts'
import { type Executed, execute, NETWORK_FEE_LAMPORTS } from './runtime.ts'
import { type ShockRates, shocksIn } from './shocks.ts'
import type { SimulatedTransaction } from './transaction.ts'

export type BankOptions = ShockRates & {
  readonly seed: number
  /** Share of slots that begin with a fork: the last `forkBlocks` blocks never were. */
  readonly forkRate: number
  /** 0 where the chain never forks. */
  readonly forkBlocks: number
}

/** The bank as it stood at the end of a slot. */
type Snapshot = Pick<ChainState, 'slot' | 'wallet'> & ChainState['market']

const momentOf = (slot: number, now: Millis) => ({
  slot: BigInt(slot),
  unixTimestamp: BigInt(Math.floor(now / 1_000)),
})

export function createBank(state: ChainState, options: BankOptions) {
  const changed = new Set<string>()
  let { slot } = state
  let { prices, anchors } = state.market
  let wallet = new Map(state.wallet)
  /** Changed in place by every swap: a copy of all pools for each would cost more than the swap. */
  let pools = new Map(state.market.pools)
  /** The newest last. Empty where the chain never forks. */
  let snapshots: Snapshot[] = []

  const credit = (key: string, amount: bigint) => wallet.set(key, (wallet.get(key) ?? 0n) + amount)

  /** Takes over other pools, and marks those that differ as changed. */
  function replacePools(next: ReadonlyMap<string, SimulatedPool>): void {
    for (const [address, pool] of next) if (pool !== pools.get(address)) changed.add(address)
    pools = new Map(next)
  }

  /** A fork, planned or by chance: the bank goes back to an earlier slot's state. Returns that slot, or null. */
  function forkOff(forks: Planned['forks']): number | null {
    const now = { slot, prices, anchors, wallet: new Map(wallet), pools: new Map(pools) }
    snapshots = [...snapshots, now].slice(-options.forkBlocks - 1)
    const [before] = snapshots
    if (before === undefined || snapshots.length <= options.forkBlocks) return null
    const isDue = forks.includes(slot + 1) || seededRandom(options.seed, 'fork', slot)() < options.forkRate
    if (!isDue) return null
    replacePools(before.pools)
    wallet = new Map(before.wallet)
    prices = before.prices
    anchors = before.anchors
    snapshots = []
    return before.slot
  }

  return {
    slot: (): number => slot,
    pools: (): ReadonlyMap<string, SimulatedPool> => pools,
    wallet: (): ReadonlyMap<string, bigint> => wallet,

    /** Moves on by one slot. Returns the slot behind which a fork has undone everything, or null. */
    advance(now: Millis, planned: Planned): number | null {
      const undoneAfter = options.forkBlocks > 0 ? forkOff(planned.forks) : null
      const after = undoneAfter ?? slot
      slot += 1
      const at = momentOf(slot, now)
      const launched = applyLaunches(pools, planned.launches, after, slot)
      const moves = [...planned.moves, ...shocksIn(after, slot, options.seed, options)]
      const moved = applyMoves({ pools: launched, prices, anchors }, moves, after, at)
      const next = tradeOneSlot(moved, options.seed, at)
      replacePools(next.pools)
      prices = next.prices
      anchors = next.anchors
      return undoneAfter
    },

    /** Executes a transaction; null for an expired one, which leaves no trace, as on the real chain. */
    run(signature: string, transaction: SimulatedTransaction, now: Millis): LedgerEntry | null {
      if (transaction.lastValidBlockHeight < slot) return null
      const at = momentOf(slot, now)
      const result = execute(transaction, pools, wallet, at)
      credit('lamports', -NETWORK_FEE_LAMPORTS)
      for (const { pool, mintIn, amountIn, mintOut, amountOut } of swapsOf(result)) {
        pools.set(pool.address, pool)
        changed.add(pool.address)
        credit(mintIn, -amountIn)
        credit(mintOut, amountOut)
      }
      return entryOf(signature, transaction, result, slot, now)
    },

    /** What a block writes of the bank: the pools that changed since the last one among it. */
    takeChanges(): Pick<Block, 'slot' | 'prices' | 'anchors' | 'wallet' | 'changedPools'> {
      const changedPools = [...changed].flatMap((address) => pools.get(address) ?? [])
      changed.clear()
      return { slot, prices, anchors, wallet, changedPools }
    },
  }
}

const swapsOf = (result: Executed) => (result.kind === 'landed' ? result.swaps : [])

function entryOf(
  signature: string,
  { memo, mintIn, mintOut, amountIn }: SimulatedTransaction,
  result: Executed,
  slot: number,
  now: Millis,
): LedgerEntry {
  const hasLanded = result.kind === 'landed'
  return {
    signature,
    orderId: memo,
    slot,
    at: now,
    mintIn,
    mintOut,
    amountIn: hasLanded ? amountIn : '0',
    amountOut: hasLanded ? result.amountOut.toString() : '0',
    networkFeeLamports: NETWORK_FEE_LAMPORTS.toString(),
    poolFees: swapsOf(result).map(({ pool, feeMint, fee }) => ({
      pool: pool.address,
      mint: feeMint,
      amount: fee.toString(),
    })),
    error: hasLanded ? null : result.error,
  }
}
