// Owns block production on the simulated chain: takes transactions, executes them in order, and writes each block whole.
// One process produces at a time; its memory runs ahead of the ledger only while a block is being written.

import type { SwapKey } from '../../domain/ports/orders.ts'
import type { LedgerEntry } from '../../domain/ports/simulation.ts'
import type { Clock } from '../../timing/clock.ts'
import { repeat } from '../../timing/repeat.ts'
import { type BankOptions, createBank } from './bank.ts'
import { createLanded } from './landed.ts'
import type { Block, ChainState, Ledger } from './ledger.ts'
import { type SimulatedPool, seededRandom } from './market.ts'
import { readTransaction, type SimulatedTransaction } from './transaction.ts'

export type ValidatorOptions = BankOptions & {
  readonly key: string
  readonly slotMs: number
  /** Slots between arrival and landing; both 0 lands at once. */
  readonly landingSlots: { readonly least: number; readonly most: number }
  /** For how many blocks signed bytes stay valid: that long they can arrive again after landing. */
  readonly blockhashBlocks: number
  /** Share of arrivals that are dropped silently now. */
  dropRateNow(): number
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

type Pending = {
  readonly signature: string
  readonly transaction: SimulatedTransaction
  readonly landsAt: number
}

const MAX_BLOCK = 400

// 94 lines: arrival, production and writing share one mempool and one bank.
export function startValidator(state: ChainState, options: ValidatorOptions, deps: ValidatorDeps): Validator {
  const { ledger, clock } = deps
  const bank = createBank(state, options)
  const landed = createLanded(state.landed, state.slot + options.blockhashBlocks)
  const mempool = new Map<string, Pending>()
  const arrivals = new Map<string, number>()
  let { interventions, planned } = state
  let tickDue = false
  let producing: Promise<void> | null = null
  let closed = false

  function receive(signature: string, wire: Uint8Array): void {
    if (closed || mempool.has(signature)) return
    const transaction = readTransaction(wire, options.key)
    if (transaction === null || transaction.lastValidBlockHeight < bank.slot()) return
    if (landed.has({ signature, lastValidBlockHeight: transaction.lastValidBlockHeight })) return
    const arrival = (arrivals.get(signature) ?? 0) + 1
    const chance = seededRandom(options.seed, signature, arrival)
    const dropRate = options.dropRateNow()
    if (dropRate > 0 && chance() < dropRate) {
      arrivals.set(signature, arrival)
      return
    }
    arrivals.delete(signature)
    const { least, most } = options.landingSlots
    const landsAt = bank.slot() + least + Math.floor(chance() * (most - least + 1))
    mempool.set(signature, { signature, transaction, landsAt })
    if (most === 0) produce()
  }

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
    for (let due = take(); due.length > 0 || tickDue; due = take()) {
      const undoneAfter = tickDue ? advance() : null
      const now = clock.now()
      const entries = due.flatMap(({ signature, transaction }) => bank.run(signature, transaction, now) ?? [])
      const { slot } = await write(entries, undoneAfter)
      for (const { signature, transaction } of due) {
        const { lastValidBlockHeight } = transaction
        mempool.delete(signature)
        if (lastValidBlockHeight >= slot) landed.remember({ signature, lastValidBlockHeight }, slot)
      }
      for (const entry of entries) landed.keep(entry)
      deps.onBlock(entries.map(({ signature }) => signature))
    }
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

  function take(): Pending[] {
    const due: Pending[] = []
    for (const pending of mempool.values()) {
      if (due.length === MAX_BLOCK) break
      if (pending.landsAt <= bank.slot()) due.push(pending)
    }
    return due
  }

  /** Moves on to the next slot. Transactions undone by a fork are gone: no leader rebroadcasts them. */
  function advance(): number | null {
    tickDue = false
    const undoneAfter = bank.advance(clock.now(), planned)
    if (undoneAfter !== null) landed.undoAfter(undoneAfter)
    landed.expire(bank.slot())
    return undoneAfter
  }

  async function tick(): Promise<void> {
    tickDue = true
    produce()
  }
  const stopTicking = repeat(clock, options.slotMs, tick, deps.onDeposed)

  return {
    receive,
    slot: bank.slot,
    pools: bank.pools,
    wallet: bank.wallet,
    isPending: (signature) => mempool.has(signature),
    landed: landed.entryOf,
    landedIn: landed.slotOf,
    async close() {
      closed = true
      stopTicking()
      await producing
    },
  }
}
