// Owns the crash points: moments in the life of an order at which an engine process dies, so that tests see what becomes of
// the order. They stand around the ports. Only types are imported: loaded beside the built engine, it brings no second one.

import type { Around } from '../../src/around.ts'
import type { EventKind } from '../../src/domain/order.ts'
import type { OrderLog } from '../../src/domain/ports/orders.ts'
import type { OrderId } from '../../src/domain/spec.ts'

/** What happens to orders of every kind, as far as a load has enough of it. */
const KINDS = [
  'rested',
  'triggered',
  'routed',
  'submitted',
  'filled',
  'retried',
  'failed',
  'canceled',
  'completed',
] as const satisfies readonly EventKind[]

export const crashPoints = [
  /** A request was read; nothing is stored. */
  'received',
  /** The database was told to store an order and has not answered: the order may be stored or not. */
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
  /** The chain has reported that a swap landed; no event says so yet. */
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

function readCrashAt(text: string): CrashAt {
  const [, name, count] = /^([a-z-]+):([1-9]\d{0,5})$/.exec(text) ?? []
  const point = crashPoints.find((candidate) => candidate === name)
  if (point === undefined) throw new Error(`${text} is no crash point and a count such as signed:3`)
  return { point, count: Number(count) }
}

/** Kills this process (kill -9) when it passes a point for the nth time, as in signed:3. */
export function crashAround(text: string): Around {
  const { point, count } = readCrashAt(text)
  let passed = 0

  function pass(passing: CrashPoint): void {
    if (passing === point && ++passed === count) process.kill(process.pid, 'SIGKILL')
  }

  /** Passes the point once the answer has come, whatever it is. */
  const answered = <T>(answer: Promise<T>, passing: CrashPoint): Promise<T> =>
    answer.finally(() => pass(passing))

  /** A statement that has been sent passes the one point, its answer the other. */
  function sent<T>(answer: Promise<T>, asked: CrashPoint, done: CrashPoint): Promise<T> {
    // By then the bytes have left for the database.
    setImmediate(() => pass(asked))
    return answered(answer, done)
  }

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
    statements: (statements) => ({
      ...statements,
      insertOrders: (rows) => sent(statements.insertOrders(rows), 'inserted', 'committed'),
      insertWithinQuotas: (rows) => sent(statements.insertWithinQuotas(rows), 'inserted', 'committed'),
      appendEvents: (moves) => sent(statements.appendEvents(moves), 'appending', 'appended'),
    }),
    store: (store) => ({
      ...store,
      create(order) {
        pass('received')
        return store.create(order)
      },
      open: async (ids: readonly OrderId[]) => (await store.open(ids)).map(loggedBy),
    }),
    queue: (queue) => ({
      ...queue,
      async ring(id, delayMs) {
        await queue.ring(id, delayMs)
        pass('rung')
      },
      work(handler) {
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
    }),
    chain: (chain) => ({
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
    }),
    router: (routeNow) => (pair) => answered(routeNow(pair), 'routed'),
  }
}
