// Owns the watch over fills until they are final. A fill stands once it is confirmed. Should a reorg undo it all the same,
// the order stays closed, its bytes are sent again for as long as they can land, and the operator is alerted.

import type { FilledOrder } from '../domain/order.ts'
import { type Chain, type Finality, MAX_LANDINGS } from '../domain/ports/chain.ts'
import type { OrderStore, ReportedFill } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'

export type FinalityDeps = {
  readonly store: OrderStore
  readonly chain: Chain
  readonly clock: Clock
  readonly observe: Observe
  /** How long after a fill its finality is asked for first. */
  readonly finalityMs: number
  /** How often it is asked for again, and the bytes of a fill that is missing are sent again. */
  readonly rebroadcastMs: number
  /** How often to look in the log for fills whose process died. */
  readonly lookBackMs: number
}

/** Keys only: thousands of fills may await finality. */
type Watch = ReportedFill & { isMissing: boolean; askAt: Millis }

export type FinalityWatch = {
  /** Watches a fill that is recorded, or is about to be. */
  watch(order: FilledOrder): void
  close(): Promise<void>
}

/** How far the first look into the log goes back, and among how many orders. */
const FIRST_LOOK_MS = 600_000
const LOOK_BACK_ORDERS = 1_000

export function openFinalityWatch(deps: FinalityDeps): FinalityWatch {
  const { store, chain, clock, observe } = deps
  const watches = new Map<string, Watch>()
  /** Signatures of fills that are known to be undone, so that the log does not bring them up again. */
  const reported = new Set<string>()
  let lookBackAt = clock.now()
  let lookBackTo = clock.now() - FIRST_LOOK_MS

  function add({ orderId, signature, lastValidBlockHeight, slot }: ReportedFill): void {
    if (watches.has(signature) || reported.has(signature)) return
    const askAt = clock.now() + deps.finalityMs
    watches.set(signature, { orderId, signature, lastValidBlockHeight, slot, isMissing: false, askAt })
  }

  async function look(): Promise<void> {
    if (clock.now() >= lookBackAt) await lookBack()
    const due = [...watches.values()].filter(({ askAt }) => askAt <= clock.now())
    for (let i = 0; i < due.length; i += MAX_LANDINGS) await askBatch(due.slice(i, i + MAX_LANDINGS))
  }

  /** Each look reaches back over the one before, for what was written late. */
  async function lookBack(): Promise<void> {
    try {
      for (const fill of await store.filledSince(lookBackTo, LOOK_BACK_ORDERS)) add(fill)
      lookBackAt = clock.now() + deps.lookBackMs
      lookBackTo = clock.now() - deps.lookBackMs
    } catch (error) {
      observe.fault('store', error)
    }
  }

  async function askBatch(batch: readonly Watch[]): Promise<void> {
    for (const watch of batch) watch.askAt = clock.now() + deps.rebroadcastMs
    try {
      const answers = await chain.finality(batch)
      await Promise.all(batch.map((watch, i) => judge(watch, answers[i] ?? { kind: 'unknown' })))
    } catch (error) {
      // An error is no answer: they stand as firmly as before.
      observe.fault('chain', error)
    }
  }

  async function judge(watch: Watch, answer: Finality): Promise<void> {
    if (answer.kind === 'unknown') return sendAgain(watch)
    if (answer.kind === 'landed' && !answer.isFinal) return
    const slot = answer.kind === 'landed' ? answer.slot : null
    if (slot !== watch.slot) await report(watch, slot)
    watches.delete(watch.signature)
  }

  /** The log decides whether anything was undone: it holds the slot that clients have seen. */
  async function report(watch: Watch, landedAgain: number | null): Promise<void> {
    const order = await filledBy(watch, store)
    if (order === null || order.fill.slot === landedAgain) return
    reported.add(watch.signature)
    observe.fillRolledBack(watch, landedAgain)
  }

  /** Safe in any case: the chain ignores bytes that have landed. */
  async function sendAgain(watch: Watch): Promise<void> {
    if (!watch.isMissing) observe.fillMissing(watch.orderId)
    watch.isMissing = true
    const order = await filledBy(watch, store)
    if (order !== null) await chain.send(order.swap)
  }

  const close = repeat(clock, deps.rebroadcastMs, look, (error) => observe.fault('chain', error))
  return {
    watch({ spec: { orderId }, swap: { signature, lastValidBlockHeight }, fill: { slot } }) {
      add({ orderId, signature, lastValidBlockHeight, slot })
    },
    close,
  }
}

/** The order as the log has it filled by this swap, or null. */
async function filledBy(
  { orderId, signature }: { readonly orderId: OrderId; readonly signature: string },
  store: OrderStore,
): Promise<FilledOrder | null> {
  const order = (await store.load(orderId))?.order
  return order !== undefined && order !== null && 'fill' in order && order.swap.signature === signature
    ? order
    : null
}
