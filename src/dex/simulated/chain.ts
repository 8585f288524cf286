// Owns the simulated chain behind the port Chain: blockhashes, signing, sending and hints. All processes share one chain, and
// one of them produces its blocks (producer.ts).

import { hash } from 'node:crypto'
import { base58 } from '@scure/base'
import type { SignedSwap } from '../../domain/order.ts'
import type { Broadcast } from '../../domain/ports/broadcast.ts'
import type { Chain } from '../../domain/ports/chain.ts'
import type { Mints } from '../../domain/ports/mints.ts'
import type { Faults, Simulation } from '../../domain/ports/simulation.ts'
import type { Sql } from '../../domain/ports/sql.ts'
import type { Wallet } from '../../domain/ports/wallet.ts'
import type { TokenList } from '../../domain/token.ts'
import type { Clock, Stop } from '../../timing/clock.ts'
import { groupCommit } from '../../timing/groupCommit.ts'
import { createSharedRead } from '../../timing/sharedRead.ts'
import { openFaults } from './faults.ts'
import { openKnownTokens } from './knownTokens.ts'
import { decideLaunch, poolOfLaunch } from './launches.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { type SimulatedPool, seededRandom, simulatedTokens } from './market.ts'
import { createMints } from './mints.ts'
import { concerns } from './moves.ts'
import { createNode, type NodeOptions } from './node.ts'
import { MEMPOOL_CHANNEL, openProducer, type ProducerOptions } from './producer.ts'
import { signPlan, stepsOf } from './transaction.ts'
import type { Validator } from './validator.ts'

export type SimulatedChainOptions = Omit<ProducerOptions, 'key' | 'forkBlocks' | 'dropRateNow'> &
  Omit<NodeOptions, 'revertBlocks'> & {
    /** Whether this process offers to produce blocks. */
    readonly produces: boolean
    /** What goes wrong until an operator changes it. */
    readonly faults: Faults
    readonly onFault: (error: unknown) => void
  }

export type SimulatedChain = Chain &
  Simulation & {
    readonly tokens: TokenList
    readonly mints: Mints
    readonly wallet: Wallet
    readPools(): Promise<SimulatedPoolsView>
    /** Calls `listener` after each block, whichever process produced it: a hint, nothing more. */
    onBlock(listener: () => void): Stop
    close(): Promise<void>
  }

type SimulatedPoolsView = { readonly slot: number; readonly pools: ReadonlyMap<string, SimulatedPool> }

/** One wallet for all processes, whatever their seed. */
const WALLET_KEY = 'simulated wallet'
const WALLET_ADDRESS = base58.encode(hash('sha256', WALLET_KEY, 'buffer'))
const BLOCK_CHANNEL = 'simulation_block'
/** How old the view of the chain may become in a process that does not produce. */
const VIEW_MS = 100
const MAX_SENDS = 400
/** Blocks that a fork undoes. */
const FORK_BLOCKS = 2

export async function openSimulatedChain(
  sql: Sql,
  broadcast: Broadcast,
  clock: Clock,
  options: SimulatedChainOptions,
): Promise<SimulatedChain> {
  const ledger = await createLedger(sql)
  const hints = createBlockHints(broadcast, () => validator() === null)
  const shared = { ledger, broadcast, clock, onFault: options.onFault }
  const known = await openKnownTokens(shared)
  const faults = await openFaults(options.faults, shared)
  // Awaited: before the first trade it is decided which process produces.
  const producer = options.produces
    ? await openProducer(
        {
          ...options,
          ...forksOf(options),
          key: WALLET_KEY,
          dropRateNow: () => faults.now().dropRate,
        },
        { ...shared, onBlock: hints.announce, onLaunch: known.announce },
      )
    : null
  const validator = () => producer?.validator() ?? null
  const node = createNode(ledger, validator, { ...options, revertBlocks: revertBlocksOf(options) })
  const view = createView(ledger, validator, clock, hints.onBlock)
  const sendToProducer = createRemoteSend(ledger, broadcast)
  const failByChance = createSendErrors(options.seed, () => faults.now().sendErrorRate)

  return {
    async sign(plan) {
      const slot = await view.slot()
      const lastValidBlockHeight = slot + options.blockhashBlocks
      const signed = signPlan(plan, blockhashAt(slot), lastValidBlockHeight, WALLET_KEY)
      return { swap: { lastValidBlockHeight, ...signed }, steps: stepsOf(plan) }
    },
    async send(swap) {
      const here = validator()
      if (here === null) await sendToProducer(swap)
      else here.receive(swap.signature, swap.wire)
      failByChance(swap.signature)
    },
    landings: node.landings,
    finality: node.finality,
    blockHeight: view.slot,
    onLanding: hints.onLanding,
    onBlock: hints.onBlock,
    async ping() {
      if ((await ledger.readSlot()) === 0) throw new Error('the simulated chain has no genesis')
    },
    tokens: known.tokens,
    mints: createMints(ledger, view.pools, clock),
    readPools: view.pools,
    wallet: {
      address: WALLET_ADDRESS,
      holds: async (mint) => (await view.wallet()).get(mint) ?? 0n,
    },
    swaps: ledger.list,
    landed: ledger.countLanded,
    settlesWithinMs: (options.blockhashBlocks + options.finalityBlocks + 1) * options.slotMs,
    faults: faults.now,
    setFaults: faults.change,
    resetFaults: faults.reset,
    ...operatorOn(ledger, view.pools, options),
    async close() {
      hints.close()
      await producer?.close()
      await faults.close()
      await known.close()
    },
  }
}

