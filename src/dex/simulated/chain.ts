// Owns the simulated chain as the engine meets it: blockhashes, sending, landing, expiry, and its faults. Every process
// talks to the same chain; one of them also produces its blocks (producer.ts).

import { hash } from 'node:crypto'
import { base58 } from '@scure/base'
import { baseUnits } from '../../domain/amount.ts'
import type { Failure, FailureCode } from '../../domain/failure.ts'
import type { Fill, SignedSwap } from '../../domain/order.ts'
import type { Broadcast } from '../../domain/ports/broadcast.ts'
import type { Chain, Finality, Landing, Watched } from '../../domain/ports/chain.ts'
import type { SwapKey } from '../../domain/ports/orders.ts'
import type { LedgerEntry, Simulation } from '../../domain/ports/simulation.ts'
import type { Sql } from '../../domain/ports/sql.ts'
import type { Clock, Stop } from '../../timing/clock.ts'
import { groupCommit } from '../../timing/groupCommit.ts'
import type { PoolsView } from '../poolVenue.ts'
import { createLedger } from './ledger.ts'
import { seededRandom, simulatedTokens } from './market.ts'
import { MEMPOOL_CHANNEL, openProducer, type ProducerOptions } from './producer.ts'
import { signPlan, stepsOf } from './transaction.ts'

export type SimulatedChainOptions = Omit<ProducerOptions, 'key' | 'forkBlocks'> & {
  /** Whether this process offers to produce blocks. */
  readonly produces: boolean
  /** How far finality trails the newest block. */
  readonly finalityBlocks: number
  /** Share of sends that fail with an error although the bytes arrived. */
  readonly sendErrorRate: number
  /** How many slots the node we ask lags behind: it has not seen what landed since. */
  readonly lagSlots: number
  /** Share of questions that this node answers; the others go to one that does not lag. */
  readonly lagRate: number
  readonly onFault: (error: unknown) => void
}

export type SimulatedChain = Chain &
  Simulation & {
    readPools(): Promise<PoolsView>
    close(): Promise<void>
  }

/** The same for all processes, whatever their seed: they trade from one wallet. */
const WALLET_KEY = 'simulated wallet'
const BLOCK_CHANNEL = 'simulation_block'
/** How old a process that does not produce lets its view of slot and pools become. */
const VIEW_MS = 100
const MAX_SENDS = 400
/** Blocks that a fork undoes, as far as they are not final. */
const FORK_BLOCKS = 2

