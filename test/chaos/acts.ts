// Owns what engine processes are seen to do, and when: what they sign, append, send and ask, whatever it comes to.
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import { endOf, isPlan, isSpentIoc } from '../../src/domain/lifecycle.ts'
import type { OrderLog } from '../../src/domain/ports/orders.ts'
import type { TradingState } from '../../src/domain/ports/trading.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { Millis } from '../../src/timing/clock.ts'
import type { Ports } from './engine.ts'
import type { Life, World } from './world.ts'

/** A process has decided that these bytes are the order's swap. */
type Submission = {
  readonly life: Life
  readonly orderId: OrderId
  readonly signature: string
  readonly lastValidBlockHeight: number
  readonly at: Millis
  /** How old the route was when it was signed, by the clock of who signed it. */
  readonly routeAgeMs: number
  /** `at` by that clock. */
  readonly ownAt: Millis
  /** When it was told that this is durable; null when it was not. */
  durableAt: Millis | null
}

/** A process has decided that the order is filled. */
type Filling = Omit<Submission, 'routeAgeMs' | 'ownAt'>

/** A process has asked after a swap for the first time: its own, or one that it has found in the log and follows from here on. */
type Following = Pick<Submission, 'life' | 'signature' | 'lastValidBlockHeight' | 'durableAt'>

type Send = { readonly life: Life; readonly signature: string; readonly at: Millis }

/** A call over a fill that took long, failed or was not answered: the watch over fills is late with good reason. */
type Trouble = {
  readonly life: Life
  readonly from: Millis
  readonly to: Millis
}

export type Commit = { readonly event: LoggedEvent; readonly at: Millis }

export type Acts = {
  readonly submissions: readonly Submission[]
  readonly followings: readonly Following[]
  readonly fillings: readonly Filling[]
  readonly sends: readonly Send[]
  readonly troubles: ReadonlySet<Trouble>
  /** Every event that became durable, in order, and when. */
  readonly commits: readonly Commit[]
  /** Orders that a process found to have reached their end, and when that was due. */
  readonly expirings: readonly { readonly orderId: OrderId; readonly at: Millis; readonly end: Millis }[]
  /** What was stored of the trading switch, in order. */
  readonly switched: readonly { readonly state: TradingState['state']; readonly at: Millis }[]
}

/** More than a call takes when nothing is the matter. */
const LONG_MS = 50

export function openActs({ clock }: World) {
  const submissions: Submission[] = []
  const followings: Following[] = []
  const fillings: Filling[] = []
  const sends: Send[] = []
  const troubles = new Set<Trouble>()
  const switched: Acts['switched'][number][] = []
  const expirings: Acts['expirings'][number][] = []
  const commits: Commit[] = []

  /** Notes the call unless it is answered well and soon: one that is never answered counts too. */
  function timed<T>(life: Life, call: Promise<T>): Promise<T> {
    const trouble = { life, from: clock.now(), to: Number.POSITIVE_INFINITY }
    troubles.add(trouble)
    const end = () => {
      trouble.to = clock.now()
    }
    call.then(() => {
      end()
      if (trouble.to - trouble.from <= LONG_MS) troubles.delete(trouble)
    }, end)
    return call
  }

  function watchLog(log: OrderLog, life: Life, signedAt: ReadonlyMap<OrderId, Millis>): OrderLog {
    return {
      get order() {
        return log.order
      },
      append(draft) {
        const { enteredAt, spec } = log.order
        const end = endOf(spec)
        if (draft.kind === 'expired' && end !== null && !isPlan(spec) && !isSpentIoc(log.order)) {
          expirings.push({ orderId: spec.orderId, at: clock.now(), end })
        }
        const written = log.append(draft)
        const { order } = log
        if (order.status !== 'submitted' && !('fill' in order)) return written
        const { orderId } = order.spec
        const { signature, lastValidBlockHeight } = order.swap
        const act: Filling = {
          life,
          orderId,
          signature,
          lastValidBlockHeight,
          at: clock.now(),
          durableAt: null,
        }
        if (draft.kind === 'filled') fillings.push(act)
        else {
          const routeAgeMs = (signedAt.get(orderId) ?? 0) - (enteredAt.building ?? 0)
          submissions.push(Object.assign(act, { routeAgeMs, ownAt: life.clock.now() }))
        }
        written.then(
          () => {
            act.durableAt = clock.now()
          },
          () => {},
        )
        return written
      },
    }
  }

  return {
    acts: { submissions, followings, fillings, sends, troubles, switched, expirings, commits } satisfies Acts,
    committed: (events: readonly LoggedEvent[]) =>
      void commits.push(...events.map((event) => ({ event, at: clock.now() }))),
    switched: (state: TradingState['state']) => void switched.push({ state, at: clock.now() }),
    /** The ports of a process, seen through. */
    watch(ports: Ports, life: Life): Ports {
      const { store, chain } = ports
      const signedAt = new Map<OrderId, Millis>()
      const followed = new Set<string>()
      return {
        ...ports,
        store: {
          ...store,
          open: async (ids) => (await store.open(ids)).map((log) => watchLog(log, life, signedAt)),
          load: (id) => timed(life, store.load(id)),
          filledSince: (since, limit) => timed(life, store.filledSince(since, limit)),
        },
        chain: {
          ...chain,
          sign(plan) {
            signedAt.set(plan.orderId, life.clock.now())
            return chain.sign(plan)
          },
          send(swap) {
            sends.push({ life, signature: swap.signature, at: clock.now() })
            return timed(life, chain.send(swap))
          },
          landings(watched) {
            for (const { swap } of watched) {
              if (followed.has(swap.signature)) continue
              followed.add(swap.signature)
              followings.push({ life, ...swap, durableAt: clock.now() })
            }
            return chain.landings(watched)
          },
          finality: (swaps) => timed(life, chain.finality(swaps)),
        },
      }
    },
  }
}
