// Owns a chain that behaves: a mempool, blocks, expiry, drops, late landings, errors after landing, nodes that lag. It
// outlives every process, and its ledger is the judge.
import { baseUnits } from '../../src/domain/amount.ts'
import type { OrderId } from '../../src/domain/order.ts'
import type { Chain, Landing, SwapPlan, Watched } from '../../src/domain/ports.ts'
import { fates, type Life, type World } from './world.ts'

export const SLOT_MS = 400
/** Blocks for which a signed swap may land. */
const BLOCKHASH_BLOCKS = 8
/** Blocks by which finality trails. */
const FINALITY_BLOCKS = 2
/** Slots that a late swap spends on its way. */
const LATE_SLOTS = 6

export type SendFate = 'lands' | 'is late' | 'vanishes' | 'lands, but reports an error' | 'fails'
/** The slots by which the node lags that answers, or that it does not answer. */
export type NodeFate = number | 'no answer'

export type ChainFates = {
  readonly sends: readonly SendFate[]
  readonly nodes: readonly NodeFate[]
  /** Change of the price in each slot, in bps. */
  readonly moves: readonly number[]
}

export type Entry = {
  readonly signature: string
  readonly orderId: OrderId
  readonly height: number
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly minAmountOut: bigint
  readonly isReverted: boolean
}

type Transaction = {
  readonly signature: string
  readonly orderId: OrderId
  readonly amountIn: string
  readonly minAmountOut: string
  readonly lastValidBlockHeight: number
}

export type FakeChain = {
  readonly ledger: readonly Entry[]
  /** Every signature that was ever sent, and whether the log held it by then. */
  readonly sent: readonly {
    readonly orderId: OrderId
    readonly signature: string
    readonly durable: boolean
  }[]
  /** What so much of the input buys now. */
  worth(amountIn: bigint): bigint
  clientOf(life: Life): Chain
}

/** `isDurable` says whether the log of an order holds the signature at this moment. */
export function openFakeChain(
  world: World,
  given: ChainFates,
  isDurable: (orderId: OrderId, signature: string) => Promise<boolean>,
): FakeChain {
  const [send, node, move] = [fates(given.sends, 'lands'), fates(given.nodes, 0), fates(given.moves, 0)]
  const mempool = new Map<string, Transaction & { readonly landsAt: number }>()
  const ledger: Entry[] = []
  const sent: { orderId: OrderId; signature: string; durable: boolean }[] = []
  const listeners: { readonly life: Life; readonly listener: (signatures: readonly string[]) => void }[] = []
  let height = 100
  let price = 4_000_000n

  const worth = (amountIn: bigint) => (amountIn * price) / 1_000_000n

  function produce(): void {
    height += 1
    price = (price * BigInt(10_000 + move())) / 10_000n
    const due = [...mempool.values()].filter(({ landsAt }) => landsAt <= height)
    for (const transaction of due) land(transaction)
    const signatures = due.map(({ signature }) => signature)
    for (const { life, listener } of listeners) if (life.isAlive()) listener(signatures)
    world.clock.after(SLOT_MS, produce)
  }
  world.clock.after(SLOT_MS, produce)

  function land({ signature, orderId, ...transaction }: Transaction): void {
    mempool.delete(signature)
    const isKnown = ledger.some((entry) => entry.signature === signature)
    if (isKnown || height > transaction.lastValidBlockHeight) return
    const amountIn = BigInt(transaction.amountIn)
    const minAmountOut = BigInt(transaction.minAmountOut)
    const amountOut = worth(amountIn)
    const isReverted = amountOut < minAmountOut
    ledger.push({ signature, orderId, height, amountIn, amountOut, minAmountOut, isReverted })
  }

  /** The same plan under the same blockhash is the same transaction. */
  function sign(plan: SwapPlan) {
    const lastValidBlockHeight = height + BLOCKHASH_BLOCKS
    const transaction: Transaction = {
      signature: `${plan.orderId} at ${height} for ${plan.minAmountOut}`,
      orderId: plan.orderId,
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
    sent.push({ orderId, signature, durable: await isDurable(orderId, signature) })
    const fate = send()
    const arrives = fate !== 'vanishes' && fate !== 'fails'
    if (arrives)
      mempool.set(signature, { ...transaction, landsAt: height + (fate === 'is late' ? LATE_SLOTS : 1) })
    if (fate === 'fails' || fate === 'lands, but reports an error') throw new Error(`the swap ${fate}`)
  }

  function landings(watched: readonly Watched[]): Landing[] {
    const lag = node()
    if (lag === 'no answer') throw new Error('the node does not answer')
    const seen = height - lag
    return watched.map(({ swap }): Landing => {
      const entry = ledger.find(({ signature }) => signature === swap.signature)
      if (entry !== undefined && entry.height <= seen) return landingOf(entry)
      const isFinal = seen - FINALITY_BLOCKS > swap.lastValidBlockHeight
      return { kind: isFinal ? 'dropped' : 'unknown' }
    })
  }

  return {
    ledger,
    sent,
    worth,
    clientOf: (life) => ({
      sign: (plan) => life.call('sign', () => sign(plan)),
      send: ({ wire }) => life.call('send', () => receive(wire)),
      landings: (watched) => life.call('ask for landings', () => landings(watched)),
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
