// Owns block production on the simulated chain: takes transactions, executes them in order, and writes each block whole.
// One process produces at a time; its memory runs ahead of the ledger only while a block is being written.

import type { SwapKey } from '../../domain/ports/orders.ts'
import type { LedgerEntry } from '../../domain/ports/simulation.ts'
import type { Clock } from '../../timing/clock.ts'
import { repeat } from '../../timing/repeat.ts'
import { type BankOptions, createBank } from './bank.ts'
import { createLanded } from './landed.ts'
import type { Block, ChainState, Ledger } from './ledger.ts'
import type { SimulatedPool } from './market.ts'
import { createMempool, type MempoolOptions, type Pending } from './mempool.ts'
import { readTransaction } from './transaction.ts'

export type ValidatorOptions = BankOptions &
  MempoolOptions & {
    readonly key: string
    readonly slotMs: number
    /** For how many blocks signed bytes stay valid: that long they can arrive again after landing. */
    readonly blockhashBlocks: number
  }

export type Validator = {
  /** Takes signed bytes as a leader would: known, expired or badly signed ones are ignored. */
  receive(signature: string, wire: Uint8Array): void
  slot(): number
  /** The pools as they are now; they change with every block. */
  pools(): ReadonlyMap<string, SimulatedPool>
  /** The wallet as it is now: base units by mint. */
  wallet(): ReadonlyMap<string, bigint>
  isPending(signature: string): boolean
  /** A recent entry that is already in the ledger. */
  landed(signature: string): LedgerEntry | undefined
  /** The slot of a landing whose bytes are still valid. */
  landedIn(swap: SwapKey): number | undefined
  close(): Promise<void>
}

export type ValidatorDeps = {
  readonly ledger: Ledger
  readonly clock: Clock
  /** Called with the signatures of each durable block. */
  readonly onBlock: (signatures: readonly string[]) => void
  /** Called with each durable block that brings a new token. */
  readonly onLaunch: () => void
  /** Called once when this process may no longer produce. */
  readonly onDeposed: (error: unknown) => void
}

export function startValidator(state: ChainState, options: ValidatorOptions, deps: ValidatorDeps): Validator {
  const stage = createBankingStage(state, options, deps)
  let tickDue = false
  let producing: Promise<void> | null = null
  let closed = false

  /** Produces blocks until nothing is due; while one is being written the next gathers. */
  function produce(): void {
    if (producing !== null || closed) return
    // Arrivals of the same moment share a block.
    producing = new Promise<void>((resolve) => process.nextTick(resolve)).then(produceAll).then(
      () => {
        producing = null
      },
      (error: unknown) => {
        closed = true
        stopTicking()
        deps.onDeposed(error)
      },
    )
  }

  async function produceAll(): Promise<void> {
    for (let due = stage.dueNow(); due.length > 0 || tickDue; due = stage.dueNow()) {
      const isNextSlot = tickDue
      tickDue = false
      await stage.produceBlock(due, isNextSlot)
    }
  }

  async function tick(): Promise<void> {
    tickDue = true
    produce()
  }
  const stopTicking = repeat(deps.clock, options.slotMs, tick, deps.onDeposed)

  return {
    ...stage.view,
    receive(signature, wire) {
      if (!closed && stage.take(signature, wire) && options.landingSlots.most === 0) produce()
    },
    async close() {
      closed = true
      stopTicking()
      await producing
    },
  }
}

/** The banking stage: what a block takes in, and what follows from it once it is durable. */
function createBankingStage(state: ChainState, options: ValidatorOptions, deps: ValidatorDeps) {
  const { ledger, clock } = deps
  const bank = createBank(state, options)
  const landed = createLanded(state.landed, state.slot + options.blockhashBlocks)
  const mempool = createMempool(options)
  let { interventions, planned } = state

  /** Moves on to the next slot. Transactions undone by a fork are gone: no leader rebroadcasts them. */
  function advance(): number | null {
    const undoneAfter = bank.advance(clock.now(), planned)
    if (undoneAfter !== null) landed.undoAfter(undoneAfter)
    landed.expire(bank.slot())
    return undoneAfter
  }

  async function write(entries: readonly LedgerEntry[], undoneAfter: number | null): Promise<Block> {
    const block = { ...bank.takeChanges(), epoch: state.epoch, entries, undoneAfter }
    const count = await ledger.write(block)
    if (count === null) throw new Error('another producer has taken over')
    if (count !== interventions) {
      planned = await ledger.readPlanned(block.slot - options.forkBlocks)
      interventions = count
    }
    if (planned.launches.some(({ slot }) => slot === block.slot)) deps.onLaunch()
    return block
  }

  return {
    /** What the stage knows of the chain. */
    view: {
      slot: bank.slot,
      pools: bank.pools,
      wallet: bank.wallet,
      isPending: mempool.has,
      landed: landed.entryOf,
      landedIn: landed.slotOf,
    },

    /** Takes signed bytes into the mempool; false for known, expired, badly signed and dropped ones. */
    take(signature: string, wire: Uint8Array): boolean {
      if (mempool.has(signature)) return false
      const transaction = readTransaction(wire, options.key)
      if (transaction === null || transaction.lastValidBlockHeight < bank.slot()) return false
      if (landed.has({ signature, lastValidBlockHeight: transaction.lastValidBlockHeight })) return false
      return mempool.arrive(signature, transaction, bank.slot())
    },

    dueNow: (): readonly Pending[] => mempool.dueIn(bank.slot()),

    /** Resolves once the block is durable; rejects when another producer has taken over. */
    async produceBlock(due: readonly Pending[], isNextSlot: boolean): Promise<void> {
      const undoneAfter = isNextSlot ? advance() : null
      const now = clock.now()
      const entries = due.flatMap(({ signature, transaction }) => bank.run(signature, transaction, now) ?? [])
      const { slot } = await write(entries, undoneAfter)
      for (const { signature, transaction } of due) {
        const { lastValidBlockHeight } = transaction
        mempool.remove(signature)
        if (lastValidBlockHeight >= slot) landed.remember({ signature, lastValidBlockHeight }, slot)
      }
      for (const entry of entries) landed.keep(entry)
      deps.onBlock(entries.map(({ signature }) => signature))
    },
  }
}
