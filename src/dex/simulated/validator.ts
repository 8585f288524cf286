// Owns block production on the simulated chain: takes transactions, executes them in order, and writes each block whole.
// One process produces at a time; what it holds in memory runs ahead of the ledger only while a block is being written.

import type { SwapKey } from '../../domain/ports/orders.ts'
import type { LedgerEntry } from '../../domain/ports/simulation.ts'
import type { Clock, Stop } from '../../timing/clock.ts'
import type { ChainState, Ledger } from './ledger.ts'
import { type MarketState, type SimulatedPool, seededRandom, tradeOneSlot } from './market.ts'
import { execute, NETWORK_FEE_LAMPORTS } from './runtime.ts'
import { readTransaction, type SimulatedTransaction } from './transaction.ts'

export type ValidatorOptions = {
  readonly seed: number
  readonly key: string
  readonly slotMs: number
  /** Slots between arrival and landing; both 0 lands at once. */
  readonly landingSlots: { readonly least: number; readonly most: number }
  /** For how many blocks signed bytes stay valid: so long they may come again after they have landed. */
  readonly blockhashBlocks: number
  /** Share of arrivals that vanish silently. */
  readonly dropRate: number
  /** Share of slots that begin with a fork: the last `forkBlocks` blocks never were. */
  readonly forkRate: number
  readonly forkBlocks: number
}

export type Validator = {
  /** Takes signed bytes as a leader would: what is known, expired or not properly signed is ignored. */
  receive(signature: string, wire: Uint8Array): void
  slot(): number
  /** The pools as they are now; they change with every block. */
  pools(): ReadonlyMap<string, SimulatedPool>
  isPending(signature: string): boolean
  /** A recent entry that is already in the ledger. */
  landed(signature: string): LedgerEntry | undefined
  /** The slot of an entry that landed while its bytes may still come again. */
  landedIn(swap: SwapKey): number | undefined
  close(): Promise<void>
}

export type ValidatorDeps = {
  readonly ledger: Ledger
  readonly clock: Clock
  /** Called with the signatures in each block that is durable and holds any. */
  readonly onBlock: (signatures: readonly string[]) => void
  /** Called once when this process may no longer produce. */
  readonly onDeposed: (error: unknown) => void
}

/** The chain as it stood when a slot was over. */
type Snapshot = ReturnType<typeof snapshotOf>

const snapshotOf = (slot: number, wallet: ReadonlyMap<string, bigint>, market: MarketState) => ({
  slot,
  wallet: new Map(wallet),
  prices: market.prices,
  pools: new Map(market.pools),
})

type Pending = {
  readonly signature: string
  readonly transaction: SimulatedTransaction
  readonly landsAt: number
}

const MAX_BLOCK = 400
/** Landed entries kept at hand; older ones are found in the ledger. */
const KEEP_LANDED = 1_000

