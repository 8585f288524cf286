// Owns the watch for landings: one batched question for all submitted swaps, whoever of them is waiting.

import type { OrderId } from '../domain/order.ts'
import {
  type Chain,
  type Landing,
  MAX_LANDINGS,
  type OrderLog,
  StaleLog,
  type Stop,
} from '../domain/ports.ts'
import { type RetryDeps, retryOrFail } from './retrying.ts'

export type LandingDeps = RetryDeps & {
  readonly chain: Chain
  /** How often to ask when the chain gives no hint. */
  readonly landingPollMs: number
  /** How long a swap may stay unknown before the same bytes are sent again. */
  readonly rebroadcastMs: number
}

type Watch = { readonly log: OrderLog; sentAt: number; settling: boolean }

export type Landings = {
  /** Follows a submitted order to its end. `sent` says whether the bytes have just left. */
  watch(log: OrderLog, sent: boolean): void
  isWatching(id: OrderId): boolean
  close(): Promise<void>
}

export function openLandings(deps: LandingDeps): Landings {
  const { chain, clock, observe } = deps
  const watches = new Map<OrderId, Watch>()
  let asking: Promise<void> | null = null
  let askAgain = false
  let closed = false
  let stopTimer: Stop = () => {}

  /** Asks for all; a hint that comes meanwhile asks once more. */
  function ask(): void {
    if (closed || watches.size === 0) return
    askAgain = asking !== null
    if (asking !== null) return
    asking = askAll().finally(() => {
      asking = null
      if (askAgain) ask()
    })
  }

  async function askAll(): Promise<void> {
    const waiting = [...watches.values()].filter((watch) => !watch.settling)
    for (let i = 0; i < waiting.length; i += MAX_LANDINGS) await askBatch(waiting.slice(i, i + MAX_LANDINGS))
  }

  async function askBatch(batch: readonly Watch[]): Promise<void> {
    const submitted = batch.flatMap((watch) =>
      watch.log.order.status === 'submitted'
        ? [{ watch, spec: watch.log.order.spec, swap: watch.log.order.swap }]
        : [],
    )
    try {
      const landings = await chain.landings(submitted)
      submitted.forEach(({ watch }, i) => {
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
    const { orderId } = watch.log.order.spec
    try {
      await conclude(watch.log, landing)
    } catch (error) {
      if (error instanceof StaleLog) observe.staleAppend(orderId)
      else observe.fault('store', error)
    } finally {
      // Written or not, this watch is over: the sweep finds an order that is still open.
      watches.delete(orderId)
    }
  }

  function conclude(log: OrderLog, landing: Exclude<Landing, { kind: 'unknown' }>): Promise<void> {
    switch (landing.kind) {
      case 'landed':
        return log.append({ kind: 'filled', fill: landing.fill })
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
    const { order } = watch.log
    if (order.status !== 'submitted' || clock.now() - watch.sentAt < deps.rebroadcastMs) return
    watch.sentAt = clock.now()
    observe.rebroadcast(order.spec.orderId)
    chain.send(order.swap).catch((error) => observe.fault('chain', error))
  }

  function schedule(): void {
    stopTimer = clock.after(deps.landingPollMs, () => {
      ask()
      if (!closed) schedule()
    })
  }

  const stopHints = chain.onBlock(ask)
  schedule()

  return {
    watch(log, sent) {
      const { orderId } = log.order.spec
      // A swap found in the log may or may not have left before a crash: ask first, then send the same bytes.
      watches.set(orderId, { log, sentAt: sent ? clock.now() : 0, settling: false })
      if (!sent) ask()
    },
    isWatching: (id) => watches.has(id),
    async close() {
      closed = true
      stopTimer()
      stopHints()
      await asking
    },
  }
}
