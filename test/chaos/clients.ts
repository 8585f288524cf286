// Owns the clients of a schedule: they place orders until they hear that they are taken, repeat themselves, cancel, read,
// and follow to the end.

import { type Amendment, amendOrder, type Change } from '../../src/commands/amendOrder.ts'
import { cancelOrder } from '../../src/commands/cancelOrder.ts'
import { placeOrder } from '../../src/commands/placeOrder.ts'
import { bps } from '../../src/domain/amount.ts'
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import { isOpen } from '../../src/domain/lifecycle.ts'
import type { Order } from '../../src/domain/order.ts'
import type { CountedQuota } from '../../src/domain/quotas.ts'
import type { OrderId, OrderType } from '../../src/domain/spec.ts'
import { passesIn } from '../../src/domain/termsCodec.ts'
import { hasChildren } from '../../src/domain/triggers/legs.ts'
import { defaultGuards } from '../support/orders.ts'
import { priceAt } from './amounts.ts'
import { type Ask, specFor } from './asks.ts'
import type { EngineProcess } from './engine.ts'
import { LIMITED_OWNER } from './limits.ts'
import { nameOf } from './names.ts'
import type { Whom } from './plan.ts'
import type { Life, World } from './world.ts'

/** How often a follower looks whether its process still lives, and a reader reads. */
const RECONNECT_MS = 700
const READ_MS = 900
const MAX_CHANGES = 30
/** A client that has heard nothing for so long asks again. */
const PATIENCE_MS = 3_000

/** What placing asks beside the store and the queue: nothing that denies an order. */
const undisturbed = {
  heavyImpactOf: async () => null,
  sightOf: async () => ({ kind: 'unseen', blocker: 'no_price', detail: 'the market is not asked' }) as const,
  maxRestingOrders: 1_000_000,
  writability: { isWritable: () => true },
  trading: { state: () => ({ state: 'active', changedAt: null, changedBy: null }) as const },
  observe: { fault() {} },
  admit: <T>(write: () => Promise<T>) => write(),
}

/** To whatever: schedules are about orders that are taken. */
const consent = { onImmediate: 'fire', acceptOffMarket: true, acceptImpact: true } as const

export type Told = {
  /** Orders of which a client was told that they are durable. */
  readonly acknowledged: OrderId[]
  readonly canceled: OrderId[]
  /** Keys under which anything was asked for. */
  readonly placed: Set<string>
  /** The order that each client was told stands for its key. */
  readonly byKey: Map<string, OrderId[]>
  /** What followers were given, by order. */
  readonly heard: Map<OrderId, LoggedEvent[]>
  /** The seqs that one client after the other was shown of an order. */
  readonly read: Map<OrderId, number[]>
  /** Orders that were refused, each with its key and the limit that was named. */
  readonly refused: Map<OrderId, { readonly key: string; readonly limit: CountedQuota }>
}

export type Ways = {
  /** Whether they place orders with a key that has limits. */
  readonly hasLimits: boolean
  /** What the order of a key asks for. */
  askOf(key: string): Ask
}

function termsOf(type: OrderType, price: string): Amendment {
  switch (type) {
    case 'sniper':
      return { guards: defaultGuards, condition: passesIn(2) }
    case 'stop':
    case 'takeProfit':
      return { triggerPrice: price }
    case 'trailingStop':
    case 'timeStop':
      return { slippageBps: bps(1_500) }
    default:
      return { limitPrice: price }
  }
}