export function startValidator(state: ChainState, options: ValidatorOptions, deps: ValidatorDeps): Validator {
  const { ledger, clock } = deps
  const mempool = new Map<string, Pending>()
  const landed = new Map<string, LedgerEntry>()
  /**
   * What landed before we took over, and by the last height of its blockhash what has since, each with its slot: so long
   * it may come again.
   */
  let landedBefore: ReadonlySet<string> = state.landed
  const landedSince = new Map<number, Map<string, number>>()
  const arrivals = new Map<string, number>()
  const changed = new Set<string>()
  let wallet = new Map(state.wallet)
  let { slot } = state
  let { prices } = state.market
  /** Changed in place by every swap: a copy of all pools for each would cost more than the swap. */
  let pools = new Map(state.market.pools)
  /** The newest last. Empty where there are no forks. */
  let snapshots: Snapshot[] = []
  let tickDue = false
  let producing: Promise<void> | null = null
  let closed = false
  let stopTimer: Stop = () => {}

  function receive(signature: string, wire: Uint8Array): void {
    if (closed || mempool.has(signature) || landedBefore.has(signature)) return
    const transaction = readTransaction(wire, options.key)
    if (transaction === null || transaction.lastValidBlockHeight < slot) return
    if (landedSince.get(transaction.lastValidBlockHeight)?.has(signature)) return
    const arrival = (arrivals.get(signature) ?? 0) + 1
    const chance = seededRandom(options.seed, signature, arrival)
    if (options.dropRate > 0 && chance() < options.dropRate) {
      arrivals.set(signature, arrival)
      return
    }
    arrivals.delete(signature)
    const { least, most } = options.landingSlots
    mempool.set(signature, {
      signature,
      transaction,
      landsAt: slot + least + Math.floor(chance() * (most - least + 1)),
    })
    if (most === 0) produce()
  }

  /** Produces until nothing is due: while one block is being written, the next gathers. */
  function produce(): void {
    if (producing !== null || closed) return
    // Arrivals of the same moment share a block.
    producing = new Promise<void>((resolve) => process.nextTick(resolve)).then(produceAll).then(
      () => {
        producing = null
      },
      (error: unknown) => {
        closed = true
        stopTimer()
        deps.onDeposed(error)
      },
    )
  }

  async function produceAll(): Promise<void> {
    for (let due = take(); due.length > 0 || tickDue; due = take()) {
      const undoneAfter = tickDue ? advance() : null
      const entries = due.flatMap(run)
      const written = await ledger.write({
        slot,
        epoch: state.epoch,
        prices,
        wallet,
        changedPools: takeChanged(),
        entries,
        undoneAfter,
      })
      if (!written) throw new Error('another producer has taken over')
      for (const { signature, transaction } of due) {
        mempool.delete(signature)
        if (transaction.lastValidBlockHeight >= slot) remember(signature, transaction.lastValidBlockHeight)
      }
      for (const entry of entries) keep(entry)
      if (entries.length > 0) deps.onBlock(entries.map(({ signature }) => signature))
    }
  }

  function take(): Pending[] {
    const due: Pending[] = []
    for (const pending of mempool.values()) {
      if (due.length === MAX_BLOCK) break
      if (pending.landsAt <= slot) due.push(pending)
    }
    return due
  }

  /** Goes to the next slot; returns the slot behind which a fork has undone all, or null. */
  function advance(): number | null {
    tickDue = false
    const undoneAfter = options.forkRate > 0 ? forkOff() : null
    slot += 1
    const next = tradeOneSlot({ pools, prices }, options.seed, slot, Math.floor(clock.now() / 1_000))
    for (const height of landedSince.keys()) if (height < slot) landedSince.delete(height)
    if (slot > state.slot + options.blockhashBlocks) landedBefore = new Set()
    for (const [address, pool] of next.pools) if (pool !== pools.get(address)) changed.add(address)
    pools = new Map(next.pools)
    prices = next.prices
    return undoneAfter
  }

  /** Now and then goes back to how things stood some blocks ago; what landed since is gone, and nobody sends it again. */
  function forkOff(): number | null {
    snapshots = [...snapshots, snapshotOf(slot, wallet, { pools, prices })].slice(-options.forkBlocks - 1)
    const [before] = snapshots
    if (before === undefined || snapshots.length <= options.forkBlocks) return null
    if (seededRandom(options.seed, 'fork', slot)() >= options.forkRate) return null
    for (const [address, pool] of before.pools) if (pool !== pools.get(address)) changed.add(address)
    for (const signatures of landedSince.values()) {
      for (const [signature, landedSlot] of signatures) {
        if (landedSlot <= before.slot) continue
        signatures.delete(signature)
        landed.delete(signature)
      }
    }
    pools = before.pools
    wallet = before.wallet
    prices = before.prices
    snapshots = []
    return before.slot
  }

  /** Executes one transaction; an expired one leaves no trace, as on the real chain. */
  function run({ signature, transaction }: Pending): LedgerEntry[] {
    if (transaction.lastValidBlockHeight < slot) return []
    const now = clock.now()
    const at = { slot: BigInt(slot), unixTimestamp: BigInt(Math.floor(now / 1_000)) }
    const result = execute(transaction, pools, wallet, at)
    move('lamports', -NETWORK_FEE_LAMPORTS)
    const swaps = result.kind === 'landed' ? result.swaps : []
    if (result.kind === 'landed') {
      for (const { pool, mintIn, amountIn, mintOut, amountOut } of swaps) {
        pools.set(pool.address, pool)
        changed.add(pool.address)
        move(mintIn, -amountIn)
        move(mintOut, amountOut)
      }
    }
    return [
      {
        signature,
        orderId: transaction.memo,
        slot,
        at: now,
        mintIn: transaction.mintIn,
        mintOut: transaction.mintOut,
        amountIn: result.kind === 'landed' ? transaction.amountIn : '0',
        amountOut: result.kind === 'landed' ? result.amountOut.toString() : '0',
        networkFeeLamports: NETWORK_FEE_LAMPORTS.toString(),
        poolFees: swaps.map(({ pool, feeMint, fee }) => ({
          pool: pool.address,
          mint: feeMint,
          amount: fee.toString(),
        })),
        error: result.kind === 'reverted' ? result.error : null,
      },
    ]
  }

  const move = (key: string, amount: bigint) => wallet.set(key, (wallet.get(key) ?? 0n) + amount)

  function takeChanged(): SimulatedPool[] {
    const taken = [...changed].flatMap((address) => pools.get(address) ?? [])
    changed.clear()
    return taken
  }

  function remember(signature: string, lastValidBlockHeight: number): void {
    const signatures = landedSince.get(lastValidBlockHeight) ?? new Map()
    landedSince.set(lastValidBlockHeight, signatures.set(signature, slot))
  }

  function keep(entry: LedgerEntry): void {
    landed.set(entry.signature, entry)
    for (const signature of landed.keys()) {
      if (landed.size <= KEEP_LANDED) break
      landed.delete(signature)
    }
  }

  function schedule(): void {
    stopTimer = clock.after(options.slotMs, () => {
      tickDue = true
      produce()
      if (!closed) schedule()
    })
  }
  schedule()

  return {
    receive,
    slot: () => slot,
    pools: () => pools,
    isPending: (signature) => mempool.has(signature),
    landed: (signature) => landed.get(signature),
    landedIn: ({ signature, lastValidBlockHeight }) => landedSince.get(lastValidBlockHeight)?.get(signature),
    async close() {
      closed = true
      stopTimer()
      await producing
    },
  }
}
