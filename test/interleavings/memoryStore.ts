// Owns an order store without SQL: the port's contract over plain maps that outlive every process.
import { encodeEvent, type LoggedEvent, replayLog } from '../../src/domain/eventCodec.ts'
import { evolve, isOpen } from '../../src/domain/lifecycle.ts'
import type { Millis, Order, OrderEvent, OrderId } from '../../src/domain/order.ts'
import { type OrderLog, type OrderStore, StaleLog, StoreUnavailable } from '../../src/domain/ports.ts'
import type { Durable } from './scenario.ts'
import type { Life } from './world.ts'

/** What is durable. */
type Tables = {
  readonly logs: Map<OrderId, LoggedEvent[]>
  /** Each order as its last writer saw it: what replaying its log must give. */
  readonly projection: Map<OrderId, Order>
  readonly wake: Map<OrderId, { readonly at: Millis; readonly rings: number }>
}

/** `refused`: nothing was written. `unanswered`: it was, but the writer is told that nobody knows. */
export type WriteFate = 'written' | 'refused' | 'unanswered'

export type StoreRules = {
  readonly leaseMs: number
  /** Whether an append must follow on what its writer has seen. A store that does not ask is broken. */
  readonly versioned: boolean
}

type Append = { readonly log: Log; readonly event: LoggedEvent; readonly after: Order }
type Log = OrderLog & { order: Order; broken: Error | null }

const emptyTables = (): Tables => ({ logs: new Map(), projection: new Map(), wake: new Map() })

function openMemoryStore(
  tables: Tables,
  { clock, call }: Pick<Life, 'clock' | 'call'>,
  fate: () => WriteFate,
  rules: StoreRules,
): OrderStore {
  let lastWrite: Promise<unknown> = Promise.resolve()

  /** One write after the other: of what was appended in order, nothing overtakes. */
  function writeAppend(append: Append): Promise<void> {
    const done = lastWrite.then(() => call(`append ${append.event.kind}`, () => writeOne(append)))
    lastWrite = done.catch(() => {})
    return done
  }

  /** A chain of appends is broken for good by the first that is refused. */
  function writeOne({ log, event, after }: Append): void {
    const luck = fate()
    if (log.broken === null && luck !== 'refused') log.broken = write(event, after)
    if (luck !== 'written') log.broken ??= new StoreUnavailable(`the store has ${luck} it`)
    if (log.broken !== null) throw log.broken
  }

  function write(event: LoggedEvent, after: Order): StaleLog | null {
    const events = tables.logs.get(event.orderId) ?? []
    const isNext = event.seq === events.length + 1
    if (!isNext && rules.versioned) return new StaleLog(`order ${event.orderId} has moved on`)
    tables.logs.set(event.orderId, [...events, { ...event, seq: events.length + 1 }])
    tables.projection.set(event.orderId, after)
    tables.wake.set(event.orderId, { at: restsUntil(after) + rules.leaseMs, rings: 0 })
    return null
  }

  const restsUntil = (order: Order): Millis =>
    order.status === 'routing' ? Math.max(order.retryAt ?? 0, order.updatedAt) : order.updatedAt

  function openLog(order: Order): Log {
    const log: Log = { order, broken: null, append }
    function append(draft: Parameters<OrderLog['append']>[0]): Promise<void> {
      const before = log.order
      const event: OrderEvent = {
        ...draft,
        orderId: before.spec.orderId,
        seq: before.seq + 1,
        attempt: draft.kind === 'retried' ? before.attempt + 1 : before.attempt,
        at: Math.max(clock.now(), before.updatedAt),
      }
      log.order = evolve(before, event)
      const done = writeAppend({ log, event: encodeEvent(before, event), after: log.order })
      done.catch(() => {})
      return done
    }
    return log
  }

  return {
    create: ({ spec }) =>
      call('create', () => {
        const { orderId } = spec
        const event: OrderEvent = { kind: 'accepted', spec, orderId, seq: 1, attempt: 1, at: clock.now() }
        const order = evolve(null, event)
        const luck = fate()
        if (luck !== 'refused') write(encodeEvent(null, event), order)
        if (luck !== 'written') throw new StoreUnavailable(`the store has ${luck} it`)
        return { kind: 'created', order }
      }),
    open: (ids) =>
      call('open', () =>
        ids
          .map((id) => replayLog(tables.logs.get(id) ?? []))
          .filter((order) => order !== null)
          .map(openLog),
      ),
    overdue: (now, limit) =>
      call('sweep', () => {
        const due = [...tables.wake].filter(([id, { at }]) => at <= now && isOpenIn(tables, id))
        for (const [id, { rings }] of due.slice(0, limit)) {
          tables.wake.set(id, { at: now + rules.leaseMs * 2 ** Math.min(rings, 1), rings: rings + 1 })
        }
        return due.slice(0, limit).map(([id]) => id)
      }),
    wakeAll: (now) =>
      call('wake all', () => {
        for (const [id, { rings }] of tables.wake) tables.wake.set(id, { at: now, rings })
      }),
    load: () => unused('load'),
    list: () => unused('list'),
    follow: () => unused('follow'),
    ping: () => unused('ping'),
  }
}

/** Orders in memory, for a run of their own. */
export function memoryDurable(rules: StoreRules): Durable {
  const tables = emptyTables()
  return {
    hasKeysAndFollowers: false,
    openStore: async (life, _world, writes) => openMemoryStore(tables, life, writes, rules),
    read: async () =>
      new Map(
        [...tables.projection].map(([id, order]) => {
          const { status, seq, attempt } = order
          return [id, { events: tables.logs.get(id) ?? [], projection: { status, seq, attempt }, order }]
        }),
      ),
    isDurable: async (id, signature) =>
      tables.logs.get(id)?.some(({ wire, data }) => wire !== null && data.includes(`"${signature}"`)) ??
      false,
    quiet: async () => {},
  }
}

function isOpenIn(tables: Tables, id: OrderId): boolean {
  const order = tables.projection.get(id)
  return order !== undefined && isOpen(order)
}

function unused(name: string): never {
  throw new Error(`no worker calls ${name}`)
}