/** Throws in a share of the sends, after the bytes have arrived. */
function createSendErrors(seed: number, rateNow: () => number): (signature: string) => void {
  let sends = 0
  return (signature) => {
    sends += 1
    const rate = rateNow()
    if (rate === 0 || seededRandom(seed, 'send', signature, sends)() >= rate) return
    throw new Error('the node answered 503 after it had taken the transaction')
  }
}

/** A fork never undoes what is final, and where reverts are reported at once it must undo none. */
function forksOf(options: SimulatedChainOptions) {
  const forkBlocks = revertBlocksOf(options) > 0 ? Math.min(FORK_BLOCKS, options.finalityBlocks - 1) : 0
  return { forkBlocks, forkRate: forkBlocks > 0 ? options.forkRate : 0 }
}

/** Blocks until a revert is final: none where landing is instant and nothing forks. */
function revertBlocksOf({ landingSlots, forkRate, finalityBlocks }: SimulatedChainOptions): number {
  return landingSlots.most === 0 && forkRate === 0 ? 0 : finalityBlocks
}

/** Depends on the slot alone, so that all processes agree. */
const blockhashAt = (slot: number) => base58.encode(hash('sha256', `blockhash ${slot}`, 'buffer'))

/** What an operator does to the market, from any process. */
function operatorOn(
  ledger: Ledger,
  readPools: () => Promise<SimulatedPoolsView>,
  options: SimulatedChainOptions,
): Pick<Simulation, 'move' | 'launch' | 'launches' | 'fork'> {
  return {
    fork: async () => (forksOf(options).forkBlocks === 0 ? null : ledger.planFork()),

    async move(move) {
      const { pools } = await readPools()
      return [...pools.values()].some((pool) => concerns(move, pool)) ? ledger.planMove(move) : null
    },

    async launch(launch) {
      const decided = decideLaunch(launch, options.seed)
      const { symbol, mint } = decided.token
      if (simulatedTokens.some((token) => token.symbol === symbol || token.mint === mint)) return null
      const slot = await ledger.planLaunch(decided, launch.inSlots)
      return slot === null ? null : { mint, pool: poolOfLaunch({ ...decided, slot }).address, slot }
    },

    async launches(limit) {
      const [{ slot: now }, planned] = await Promise.all([readPools(), ledger.newestLaunches(limit)])
      return planned.map((launch) => {
        const { token, slot, ...terms } = launch
        const { symbol, mint } = token
        return { ...terms, symbol, mint, pool: poolOfLaunch(launch).address, slot, isOut: slot <= now }
      })
    },
  }
}

/** What this process sees of the chain: its own validator's memory where it produces, the ledger elsewhere. */
function createView(
  ledger: Ledger,
  validator: () => Validator | null,
  clock: Clock,
  onBlock: SimulatedChain['onBlock'],
) {
  const sharedPools = createSharedRead(clock, VIEW_MS, async (): Promise<SimulatedPoolsView> => {
    const [slot, pools] = await Promise.all([ledger.readSlot(), ledger.readPools()])
    return { slot, pools }
  })
  const sharedWallet = createSharedRead(clock, VIEW_MS, ledger.readWallet)
  onBlock(sharedPools.forget)
  onBlock(sharedWallet.forget)

  return {
    slot: async () => validator()?.slot() ?? (await sharedPools.get()).slot,
    wallet: async () => validator()?.wallet() ?? sharedWallet.get(),
    async pools(): Promise<SimulatedPoolsView> {
      const here = validator()
      return here === null ? sharedPools.get() : { slot: here.slot(), pools: here.pools() }
    },
  }
}

/** Sends through the shared mempool to the producer in another process; sends of one moment are one insert. */
function createRemoteSend(ledger: Ledger, broadcast: Broadcast): (swap: SignedSwap) => Promise<void> {
  return groupCommit(MAX_SENDS, process.nextTick, async (sent: readonly SignedSwap[]) => {
    await ledger.putIntoMempool(sent)
    broadcast.tell(MEMPOOL_CHANNEL, '')
    return sent.map(() => undefined)
  })
}

/** Hints of blocks and landings, from the producer in this process or, where `isRemote`, in another. */
function createBlockHints(broadcast: Broadcast, isRemote: () => boolean) {
  const landings = new Set<(signatures: readonly string[]) => void>()
  const blocks = new Set<() => void>()
  let stopListening: Stop | null = null

  function hint(signatures: readonly string[]): void {
    for (const listener of blocks) listener()
    if (signatures.length > 0) for (const listener of landings) listener(signatures)
  }

  function onText(text: string): void {
    if (isRemote()) hint(text === '' ? [] : text.split(','))
  }

  /** Subscribes with the first listener: a process that neither trades nor watches has no use for hints. */
  function listen<T>(listeners: Set<T>, listener: T): Stop {
    stopListening ??= broadcast.listen(BLOCK_CHANNEL, onText, () => {})
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    announce(signatures: readonly string[]): void {
      hint(signatures)
      broadcast.tell(BLOCK_CHANNEL, signatures.join())
    },
    onLanding: (listener: (signatures: readonly string[]) => void): Stop => listen(landings, listener),
    onBlock: (listener: () => void): Stop => listen(blocks, listener),
    close: () => stopListening?.(),
  }
}
