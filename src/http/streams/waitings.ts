// Owns the live answer to "why not yet": what followers of orders at rest are sent beside the events, at a bounded cost.

import { waitData } from '../../domain/eventCodec.ts'
import { isResting } from '../../domain/lifecycle.ts'
import type { Order } from '../../domain/order.ts'
import type { OrderStore } from '../../domain/ports/orders.ts'
import { isMintOpen, type OrderId, type RestingSpec } from '../../domain/spec.ts'
import type { Sight } from '../../domain/triggers/verdict.ts'
import { waitingOf } from '../../domain/triggers/waiting.ts'
import type { Observe } from '../../observe.ts'
import type { Clock, Millis } from '../../timing/clock.ts'
import { repeat } from '../../timing/repeat.ts'
import { asLeft, isPriced, type MomentDeps, momentOf } from '../moment.ts'
import type { Following } from './following.ts'

export type WaitingsDeps = {
  readonly orders: MomentDeps['orders'] & { readonly store: Pick<OrderStore, 'load'> }
  readonly market: MomentDeps['market'] & { readonly sightOf: (spec: RestingSpec) => Promise<Sight> }
  readonly clock: Clock
  readonly observe: Pick<Observe, 'fault'>
}

export type Follower = {
  /** The order has a new event: what is known of it is read again. */
  note(): void
  stop(): void
}

export type Waitings = {
  /** `send` receives a message whenever the answer has changed, at most once a second. */
  add(id: OrderId, send: (text: string) => void): Follower
  close(): void
}

/** An order, however many follow it. */
type Watched = {
  readonly id: OrderId
  /** Each follower, with what it was sent last. */
  readonly followers: Map<(text: string) => void, string>
  order: Order | null
  isStale: boolean
  lookedAt: Millis
}

/** An order is looked at no more often than this. */
const LOOK_EVERY_MS = 1_000
/** Looks are spread over the second: a few at a time, so that no other request waits for them. */
const TICK_MS = 100
/** About a millisecond each. With more orders of different terms than a second has looks, each is looked at less often. */
const LOOKS_PER_TICK = 10

export function openWaitings(deps: WaitingsDeps): Waitings {
  const { clock, observe } = deps
  /** In the order of their last look. */
  const orders = new Map<OrderId, Watched>()
  let stopTicks: (() => Promise<void>) | null = null

  function idle(): void {
    void stopTicks?.()
    stopTicks = null
  }

  async function tick(): Promise<void> {
    const look = createLook(deps)
    for (const watched of [...orders.values()]) {
      const age = clock.now() - watched.lookedAt
      if (age >= 0 && age < LOOK_EVERY_MS) continue
      if (!(await look(watched))) continue
      watched.lookedAt = clock.now()
      if (orders.delete(watched.id)) orders.set(watched.id, watched)
    }
  }

  return {
    add(id, send) {
      const watched = orders.get(id) ?? {
        id,
        followers: new Map(),
        order: null,
        isStale: true,
        lookedAt: Number.NEGATIVE_INFINITY,
      }
      orders.set(id, watched)
      watched.followers.set(send, '')
      stopTicks ??= repeat(clock, TICK_MS, tick, (error) => observe.fault('market', error))
      return {
        note() {
          watched.isStale = true
        },
        stop() {
          watched.followers.delete(send)
          if (watched.followers.size > 0) return
          if (orders.get(id) === watched) orders.delete(id)
          if (orders.size === 0) idle()
        },
      }
    },
    close: idle,
  }
}

const NO_SIGHT = Promise.resolve(null)

/** The looks of one tick. Orders of the same terms share one; resolves to false once there are no more. */
function createLook(deps: WaitingsDeps): (watched: Watched) => Promise<boolean> {
  const sights = new Map<string, Promise<Sight>>()
  let left = LOOKS_PER_TICK

  function sightFor(spec: RestingSpec): Promise<Sight> | null {
    const { tokenIn, tokenOut, amountIn, slippageBps, constraints, condition } = spec
    const { source, maxAgeMs } = condition
    const trade = [tokenIn.mint, tokenOut.mint, String(amountIn), slippageBps, constraints]
    // Of a launch more is seen than its price; and which launch of a creator is looked at depends on the guards.
    const launch = isMintOpen(spec) ? spec.orderId : spec.type === 'sniper'
    const key = JSON.stringify([...trade, source, maxAgeMs, launch])
    const known = sights.get(key)
    if (known !== undefined) return known
    if (left === 0) return null
    left -= 1
    const sight = deps.market.sightOf(spec)
    sights.set(key, sight)
    return sight
  }

  return async (watched) => {
    if (watched.isStale) {
      if (left === 0) return false
      left -= 1
      watched.isStale = false
      watched.order = (await deps.orders.store.load(watched.id))?.order ?? null
    }
    if (watched.order === null || watched.order.spec.type === 'market' || !isResting(watched.order))
      return true
    const { order, isClaimed } = await asLeft(watched.order, deps.orders)
    const sight = isPriced(order.spec) ? sightFor(order.spec) : NO_SIGHT
    if (sight === null) return false
    const waiting = waitingOf(order, await sight, await momentOf(order, isClaimed, deps))
    // An event that came meanwhile has been sent: what was seen for the order before it is not sent after it.
    if (waiting === null || watched.isStale) return true
    const { evaluatedAt, slot, ...answer } = waiting
    const news = JSON.stringify(answer)
    const text = JSON.stringify({ orderId: watched.id, kind: 'waiting', waiting: waitData(waiting) })
    for (const [send, last] of watched.followers) {
      if (last === news) continue
      watched.followers.set(send, news)
      send(text)
    }
    return true
  }
}

/** The following, with the live answers between its events; without any where `waitings` is null. */
export function withWaiting(following: Following, id: OrderId, waitings: Waitings | null): Following {
  if (waitings === null) return following
  let follower: Follower | null = null
  return {
    isOver: following.isOver,
    stop() {
      follower?.stop()
      following.stop()
    },
    start(onMessages, onEnd, onSlow) {
      const own = waitings.add(id, (text) => onMessages([{ kind: 'waiting', text }]))
      follower = own
      following.start(
        (messages, onTaken) => {
          own.note()
          onMessages(messages, onTaken)
        },
        () => {
          own.stop()
          onEnd()
        },
        onSlow,
      )
    },
  }
}
