// Owns the crash points: moments in the life of an order at which a process can be made to die, so that tests see what
// becomes of the order. They stand around the ports, and only where one is configured: nobody else pays for them.

import type { EventKind, OrderId } from './domain/order.ts'
import type { Chain } from './domain/ports/chain.ts'
import type { NewOrder, OrderLog, OrderStore } from './domain/ports/orders.ts'
import type { OrderQueue } from './domain/ports/queue.ts'
import type { Sql } from './domain/ports/sql.ts'

/** What happens to orders of every kind; `expired` waits for order types with a deadline. */
const KINDS = [
  'triggered',
  'routed',
  'submitted',
  'filled',
  'retried',
  'failed',
  'canceled',
] as const satisfies readonly EventKind[]

export const crashPoints = [
  /** A request was read; nothing is stored. */
  'received',
  /** The database was told to store an order and has not answered: whether it is stored nobody knows. */
  'inserted',
  /** An order is stored; its client has not been told. */
  'committed',
  /** The queue has taken a ring. */
  'rung',
  /** A worker was handed orders. */
  'claimed',
  /** A route was found. */
  'routed',
  /** A transaction was built and is not signed. */
  'built',
  /** It is signed, and the signature is nowhere but in this process. */
  'signed',
  /** The database was told to append events and has not answered. */
  'appending',
  /** Events are stored; their writers have not been told. */
  'appended',
  /** The bytes have left, whatever the node said to it. */
  'sent',
  /** The chain has said that a swap landed, and nobody else knows. */
  'landed',
  ...KINDS.map((kind) => `before-${kind}` as const),
  ...KINDS.map((kind) => `after-${kind}` as const),
  /** A worker that was told to stop is about to hand its rings over. */
  'handing-over',
  /** Work has ended, and the queue is about to be closed. */
  'closing',
] as const

export type CrashPoint = (typeof crashPoints)[number]

/** Where to die, and at which time of passing it. */
export type CrashAt = { readonly point: CrashPoint; readonly count: number }

export type CrashPoints = ReturnType<typeof openCrashPoints>

export type Ends = {
  die(): void
  /** Calls `fn` after what is being written now has left the process. */
  soon(fn: () => void): void
}

/** The ports as they are, but that the process dies when the point is passed for the `count`th time. */
export function openCrashPoints({ point, count }: CrashAt, ends: Ends) {
  let passed = 0

  function pass(passing: CrashPoint): void {
    if (passing === point && ++passed === count) ends.die()
  }

  /** Says that the answer has come, whatever it was. */
  const answered = <T>(answer: Promise<T>, passing: CrashPoint): Promise<T> =>
    answer.finally(() => pass(passing))

  function loggedBy(log: OrderLog): OrderLog {
    return {
      get order() {
        return log.order
      },
      append(draft) {
        const kind = KINDS.find((known) => known === draft.kind)
        if (kind === undefined) return log.append(draft)
        pass(`before-${kind}`)
        const done = log.append(draft)
        done.then(
          () => pass(`after-${kind}`),
          () => {},
        )
        return done
      },
    }
  }

  return {
    sql<T extends Sql>(sql: T): T {
      return {
        ...sql,
        query(text: string, params?: readonly unknown[]) {
          const answer = sql.query(text, params)
          const [asked, done] = pointsOf(text)
          if (asked === null) return answer
          // By then the bytes have left for the database.
          ends.soon(() => pass(asked))
          return answered(answer, done)
        },
      }
    },
    store<T extends OrderStore>(store: T): T {
      return {
        ...store,
        create(order: NewOrder) {
          pass('received')
          return store.create(order)
        },
        open: async (ids: readonly OrderId[]) => (await store.open(ids)).map(loggedBy),
      }
    },
    queue<T extends OrderQueue & { close(): Promise<void> }>(queue: T): T {
      return {
        ...queue,
        async ring(id: OrderId, delayMs?: number) {
          await queue.ring(id, delayMs)
          pass('rung')
        },
        work(handler: (ids: readonly OrderId[]) => Promise<void>) {
          const stop = queue.work((ids) => {
            pass('claimed')
            return handler(ids)
          })
          return () => {
            pass('handing-over')
            return stop()
          }
        },
        close() {
          pass('closing')
          return queue.close()
        },
      }
    },
    chain(chain: Chain): Chain {
      return {
        ...chain,
        sign(plan) {
          pass('built')
          return answered(chain.sign(plan), 'signed')
        },
        send: (swap) => answered(chain.send(swap), 'sent'),
        async landings(watched) {
          const landings = await chain.landings(watched)
          for (const { kind } of landings) if (kind === 'landed') pass('landed')
          return landings
        },
      }
    },
    router<A extends unknown[], R>(routeNow: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
      return (...args) => answered(routeNow(...args), 'routed')
    },
  }
}

function pointsOf(text: string): readonly [CrashPoint, CrashPoint] | readonly [null, null] {
  if (text.includes('insert into orders ')) return ['inserted', 'committed']
  if (/update orders\s+set seq/.test(text)) return ['appending', 'appended']
  return [null, null]
}

/** The same for an engine that nobody wants to see dying: each port as it is. */
export const noCrashPoints: CrashPoints = {
  sql: (sql) => sql,
  store: (store) => store,
  queue: (queue) => queue,
  chain: (chain) => chain,
  router: (routeNow) => routeNow,
}
