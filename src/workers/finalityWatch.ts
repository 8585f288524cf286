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
  const lookBack = createLookBack(deps)

  function add(fill: ReportedFill): void {
    if (watches.has(fill.signature) || reported.has(fill.signature)) return
    watches.set(fill.signature, { ...fill, isMissing: false, askAt: clock.now() + deps.finalityMs })
  }

  async function look(): Promise<void> {
    for (const fill of await lookBack()) add(fill)
    const due = [...watches.values()].filter(({ askAt }) => askAt <= clock.now())
    for (let i = 0; i < due.length; i += MAX_LANDINGS) await askBatch(due.slice(i, i + MAX_LANDINGS))
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

  return {
    watch({ spec: { orderId }, swap: { signature, lastValidBlockHeight }, fill: { slot } }) {
      add({ orderId, signature, lastValidBlockHeight, slot })
    },
    close: repeat(clock, deps.rebroadcastMs, look, (error) => observe.fault('chain', error)),
  }
}

/** Gives what the log has filled, whenever a look is due. Each look reaches back over the one before, for what was written late. */
function createLookBack({ store, clock, observe, lookBackMs }: FinalityDeps) {
  let dueAt = clock.now()
  let since = clock.now() - FIRST_LOOK_MS
  return async (): Promise<readonly ReportedFill[]> => {
    if (clock.now() < dueAt) return []
    try {
      const fills = await store.filledSince(since, LOOK_BACK_ORDERS)
      dueAt = clock.now() + lookBackMs
      since = clock.now() - lookBackMs
      return fills
    } catch (error) {
      observe.fault('store', error)
      return []
    }
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
