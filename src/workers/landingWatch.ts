// Owns the watch for landings: one batched question for all submitted swaps, whoever of them is waiting.

import type { OrderId } from '../domain/order.ts'
import { type Chain, type Landing, MAX_LANDINGS, type Watched } from '../domain/ports/chain.ts'
import { type OrderLog, StaleLog } from '../domain/ports/orders.ts'
import type { Millis, Stop } from '../timing/clock.ts'
import { type AttemptDeps, retryOrFail } from './attempts.ts'
import type { FinalityWatch } from './finalityWatch.ts'

export type LandingDeps = AttemptDeps & {
  readonly chain: Chain
  readonly finality: Pick<FinalityWatch, 'watch'>
  /** How often to ask when the chain gives no hint. */
  readonly landingPollMs: number
  /** How long a swap may stay unknown before the same bytes are sent again. */
  readonly rebroadcastMs: number
}

type Watch = Watched & { readonly log: OrderLog; sentAt: number; rebroadcasts: number; isConcluding: boolean }

export type LandingWatch = {
  /** Follows a submitted order to its end. `sentAt` is null for a swap found in the log: its bytes may never have left. */
  watch(log: OrderLog, known: { readonly sentAt: Millis | null }): void
  isWatching(id: OrderId): boolean
  /** How often this process has sent the swap of the order once more; null when it does not follow it. */
  rebroadcasts(id: OrderId): number | null
  close(): Promise<void>
}

export function openLandingWatch(deps: LandingDeps): LandingWatch {
  const { chain, clock, observe } = deps
  const watches = new Map<OrderId, Watch>()
  const bySignature = new Map<string, Watch>()
  /** Those to ask after as soon as the question under way is answered. */
  const due = new Set<Watch>()
  let asking: Promise<void> | null = null
  let closed = false
  let stopTimer: Stop = () => {}

  function ask(wanted: Iterable<Watch>): void {
    for (const watch of wanted) due.add(watch)
    asking ??= askDue().finally(() => {
      asking = null
      // What became due after the last look and before this line would wait for the next slot.
      if (due.size > 0 && !closed) ask([])
    })
  }

  async function askDue(): Promise<void> {
    while (due.size > 0 && !closed) {
      const batch = [...due].slice(0, MAX_LANDINGS)
      for (const watch of batch) due.delete(watch)
      await askBatch(batch.filter(({ isConcluding }) => !isConcluding))
    }
  }

  async function askBatch(batch: readonly Watch[]): Promise<void> {
    try {
      const landings = await chain.landings(batch)
      batch.forEach((watch, i) => {
        const landing = landings[i]
        if (landing !== undefined) void conclude(watch, landing)
      })
    } catch (error) {
      // An error is no answer: every swap stays as unknown as it was.
      observe.fault('chain', error)
    }
  }

  async function conclude(watch: Watch, landing: Landing): Promise<void> {
    if (landing.kind === 'unknown') return rebroadcastIfDue(watch)
    watch.isConcluding = true
    try {
      await append(watch.log, landing)
    } catch (error) {
      if (error instanceof StaleLog) observe.staleAppend(watch.spec.orderId)
      else observe.fault('store', error)
    } finally {
      // Written or not, this watch is over: the sweep finds an order that is still open.
      forget(watch)
    }
  }

  function forget(watch: Watch): void {
    bySignature.delete(watch.swap.signature)
    if (watches.get(watch.spec.orderId) === watch) watches.delete(watch.spec.orderId)
  }

  function append(log: OrderLog, landing: Exclude<Landing, { kind: 'unknown' }>): Promise<void> {
    switch (landing.kind) {
      case 'landed': {
        const written = log.append({ kind: 'filled', fill: landing.fill })
        // Before it is known to be durable: a write of which nobody hears may have been done.
        if (log.order.status === 'confirmed') deps.finality.watch(log.order)
        return written
      }
      case 'reverted':
        return retryOrFail(log, landing.failure, deps)
      case 'dropped':
        return retryOrFail(
          log,
          { code: 'swap_expired', detail: 'never seen by its last valid block height' },
          deps,
        )
    }
  }

  function rebroadcastIfDue(watch: Watch): void {
    if (clock.now() - watch.sentAt < deps.rebroadcastMs) return
    watch.sentAt = clock.now()
    watch.rebroadcasts += 1
    observe.rebroadcast(watch.spec.orderId)
    chain.send(watch.swap).catch((error) => observe.fault('chain', error))
  }

  function schedule(): void {
    stopTimer = clock.after(deps.landingPollMs, () => {
      // Before the chain is asked, and whether or not it answers: a node that says nothing must not keep a swap from landing.
      for (const watch of watches.values()) if (!watch.isConcluding) rebroadcastIfDue(watch)
      ask(watches.values())
      if (!closed) schedule()
    })
  }

  const stopHints = chain.onLanding((signatures) =>
    ask(signatures.flatMap((signature) => bySignature.get(signature) ?? [])),
  )
  schedule()

  return {
    watch(log, { sentAt }) {
      const { order } = log
      if (order.status !== 'submitted') return
      const { spec, swap } = order
      // A swap found in the log may or may not have left before a crash: ask first, then send the same bytes, at the next
      // look also without an answer.
      const watch: Watch = {
        log,
        spec,
        swap,
        sentAt: sentAt ?? Number.NEGATIVE_INFINITY,
        rebroadcasts: 0,
        isConcluding: false,
      }
      watches.set(spec.orderId, watch)
      bySignature.set(swap.signature, watch)
      if (sentAt === null) ask([watch])
    },
    isWatching: (id) => watches.has(id),
    rebroadcasts: (id) => watches.get(id)?.rebroadcasts ?? null,
    async close() {
      closed = true
      stopTimer()
      stopHints()
      await asking
    },
  }
}
