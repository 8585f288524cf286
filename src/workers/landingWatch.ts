// Owns the watch for landings: one batched question for all submitted swaps, so that waiting holds no worker.

import { type Chain, type Landing, MAX_LANDINGS, type Watched } from '../domain/ports/chain.ts'
import { type OrderLog, StaleLog } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'
import { whileDue } from '../timing/whileDue.ts'
import { type AttemptDeps, endAttempt } from './attempts.ts'
import type { FinalityWatch } from './finalityWatch.ts'

export type LandingDeps = AttemptDeps & {
  readonly chain: Chain
  readonly finality: Pick<FinalityWatch, 'watch'>
  /** How often to ask when the chain gives no hint. */
  readonly landingPollMs: number
  /** How long a swap may stay unknown before the same bytes are sent again. */
  readonly rebroadcastMs: number
}

type Watch = Watched & {
  readonly log: OrderLog
  sentAt: Millis
  rebroadcasts: number
  isConcluding: boolean
}

export type LandingWatch = {
  /** Follows a submitted order to its end. `sentAt` is null for a swap found in the log: its bytes may never have left. */
  watch(log: OrderLog, known: { readonly sentAt: Millis | null }): void
  isWatching(id: OrderId): boolean
  /** How often this process has sent the swap of the order again; null when it does not follow it. */
  rebroadcasts(id: OrderId): number | null
  close(): Promise<void>
}

export function openLandingWatch(deps: LandingDeps): LandingWatch {
  const { chain, clock, observe } = deps
  const watches = createWatches()
  const questions = createQuestions(askBatch)

  async function askBatch(batch: readonly Watch[]): Promise<void> {
    const open = batch.filter(({ isConcluding }) => !isConcluding)
    try {
      for (const [i, landing] of (await chain.landings(open)).entries()) {
        const watch = open[i]
        if (watch !== undefined) void conclude(watch, landing)
      }
    } catch (error) {
      // An error is no answer: every swap stays as unknown as it was.
      observe.fault('chain', error)
    }
  }

  async function conclude(watch: Watch, landing: Landing): Promise<void> {
    if (landing.kind === 'unknown') return rebroadcastIfDue(watch, deps)
    watch.isConcluding = true
    try {
      await appendEnd(watch.log, landing, deps)
    } catch (error) {
      if (error instanceof StaleLog) observe.staleAppend(watch.spec.orderId)
      else observe.fault('store', error)
    } finally {
      // Written or not, this watch is over: the sweep finds an order that is still open.
      watches.delete(watch)
    }
  }

  function poll(): void {
    // Whether or not the chain answers: a node that is silent must not keep a swap from landing.
    for (const watch of watches.all()) if (!watch.isConcluding) rebroadcastIfDue(watch, deps)
    questions.ask(watches.all())
  }

  const stopHints = chain.onLanding((signatures) => questions.ask(watches.signedWith(signatures)))
  const stopPolling = repeat(clock, deps.landingPollMs, poll, (error) => observe.fault('chain', error))

  return {
    watch(log, { sentAt }) {
      const { order } = log
      if (order.status !== 'submitted') return
      const { spec, swap } = order
      // A swap found in the log may or may not have left before a crash: ask first, then send the same bytes, at the next
      // poll also without an answer.
      const watch = { log, spec, swap, sentAt: sentAt ?? NEVER, rebroadcasts: 0, isConcluding: false }
      watches.set(watch)
      if (sentAt === null) questions.ask([watch])
    },
    isWatching: (id) => watches.of(id) !== undefined,
    rebroadcasts: (id) => watches.of(id)?.rebroadcasts ?? null,
    async close() {
      stopHints()
      await Promise.all([stopPolling(), questions.stop()])
    },
  }
}

const NEVER: Millis = Number.NEGATIVE_INFINITY

function createWatches() {
  const byOrder = new Map<OrderId, Watch>()
  const bySignature = new Map<string, Watch>()
  return {
    all: () => byOrder.values(),
    of: (id: OrderId) => byOrder.get(id),
    signedWith: (signatures: readonly string[]) =>
      signatures.flatMap((signature) => bySignature.get(signature) ?? []),
    set(watch: Watch): void {
      byOrder.set(watch.spec.orderId, watch)
      bySignature.set(watch.swap.signature, watch)
    },
    /** A later watch of the same order stays. */
    delete(watch: Watch): void {
      bySignature.delete(watch.swap.signature)
      if (byOrder.get(watch.spec.orderId) === watch) byOrder.delete(watch.spec.orderId)
    },
  }
}

function rebroadcastIfDue(watch: Watch, { chain, clock, observe, rebroadcastMs }: LandingDeps): void {
  if (clock.now() - watch.sentAt < rebroadcastMs) return
  watch.sentAt = clock.now()
  watch.rebroadcasts += 1
  observe.rebroadcast(watch.spec.orderId)
  chain.send(watch.swap).catch((error) => observe.fault('chain', error))
}

/** Asks one batch after the other; what becomes due while a question is under way shares the next. */
function createQuestions(askBatch: (batch: readonly Watch[]) => Promise<void>) {
  const due = new Set<Watch>()
  let isStopped = false
  const asking = whileDue(
    () => due.size > 0 && !isStopped,
    async () => {
      const batch = [...due].slice(0, MAX_LANDINGS)
      for (const watch of batch) due.delete(watch)
      await askBatch(batch)
    },
  )

  return {
    ask(wanted: Iterable<Watch>): void {
      for (const watch of wanted) due.add(watch)
      asking.begin()
    },
    async stop(): Promise<void> {
      isStopped = true
      await asking.idle()
    },
  }
}

function appendEnd(
  log: OrderLog,
  landing: Exclude<Landing, { kind: 'unknown' }>,
  deps: LandingDeps,
): Promise<void> {
  switch (landing.kind) {
    case 'landed': {
      const written = log.append({ kind: 'filled', fill: landing.fill })
      // Watch before the append is known to be durable: a write that reports an error may have committed.
      if ('fill' in log.order) deps.finality.watch(log.order)
      return written
    }
    case 'reverted':
      return endAttempt(log, landing.failure, deps)
    case 'dropped':
      return endAttempt(
        log,
        { code: 'swap_expired', detail: 'never seen by its last valid block height' },
        deps,
      )
  }
}
