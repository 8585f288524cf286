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

/** The bank at the end of a slot. */
type Head = Omit<ChainState['market'], 'pools'> & {
  readonly slot: number
  readonly wallet: Map<string, bigint>
  readonly pools: Map<string, SimulatedPool>
}

const momentOf = (slot: number, now: Millis) => ({
  slot: BigInt(slot),
  unixTimestamp: BigInt(Math.floor(now / 1_000)),
})

export function createBank(state: ChainState, options: BankOptions) {
  const changed = new Set<string>()
  const forks = createForks(options)
  /** Wallet and pools are changed in place by every swap: a copy of all pools for each would cost more than the swap. */
  let head: Head = {
    ...state.market,
    slot: state.slot,
    wallet: new Map(state.wallet),
    pools: new Map(state.market.pools),
  }

  const credit = (key: string, amount: bigint) => head.wallet.set(key, (head.wallet.get(key) ?? 0n) + amount)

  return {
    slot: (): number => head.slot,
    pools: (): ReadonlyMap<string, SimulatedPool> => head.pools,
    wallet: (): ReadonlyMap<string, bigint> => head.wallet,

    /** Moves on by one slot. Returns the slot behind which a fork has undone everything, or null. */
    advance(now: Millis, planned: Planned): number | null {
      const before = forks.next(head, planned.forks)
      const { slot: after, wallet, pools, prices, anchors } = before ?? head
      const slot = head.slot + 1
      const at = momentOf(slot, now)
      const launched = applyLaunches(pools, planned.launches, after, slot)
      const moves = [...planned.moves, ...shocksIn(after, slot, options.seed, options)]
      const moved = applyMoves({ pools: launched, prices, anchors }, moves, after, at)
      const next = tradeOneSlot(moved, options.seed, at)
      for (const [address, pool] of next.pools) if (pool !== head.pools.get(address)) changed.add(address)
      head = { ...next, slot, wallet, pools: new Map(next.pools) }
      return before === null ? null : after
    },

    /** Executes a transaction; null for an expired one, which leaves no trace, as on the real chain. */
    run(signature: string, transaction: SimulatedTransaction, now: Millis): LedgerEntry | null {
      const { slot, pools, wallet } = head
      if (transaction.lastValidBlockHeight < slot) return null
      const result = execute(transaction, pools, wallet, momentOf(slot, now))
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
      const { slot, pools, prices, anchors, wallet } = head
      const changedPools = [...changed].flatMap((address) => pools.get(address) ?? [])
      changed.clear()
      return { slot, prices, anchors, wallet, changedPools }
    },
  }
}

/** The earlier slots that a fork can go back to. */
function createForks({ seed, forkRate, forkBlocks }: BankOptions) {
  /** The newest last. */
  let snapshots: Head[] = []
  return {
    /** What the next slot goes on from when a fork, planned or by chance, begins it; null without one. */
    next(head: Head, planned: Planned['forks']): Head | null {
      if (forkBlocks === 0) return null
      const now = { ...head, wallet: new Map(head.wallet), pools: new Map(head.pools) }
      snapshots = [...snapshots, now].slice(-forkBlocks - 1)
      const [before] = snapshots
      if (before === undefined || snapshots.length <= forkBlocks) return null
      const isDue = planned.includes(now.slot + 1) || seededRandom(seed, 'fork', now.slot)() < forkRate
      if (!isDue) return null
      snapshots = []
      return before
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
