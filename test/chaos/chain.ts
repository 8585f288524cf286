// Owns a chain that behaves: a mempool, blocks, expiry, drops, late landings, errors after landing, nodes that lag or do not
// answer, forks before finality. It outlives every process, and its ledger is the judge.
import { baseUnits } from '../../src/domain/amount.ts'
import type { Chain, Finality, Landing, SwapPlan } from '../../src/domain/ports/chain.ts'
import type { SwapKey } from '../../src/domain/ports/orders.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { Millis } from '../../src/timing/clock.ts'
import { tokenCalled } from '../support/orders.ts'
import { nameOf } from './names.ts'
import type { fatesIn } from './plan.ts'
import { type Life, START, type World } from './world.ts'

export const SLOT_MS = 400
/** Blocks for which a signed swap may land. */
export const BLOCKHASH_BLOCKS = 10
/** Blocks by which finality trails: more than any fork undoes. */
export const FINALITY_BLOCKS = 4
/** Slots that a late swap spends on its way. */
const LATE_SLOTS = 7
/** What one unit of the input buys at the start, in millionths. */
export const START_PRICE = 4_000_000n
const FIRST_HEIGHT = 100
const SOLD_MINT = tokenCalled('A').mint

const startOf = (height: number): Millis => START + (height - FIRST_HEIGHT) * SLOT_MS

/** The newest block at that time. */
export const heightAt = (at: Millis): number => FIRST_HEIGHT + Math.floor((at - START) / SLOT_MS)

export const landedAt = ({ height }: Entry): Millis => startOf(height)
/** Bytes that arrive before then land, unless something goes wrong. */
export const lastChanceAt = (lastValidBlockHeight: number): Millis => startOf(lastValidBlockHeight)

export type Entry = {
  readonly signature: string
  readonly orderId: OrderId
  readonly height: number
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly minAmountOut: bigint
  readonly isReverted: boolean
}

export type Undone = Entry & { readonly undoneAt: Millis }

type Transaction = {
  readonly signature: string
  readonly orderId: OrderId
  /** Whether it sells A for B, or B for A. */
  readonly aToB: boolean
  readonly amountIn: string
  readonly minAmountOut: string
  readonly lastValidBlockHeight: number
}

export type Worth = (amountIn: bigint, aToB: boolean) => bigint

/** What the input buys where a million A pay `price` B. */
export const worthAt = (price: bigint, amountIn: bigint, aToB: boolean): bigint =>
  aToB ? (amountIn * price) / 1_000_000n : (amountIn * 1_000_000n) / price

export type FakeChain = {
  /** What stands, in the order it landed. */
  readonly ledger: readonly Entry[]
  /** Orders of which two swaps stood at one time, even if a fork undid one of them later. */
  readonly doubled: ReadonlySet<OrderId>
  /** Every signature that was ever sent, and whether the log held it by then. */
  readonly sent: readonly {
    readonly orderId: OrderId
    readonly signature: string
    readonly durable: boolean
  }[]
  /** What was once in a block and no longer is. */
  readonly undone: readonly Undone[]
  height(): number
  /** What so much of A, or of B, buys now. */
  worth: Worth
  /** Every price (the worth of a million units), and since when it stood. */
  readonly prices: readonly { readonly at: Millis; readonly price: bigint }[]
  movePrice(bps: number): void
  /** Undoes the last blocks and the moves of the price in them; with `again`, what stood in them goes back into the mempool. */
  fork(blocks: number, again: boolean): void
  clientOf(life: Life): Chain
}

/** What a chain, or whoever asks it, must do right. */
export type ChainRules = {
  /** A revert is told only once no fork can undo it. */
  readonly revertsAreFinal: boolean
}

const soundChain: ChainRules = { revertsAreFinal: true }