/** `processVia` is a process that runs, or undefined while none does. */
export function openClients(
  world: World,
  processVia: (number: number) => EngineProcess | undefined,
  nextId: () => OrderId,
  { hasLimits, askOf }: Ways,
) {
  const owner = hasLimits ? LIMITED_OWNER : 'local'
  const told: Told = {
    acknowledged: [],
    canceled: [],
    placed: new Set(),
    byKey: new Map(),
    heard: new Map(),
    read: new Map(),
    refused: new Map(),
  }
  let placing = 0
  /** Requests under way, each with the process that has it in hand. */
  const submitting = new Set<{ readonly life: Life }>()

  const isTaken = (key: string) => told.byKey.has(key)

  async function submit(key: string, { life, store, queue }: EngineProcess): Promise<void> {
    const spec = specFor(askOf(key), { owner, orderId: nextId() })
    const request = { life }
    submitting.add(request)
    const order = { spec, idempotencyKey: key, quotas: hasLimits ? {} : null, consent }
    const outcome = await placeOrder(order, { ...undisturbed, store, queue }).catch(() => null)
    submitting.delete(request)
    if (outcome?.kind === 'exceeded') told.refused.set(spec.orderId, { key, limit: outcome.limit })
    if (outcome?.kind !== 'placed' && outcome?.kind !== 'replayed') return
    const { orderId } = outcome.order.spec
    world.note(() => `${key} is told to be ${nameOf(orderId)}`)
    if (!told.acknowledged.includes(orderId)) {
      told.acknowledged.push(orderId)
      follow(orderId)
      readAgainAndAgain(orderId)
      if (hasChildren(spec)) lookAfterChildren(orderId)
    }
    told.byKey.set(key, [...(told.byKey.get(key) ?? []), orderId])
  }

  /** Asks once, and again with the same key for as long as nobody has said that the order is taken. */
  function place(key: string, via: number, tries: number): void {
    told.placed.add(key)
    const process = processVia(via)
    if (process !== undefined) void submit(key, process)
    placing += 1
    world.clock.after(PATIENCE_MS, () => {
      placing -= 1
      if (!isTaken(key) && tries > 1) place(key, via + 1, tries - 1)
    })
  }

  /** The order meant, as a process has it; null where there is none yet, or no answer. */
  async function find(key: string, { child, via }: Omit<Whom, 'order'>): Promise<Order | null> {
    const store = processVia(via)?.store
    const [id] = told.byKey.get(key) ?? []
    if (store === undefined || id === undefined) return null
    if (child === null) return (await store.open([id]).catch(() => []))[0]?.order ?? null
    const children = await store.children(id).catch(() => [])
    return children[child % children.length] ?? null
  }

  async function cancel(key: string, whom: Whom): Promise<void> {
    const found = await find(key, whom)
    const store = processVia(whom.via)?.store
    if (store === undefined || found === null) return
    const { orderId } = found.spec
    const outcome = await cancelOrder(orderId, owner, { store }).catch(() => null)
    if (outcome?.kind === 'canceled') told.canceled.push(orderId)
  }

  /** Asks again until it is answered: a client that pauses an order does not forget it. */
  async function change(id: OrderId, via: number, wanted: Change, tries = MAX_CHANGES): Promise<void> {
    const process = processVia(via)
    const answer =
      process === undefined
        ? null
        : await amendOrder(
            { id, owner, ifSeq: null, change: wanted },
            { ...process, observe: undisturbed.observe },
          ).catch(() => null)
    if (answer === null && tries > 1) {
      world.clock.after(READ_MS, () => void change(id, via + 1, wanted, tries - 1))
    }
  }

  async function pause(key: string, whom: Whom, forMs: number): Promise<void> {
    const found = await find(key, whom)
    if (found === null) return
    const { orderId } = found.spec
    void change(orderId, whom.via, { kind: 'pause' }, 1)
    world.clock.after(forMs, () => void change(orderId, whom.via, { kind: 'resume' }))
  }

  async function amend(key: string, whom: Whom, byBps: number): Promise<void> {
    const found = await find(key, whom)
    if (found === null) return
    const price = priceAt(byBps, found.spec.tokenIn.symbol === 'A' ? 'A' : 'B')
    const terms = termsOf(found.spec.type, price)
    void change(found.spec.orderId, whom.via, { kind: 'amend', terms }, 1)
  }

  /** Follows to the end; when its process dies it resumes elsewhere behind what it has heard. */
  function follow(id: OrderId): void {
    const heard: LoggedEvent[] = []
    let ended = false
    let source: Life | null = null
    told.heard.set(id, heard)
    const look = () => {
      if (ended) return
      const process = source?.isAlive() ? undefined : processVia(heard.length)
      if (process !== undefined) {
        const { life, store } = process
        source = life
        const unless = (fn: () => void) => life.isAlive() && source === life && fn()
        const end = () => {
          ended = true
        }
        const comeAgain = () =>
          unless(() => {
            source = null
          })
        // Refused before an upgrade, because the store did not answer: the client comes again.
        store
          .follow(
            { id, owner, after: heard.at(-1)?.seq ?? 0 },
            (event) => unless(() => heard.push(event)),
            () => unless(end),
          )
          .then((stop) => stop ?? comeAgain(), comeAgain)
      }
      world.clock.after(RECONNECT_MS, look)
    }
    look()
  }

  /** Follows and reads the children too, as they come. */
  function lookAfterChildren(parent: OrderId, asked = 0): void {
    const lookOnce = async () => {
      const store = processVia(asked)?.store
      const found = await store?.load(parent).catch(() => null)
      const children = (await store?.children(parent).catch(() => null)) ?? null
      for (const { spec } of children ?? []) {
        if (told.heard.has(spec.orderId)) continue
        follow(spec.orderId)
        readAgainAndAgain(spec.orderId)
      }
      // None comes any more.
      return children !== null && found != null && !isOpen(found.order)
    }
    let isOver = false
    void lookOnce().then((over) => {
      isOver = over
    })
    world.clock.after(READ_MS, () => {
      if (!isOver) lookAfterChildren(parent, asked + 1)
    })
  }

  /** One read after the other, each from another process. */
  function readAgainAndAgain(id: OrderId): void {
    const seqs: number[] = []
    told.read.set(id, seqs)
    let asked = 0
    let isOver = false
    const readOnce = async (question: number) => {
      const found = await processVia(question)
        ?.store.load(id)
        .catch(() => undefined)
      // Whoever has given up waiting does not hear the answer.
      if (found === undefined || question !== asked) return
      // An order that was acknowledged is there for whoever asks.
      seqs.push(found?.order.seq ?? 0)
      isOver = found !== null && !isOpen(found.order)
    }
    const next = () => {
      asked += 1
      if (isOver) return
      void readOnce(asked)
      world.clock.after(READ_MS, next)
    }
    next()
  }

  return {
    told,
    place,
    cancel,
    pause,
    amend,
    isPlacing: () => placing > 0 || [...submitting].some(({ life }) => life.isAlive()),
  }
}
