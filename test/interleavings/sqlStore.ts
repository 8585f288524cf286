// Owns the real order store in a run: many processes on one embedded Postgres, every statement steered by the scheduler.
import type { OrderId, OrderStatus } from '../../src/domain/order.ts'
import { type Broadcast, type Sql, type SqlRow, StoreUnavailable } from '../../src/domain/ports.ts'
import { silence } from '../../src/queue/broadcast.ts'
import { migrate } from '../../src/store/migrations.ts'
import { type OrderStoreOptions, openOrderStore } from '../../src/store/orderStore.ts'
import type { Stored } from './invariants.ts'
import type { WriteFate } from './memoryStore.ts'
import type { Durable } from './scenario.ts'
import { fates, type Life, type World } from './world.ts'

type Listener = {
  readonly life: Life
  readonly channel: string
  readonly onText: (text: string) => void
}
type ProjectionRow = { id: OrderId; status: OrderStatus; seq: number; attempt: number }

const storeOptions: OrderStoreOptions = { leaseMs: 2_000, keepRecent: 100, onEvent: () => {} }

/** Turns of the event loop after which work that was put off has begun. */
const IDLE_TURNS = 3

/** Real work under way: the scheduler picks no step before it is done, and what it set off has begun. */
function openTraffic() {
  const underWay = new Set<Promise<unknown>>()
  return {
    track<T>(work: Promise<T>): Promise<T> {
      underWay.add(work)
      const done = () => underWay.delete(work)
      work.then(done, done)
      return work
    },
    async quiet(): Promise<void> {
      for (let idle = 0; idle < IDLE_TURNS; idle++) {
        if (underWay.size > 0) idle = 0
        await Promise.allSettled(underWay)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

/** The database, emptied for one run. Some hints between processes are lost. */
export async function sqlDurable(sql: Sql, hints: readonly boolean[]): Promise<Durable> {
  await migrate(sql)
  await sql.script('truncate orders, order_events')
  const traffic = openTraffic()
  const isHeard = fates(hints, true)
  const listeners = new Set<Listener>()
  const judge = openOrderStore(sql, silence, { now: () => 0, after: () => () => {} }, storeOptions)

  function sqlOf(life: Life, fate: () => WriteFate): Sql {
    return {
      query<Row extends SqlRow>(text: string, params: readonly unknown[] = []) {
        return life.call(`sql ${text.trim().slice(0, 24)}`, async () => {
          const luck = fate()
          if (luck === 'refused') throw new StoreUnavailable('connection refused')
          const rows = await traffic.track(sql.query<Row>(text, params))
          if (luck === 'unanswered') throw new StoreUnavailable('no answer in time')
          return rows
        })
      },
      script: () => unused('script'),
      tryLock: () => unused('tryLock'),
      close: () => unused('close'),
    }
  }

  const broadcastOf = (life: Life, world: World): Broadcast => ({
    tell(channel, text) {
      for (const listener of listeners) {
        if (listener.channel !== channel || !isHeard()) continue
        void world.step(`${listener.life.name} is told`).then(() => {
          if (listener.life.isAlive()) listener.onText(text)
        })
      }
    },
    listen(channel, onText) {
      const listener = { life, channel, onText }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })

  async function read(): Promise<ReadonlyMap<OrderId, Stored>> {
    const rows = await sql.query<ProjectionRow>(
      'select id::text as id, status, seq, attempt from orders order by id',
    )
    const all = await Promise.all(
      rows.map(async ({ id, ...projection }): Promise<[OrderId, Stored]> => {
        const loaded = await judge.load(id)
        return [id, { events: loaded?.events ?? [], projection, order: null }]
      }),
    )
    return new Map(all)
  }

  return {
    hasKeysAndFollowers: true,
    openStore: async (life, world, writes) =>
      openOrderStore(sqlOf(life, writes), broadcastOf(life, world), life.clock, storeOptions),
    read: () => traffic.track(read()),
    async isDurable(id, signature) {
      const loaded = await traffic.track(judge.load(id))
      return (
        loaded?.events.some(({ kind, data }) => kind === 'submitted' && data.includes(`"${signature}"`)) ??
        false
      )
    },
    quiet: traffic.quiet,
  }
}

function unused(name: string): never {
  throw new Error(`no worker calls ${name}`)
}
