// Owns where orders are kept in a schedule: in memory by default. It outlives every process.
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import type { OrderId, OrderStatus } from '../../src/domain/order.ts'
import { StoreUnavailable } from '../../src/domain/ports.ts'
import type { Tables } from '../../src/store/tables.ts'
import { openMemoryTables, type TableRules } from './memoryTables.ts'
import type { WriteFate } from './plan.ts'
import type { Life } from './world.ts'

/** What is durable of one order: its log, and the projection that stands beside it. */
export type Stored = {
  readonly events: readonly LoggedEvent[]
  readonly projection: { readonly status: OrderStatus; readonly seq: number; readonly attempt: number }
}

/** What becomes of one statement. */
export type StatementFate = WriteFate | null

export type Durable = {
  tablesOf(life: Life, fateOf: (isWrite: boolean) => StatementFate): Tables
  read(): Promise<ReadonlyMap<OrderId, Stored>>
  /** Whether the log of an order holds this signature now. */
  holds(orderId: OrderId, signature: string): boolean | Promise<boolean>
}

export const holdsSwap = (events: readonly LoggedEvent[], signature: string) =>
  events.some(({ wire, data }) => wire !== null && data.includes(`"${signature}"`))

const writes: ReadonlySet<string> = new Set(['insertOrders', 'appendEvents', 'markOverdue', 'wakeAll'])

/** How long after its writer gave up a late statement takes effect. */
const LATE_MS = 1_500

/**
 * A statement as a process meets it: on its way, done, and answered; or one of these not. `later` does something that
 * long afterwards, whoever still lives.
 */
export function steered<Args extends readonly unknown[], R>(
  name: string,
  statement: (...args: Args) => R | Promise<R>,
  life: Life,
  fateOf: (isWrite: boolean) => StatementFate,
  later: (ms: number, fn: () => void) => void,
): (...args: Args) => Promise<R> {
  return (...args) =>
    life.call(name, async () => {
      const fate = fateOf(writes.has(name))
      if (fate === 'refused') throw new StoreUnavailable('connection refused')
      if (fate === 'late') later(LATE_MS, () => void statement(...args))
      else {
        const answer = await statement(...args)
        if (fate === null) return answer
      }
      throw new StoreUnavailable('no answer in time')
    })
}

/** Orders in memory, for a schedule of their own. */
export function memoryDurable(later: (ms: number, fn: () => void) => void, rules?: TableRules): Durable {
  const { rows, tables } = openMemoryTables(rules)
  const stored = () =>
    [...rows].map(([id, { events, status, seq, attempt }]): [OrderId, Stored] => [
      id,
      { events: [...events], projection: { status, seq, attempt } },
    ])
  return {
    tablesOf: (life, fateOf) =>
      Object.fromEntries(
        Object.entries(tables).map(([name, statement]) => [
          name,
          steered(name, statement as (...args: readonly unknown[]) => unknown, life, fateOf, later),
        ]),
      ) as unknown as Tables,
    read: async () => new Map(stored()),
    holds: (id, signature) => holdsSwap(rows.get(id)?.events ?? [], signature),
  }
}