export async function openSimulatedChain(
  sql: Sql,
  broadcast: Broadcast,
  clock: Clock,
  options: SimulatedChainOptions,
): Promise<SimulatedChain> {
  const ledger = await createLedger(sql)
  const listeners = new Set<(signatures: readonly string[]) => void>()
  let sends = 0
  let questions = 0
  const forkBlocks = Math.min(FORK_BLOCKS, options.finalityBlocks - 1)
  /** How old a revert must be to be told. Where nothing waits and nothing forks it is final at once. */
  const isInstant = options.landingSlots.most === 0 && options.forkRate === 0
  const revertBlocks = isInstant ? 0 : options.finalityBlocks
  const forks = { forkBlocks, forkRate: forkBlocks > 0 ? options.forkRate : 0 }

  const hint = (signatures: readonly string[]) => {
    for (const listener of listeners) listener(signatures)
  }

  // Before anybody trades it is settled who produces.
  const producer = options.produces
    ? await openProducer(
        { ...options, key: WALLET_KEY, ...forks },
        {
          ledger,
          broadcast,
          clock,
          onBlock(signatures) {
            hint(signatures)
            broadcast.tell(BLOCK_CHANNEL, signatures.join())
          },
          onFault: options.onFault,
        },
      )
    : null
  const validator = () => producer?.validator() ?? null

  /** Sends of one moment reach the producer together. */
  const sendElsewhere = groupCommit(MAX_SENDS, process.nextTick, async (sent: readonly SignedSwap[]) => {
    await ledger.putIntoMempool(sent)
    broadcast.tell(MEMPOOL_CHANNEL, '')
    return sent.map(() => undefined)
  })

  let newest = { slot: 0, blockhash: '' }

  function blockhashAt(slot: number): string {
    if (newest.slot !== slot)
      newest = { slot, blockhash: base58.encode(hash('sha256', `blockhash ${slot}`, 'buffer')) }
    return newest.blockhash
  }

  // ---- the view of a process that does not produce ----------------------------------------------------------------

  let view: { readonly at: number; readonly value: Promise<PoolsView> } | null = null

  function sharedView(): Promise<PoolsView> {
    if (view === null || clock.now() - view.at > VIEW_MS) {
      const value = Promise.all([ledger.readSlot(), ledger.readPools()]).then(([slot, pools]) => ({
        slot,
        pools,
      }))
      view = { at: clock.now(), value }
      value.catch(() => {
        view = null
      })
    }
    return view.value
  }

  async function readPools(): Promise<PoolsView> {
    const here = validator()
    return here === null ? sharedView() : { slot: here.slot(), pools: here.pools() }
  }

  // ---- landing ----------------------------------------------------------------------------------------------------

  async function landings(watched: readonly Watched[]): Promise<Landing[]> {
    const here = watched.map(({ swap }) => ({
      entry: validator()?.landed(swap.signature),
      isPending: validator()?.isPending(swap.signature) ?? false,
    }))
    const asked = watched.filter((_, i) => here[i]?.entry === undefined && here[i]?.isPending === false)
    const found = asked.length === 0 ? null : await ledger.find(asked.map(({ swap }) => swap.signature))
    const bySignature = new Map(found?.entries.map((entry) => [entry.signature, entry]))
    const lagSlots = lagNow()
    const seen = nodeSlot(found?.slot) - lagSlots
    return watched.map((item, i): Landing => {
      const entry = here[i]?.entry ?? bySignature.get(item.swap.signature)
      if (entry !== undefined) {
        // A fork may still undo a revert, and the same bytes may then land well: only a final one lets us sign again.
        const isTold = entry.slot <= (entry.error === null ? seen : seen - revertBlocks)
        return isTold ? landingOf(entry, item) : { kind: 'unknown' }
      }
      const isDead = here[i]?.isPending === false && isExpired(item.swap, found, lagSlots)
      return { kind: isDead ? 'dropped' : 'unknown' }
    })
  }

  async function finality(swaps: readonly SwapKey[]): Promise<Finality[]> {
    const here = swaps.map((swap) => validator()?.landedIn(swap))
    const asked = swaps.filter((_, i) => here[i] === undefined)
    const found = asked.length === 0 ? null : await ledger.findSlots(asked.map(({ signature }) => signature))
    const lagSlots = lagNow()
    const seen = nodeSlot(found?.slot) - lagSlots
    return swaps.map((swap, i): Finality => {
      const slot = here[i] ?? found?.landed.get(swap.signature)
      if (slot !== undefined && slot <= seen) {
        return { kind: 'landed', slot, isFinal: slot <= seen - options.finalityBlocks }
      }
      const isPending = slot !== undefined || (validator()?.isPending(swap.signature) ?? false)
      return { kind: !isPending && isExpired(swap, found, lagSlots) ? 'dropped' : 'unknown' }
    })
  }

  /** Height and absence are of one moment of the ledger: only then "not found" proves anything. */
  const isExpired = (swap: SwapKey, found: { readonly slot: number } | null, lagSlots: number) =>
    (found?.slot ?? 0) - lagSlots - options.finalityBlocks > swap.lastValidBlockHeight

  /** The newest slot there is. */
  const nodeSlot = (ledgerSlot = 0) => Math.max(validator()?.slot() ?? 0, ledgerSlot)

  /** By how many slots the node lags that answers this time. */
  function lagNow(): number {
    if (options.lagRate === 1) return options.lagSlots
    questions += 1
    return seededRandom(options.seed, 'node', questions)() < options.lagRate ? options.lagSlots : 0
  }

  /** From the first who waits for landings on: a process that only takes orders need not hear of every block. */
  let stopListening: Stop = () => {}

  function listenForBlocks(): void {
    const onBlock = (text: string) => {
      if (validator() === null) hint(text.split(','))
    }
    stopListening = broadcast.listen(BLOCK_CHANNEL, onBlock, () => {})
  }

  return {
    async sign(plan) {
      const slot = validator()?.slot() ?? (await sharedView()).slot
      const lastValidBlockHeight = slot + options.blockhashBlocks
      const signed = signPlan(plan, blockhashAt(slot), lastValidBlockHeight, WALLET_KEY)
      return {
        swap: { lastValidBlockHeight, ...signed },
        steps: stepsOf(plan),
      }
    },
    async send(swap) {
      const { signature, wire } = swap
      const here = validator()
      if (here === null) await sendElsewhere(swap)
      else here.receive(signature, wire)
      sends += 1
      if (
        options.sendErrorRate > 0 &&
        seededRandom(options.seed, 'send', signature, sends)() < options.sendErrorRate
      ) {
        throw new Error('the node answered 503 after it had taken the transaction')
      }
    },
    landings,
    finality,
    blockHeight: async () => validator()?.slot() ?? (await sharedView()).slot,
    onLanding(listener) {
      if (listeners.size === 0) listenForBlocks()
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async ping() {
      if ((await ledger.readSlot()) === 0) throw new Error('the simulated chain has no genesis')
    },
    readPools,
    swaps: ledger.list,
    async close() {
      stopListening()
      await producer?.close()
    },
  }
}

function landingOf(entry: LedgerEntry, { spec }: Watched): Landing {
  if (entry.error !== null) {
    const failure: Failure = { code: entry.error.code as FailureCode, detail: entry.error.detail }
    return { kind: 'reverted', failure }
  }
  const fill: Fill = {
    amountIn: baseUnits(BigInt(entry.amountIn)),
    amountOut: baseUnits(BigInt(entry.amountOut)),
    networkFeeLamports: baseUnits(BigInt(entry.networkFeeLamports)),
    poolFees: entry.poolFees.map(({ pool, mint, amount }) => ({
      pool,
      amount: baseUnits(BigInt(amount)),
      token: simulatedTokens.find((token) => token.mint === mint) ?? spec.tokenOut,
    })),
    slot: entry.slot,
  }
  return { kind: 'landed', fill }
}
