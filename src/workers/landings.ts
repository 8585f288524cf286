// Owns the watch for landings: one batched question for all submitted swaps, whoever of them is waiting.

import type { OrderId } from '../domain/order.ts'
import { type Chain, type Landing, MAX_LANDINGS, type Watched } from '../domain/ports/chain.ts'
import { type OrderLog, StaleLog } from '../domain/ports/orders.ts'
import type { Stop } from '../timing/clock.ts'
import type { Fills } from './fills.ts'
import { type RetryDeps, retryOrFail } from './retrying.ts'

export type LandingDeps = RetryDeps & {
  readonly chain: Chain
  readonly fills: Pick<Fills, 'watch'>
  /** How often to ask when the chain gives no hint. */
  readonly landingPollMs: number
  /** How long a swap may stay unknown before the same bytes are sent again. */
  readonly rebroadcastMs: number
}

type Watch = Watched & { readonly log: OrderLog; sentAt: number; rebroadcasts: number; settling: boolean }

export type Landings = {
  /** Follows a submitted order to its end. `sent` says whether the bytes have just left. */
  watch(log: OrderLog, sent: boolean): void
  isWatching(id: OrderId): boolean
  /** How often this process has sent the swap of the order once more; null when it does not follow it. */
  rebroadcasts(id: OrderId): number | null
  close(): Promise<void>
}

export function openLandings(deps: LandingDeps): Landings {
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
      await askBatch(batch.filter(({ settling }) => !settling))
    }
  }

  async function askBatch(batch: readonly Watch[]): Promise<void> {
    try {
      const landings = await chain.landings(batch)
      batch.forEach((watch, i) => {
        const landing = landings[i]
        if (landing !== undefined) void settle(watch, landing)
      })
    } catch (error) {
      // An error is no answer: every swap stays as unknown as it was.
      observe.fault('chain', error)
    }
  }

  async function settle(watch: Watch, landing: Landing): Promise<void> {
    if (landing.kind === 'unknown') return rebroadcastIfDue(watch)
    watch.settling = true
    try {
      await conclude(watch.log, landing)
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

  function conclude(log: OrderLog, landing: Exclude<Landing, { kind: 'unknown' }>): Promise<void> {
    switch (landing.kind) {
      case 'landed': {
        const written = log.append({ kind: 'filled', fill: landing.fill })
        // Before it is known to be durable: a write of which nobody hears may have been done.
        if (log.order.status === 'confirmed') deps.fills.watch(log.order)
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
      for (const watch of watches.values()) if (!watch.settling) rebroadcastIfDue(watch)
      ask(watches.values())
      if (!closed) schedule()
    })
  }

  const stopHints = chain.onLanding((signatures) =>
    ask(signatures.flatMap((signature) => bySignature.get(signature) ?? [])),
  )
  schedule()

  return {
    watch(log, sent) {
      const { order } = log
      if (order.status !== 'submitted') return
      const { spec, swap } = order
      // A swap found in the log may or may not have left before a crash: ask first, then send the same bytes, at the next
      // look also without an answer.
      const watch: Watch = {
        log,
        spec,
        swap,
        sentAt: sent ? clock.now() : Number.NEGATIVE_INFINITY,
        rebroadcasts: 0,
        settling: false,
      }
      watches.set(spec.orderId, watch)
      bySignature.set(swap.signature, watch)
      if (!sent) ask([watch])
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
