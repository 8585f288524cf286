// Owns the simulated RPC node's answers about swaps: their landing and its finality, as far as that node has seen. Absence
// proves nothing until the finalized height is past the last valid one.

import { baseUnits } from '../../domain/amount.ts'
import type { Failure, FailureCode } from '../../domain/failure.ts'
import type { Fill } from '../../domain/order.ts'
import type { Finality, Landing, Watched } from '../../domain/ports/chain.ts'
import type { SwapKey } from '../../domain/ports/orders.ts'
import type { LedgerEntry } from '../../domain/ports/simulation.ts'
import type { Ledger } from './ledger.ts'
import { seededRandom, simulatedTokens } from './market.ts'
import type { Validator } from './validator.ts'

export type NodeOptions = {
  readonly seed: number
  /** How far finality trails the newest block. */
  readonly finalityBlocks: number
  /** How many slots the node lags behind: it has not seen what landed since. */
  readonly lagSlots: number
  /** Share of requests that this node answers; the rest go to a node that does not lag. */
  readonly lagRate: number
  /** How old a revert must be to be reported. */
  readonly revertBlocks: number
}

/** Reads the validator's memory where this process has one, and the ledger for everything else. */
export function createNode(ledger: Ledger, validator: () => Validator | null, options: NodeOptions) {
  let questions = 0

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
        // DANGER: before finality a fork can undo a revert, and the same bytes can then fill. Only a final one may be signed anew.
        const isKnown = entry.slot <= (entry.error === null ? seen : seen - options.revertBlocks)
        return isKnown ? landingOf(entry, item) : { kind: 'unknown' }
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

  /** Height and absence come from one snapshot of the ledger: only then does "not found" prove anything. */
  const isExpired = (swap: SwapKey, found: { readonly slot: number } | null, lagSlots: number) =>
    (found?.slot ?? 0) - lagSlots - options.finalityBlocks > swap.lastValidBlockHeight

  /** The newest slot of the chain. */
  const nodeSlot = (ledgerSlot = 0) => Math.max(validator()?.slot() ?? 0, ledgerSlot)

  /** The lag, in slots, of the node that answers this request. */
  function lagNow(): number {
    if (options.lagRate === 1) return options.lagSlots
    questions += 1
    return seededRandom(options.seed, 'node', questions)() < options.lagRate ? options.lagSlots : 0
  }

  return { landings, finality }
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
      token: [spec.tokenIn, ...simulatedTokens].find((token) => token.mint === mint) ?? spec.tokenOut,
    })),
    slot: entry.slot,
  }
  return { kind: 'landed', fill }
}