/** `holds` says whether the log of an order holds the signature at this moment. */
export function openFakeChain(
  world: World,
  fateOf: ReturnType<typeof fatesIn>,
  holds: (orderId: OrderId, signature: string) => boolean | Promise<boolean>,
  rules: ChainRules = soundChain,
): FakeChain {
  const mempool = new Map<string, Transaction & { readonly landsAt: number }>()
  let ledger: Entry[] = []
  const undone: Undone[] = []
  const transactions = new Map<string, Transaction>()
  const doubled = new Set<OrderId>()
  const sent: { orderId: OrderId; signature: string; durable: boolean }[] = []
  const listeners: { readonly life: Life; readonly listener: (signatures: readonly string[]) => void }[] = []
  let height = FIRST_HEIGHT
  let price = START_PRICE
  /** Every price, and since when it stands. */
  const history: { readonly at: Millis; readonly price: bigint }[] = [{ at: world.clock.now(), price }]
  /** As of the end of each block. */
  const prices = new Map<number, bigint>()

  function setPrice(next: bigint): void {
    price = next
    history.push({ at: world.clock.now(), price })
  }

  const worth: Worth = (amountIn, aToB) => worthAt(price, amountIn, aToB)

  function produce(): void {
    prices.set(height, price)
    height += 1
    const due = [...mempool.values()].filter(({ landsAt }) => landsAt <= height)
    for (const transaction of due) land(transaction)
    const signatures = due.map(({ signature }) => signature)
    if (due.length > 0) for (const { life, listener } of listeners) if (life.isAlive()) listener(signatures)
    world.clock.after(SLOT_MS, produce)
  }
  world.clock.after(SLOT_MS, produce)

  function land({ signature, orderId, ...transaction }: Transaction): void {
    mempool.delete(signature)
    const isKnown = ledger.some((entry) => entry.signature === signature)
    if (isKnown || height > transaction.lastValidBlockHeight) return
    const amountIn = BigInt(transaction.amountIn)
    const minAmountOut = BigInt(transaction.minAmountOut)
    const amountOut = worth(amountIn, transaction.aToB)
    const isReverted = amountOut < minAmountOut
    world.note(() => `${signature} ${isReverted ? 'reverts' : 'lands'} at ${height}`)
    if (!isReverted && ledger.some((entry) => entry.orderId === orderId && !entry.isReverted)) {
      doubled.add(orderId)
    }
    ledger.push({ signature, orderId, height, amountIn, amountOut, minAmountOut, isReverted })
  }

  function fork(blocks: number, again: boolean): void {
    const gone = ledger.filter((entry) => entry.height > height - blocks)
    world.note(() => `a fork undoes ${blocks} blocks: ${gone.map(({ signature }) => signature).join(', ')}`)
    ledger = ledger.filter((entry) => entry.height <= height - blocks)
    undone.push(...gone.map((entry) => ({ ...entry, undoneAt: world.clock.now() })))
    // Pools are as they were before: what reverted may land well when it comes again.
    setPrice(prices.get(height - blocks) ?? price)
    for (const { signature } of again ? gone : []) {
      const transaction = transactions.get(signature)
      if (transaction !== undefined) mempool.set(signature, { ...transaction, landsAt: height + 1 })
    }
  }

  /** The same plan under the same blockhash is the same transaction. */
  function sign(plan: SwapPlan) {
    const lastValidBlockHeight = height + BLOCKHASH_BLOCKS
    const transaction: Transaction = {
      signature: `${nameOf(plan.orderId)}@${height}>${plan.minAmountOut}`,
      orderId: plan.orderId,
      aToB: plan.tokenIn.mint === SOLD_MINT,
      amountIn: plan.amountIn.toString(),
      minAmountOut: plan.minAmountOut.toString(),
      lastValidBlockHeight,
    }
    const wire = new TextEncoder().encode(JSON.stringify(transaction))
    return { swap: { signature: transaction.signature, wire, lastValidBlockHeight }, steps: ['swap'] }
  }

  async function receive(wire: Uint8Array): Promise<void> {
    const transaction: Transaction = JSON.parse(new TextDecoder().decode(wire))
    const { orderId, signature } = transaction
    transactions.set(signature, transaction)
    sent.push({ orderId, signature, durable: await holds(orderId, signature) })
    const fate = fateOf('send')
    const arrives = fate !== 'vanishes' && fate !== 'fails'
    if (fate !== null) world.note(() => `the send ${fate}`)
    if (arrives && !mempool.has(signature)) {
      mempool.set(signature, { ...transaction, landsAt: height + (fate === 'is late' ? LATE_SLOTS : 1) })
    }
    if (fate === 'fails' || fate === 'lands, but reports an error') throw new Error(`the swap ${fate}`)
  }

  /** Puts a question to one of the nodes: each sees only what is as old as it lags. */
  function ask<T>(answer: (seen: number, entry: Entry | undefined, swap: SwapKey) => T) {
    return (swaps: readonly SwapKey[]): T[] => {
      const fate = fateOf('node')
      if (fate === 'no answer') throw new Error('the node does not answer')
      const seen = height - (fate ?? 0)
      return swaps.map((swap) => {
        const entry = ledger.find(({ signature }) => signature === swap.signature)
        return answer(seen, entry !== undefined && entry.height <= seen ? entry : undefined, swap)
      })
    }
  }

  const isFinal = (at: number, seen: number) => at <= seen - FINALITY_BLOCKS
  /** Both the height and the absence are what one node says at one moment. */
  const isDead = ({ lastValidBlockHeight }: SwapKey, seen: number) => isFinal(lastValidBlockHeight + 1, seen)

  const landings = ask((seen, entry, swap): Landing => {
    if (entry === undefined) return { kind: isDead(swap, seen) ? 'dropped' : 'unknown' }
    const isTold = !entry.isReverted || !rules.revertsAreFinal || isFinal(entry.height, seen)
    return isTold ? landingOf(entry) : { kind: 'unknown' }
  })

  const finality = ask((seen, entry, swap): Finality => {
    if (entry === undefined) return { kind: isDead(swap, seen) ? 'dropped' : 'unknown' }
    return { kind: 'landed', slot: entry.height, isFinal: isFinal(entry.height, seen) }
  })

  return {
    get ledger() {
      return ledger
    },
    doubled,
    sent,
    undone,
    height: () => height,
    worth,
    prices: history,
    movePrice(bps) {
      world.note(() => `the price moves by ${bps} bps`)
      setPrice((price * BigInt(10_000 + bps)) / 10_000n)
    },
    fork,
    clientOf: (life) => ({
      sign: (plan) => life.call('sign', () => sign(plan)),
      send: (swap) => life.call(`send ${swap.signature}`, () => receive(swap.wire)),
      landings: (watched) =>
        watched.length === 0
          ? Promise.resolve([])
          : life.call('ask for landings', () => landings(watched.map(({ swap }) => swap))),
      finality: (swaps) => life.call('ask for finality', () => finality(swaps)),
      blockHeight: () => life.call('ask for the height', () => height),
      onLanding(listener) {
        const entry = { life, listener }
        listeners.push(entry)
        return () => listeners.splice(listeners.indexOf(entry), 1)
      },
      ping: async () => {},
    }),
  }
}

function landingOf({ isReverted, amountIn, amountOut, height }: Entry): Landing {
  if (isReverted) return { kind: 'reverted', failure: { code: 'slippage_exceeded', detail: `at ${height}` } }
  const fill = {
    amountIn: baseUnits(amountIn),
    amountOut: baseUnits(amountOut),
    networkFeeLamports: baseUnits(5_000n),
    poolFees: [],
    slot: height,
  }
  return { kind: 'landed', fill }
}
