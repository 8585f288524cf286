// Owns where orders are kept in a schedule: in memory by default. It outlives every process.
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import type { OrderStatus } from '../../src/domain/order.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { TradingState } from '../../src/domain/ports/trading.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { OrderRow } from '../../src/store/eventRows.ts'
import type { Verdict } from '../../src/store/keyQuotas.ts'
import type { Statements } from '../../src/store/statements.ts'
import type { Clock } from '../../src/timing/clock.ts'
import { answering, openMemoryTables, type TableRules } from '../support/memoryTables.ts'
import type { WriteFate } from './plan.ts'
import type { Life } from './world.ts'

/** What is durable of one order: its log, and the projection that stands beside it. */
export type Stored = {
  readonly events: readonly LoggedEvent[]
  readonly projection: {
    readonly status: OrderStatus
    readonly isResting: boolean
    readonly seq: number
    readonly attempt: number
  }
}

/** What becomes of one statement. */
export type StatementFate = WriteFate | null

/** Looks at the trading switch, at what rests and at who watches are many: they must not use up the fates of other reads. */
export type StatementKind = 'write' | 'read' | 'look'

export type FateOf = (kind: StatementKind) => StatementFate

/** Told of what has taken effect, at that moment. */
export type Effects = {
  /** Events that are durable from now on. */
  committed(events: readonly LoggedEvent[]): void
  inserted(rows: readonly OrderRow[], verdicts: readonly Verdict[]): Promise<void>
  switched(state: TradingState['state']): void
}

export type Durable = {
  tablesOf(life: Life, fateOf: FateOf): Statements
  read(): Promise<ReadonlyMap<OrderId, Stored>>
  /** Statements that failed without a fate: none does in a sound store. */
  readonly faults: readonly string[]
  /** The tables as they are, whatever befalls processes. */
  readonly tables: Statements
  /** Whether the log of an order holds this signature now. */
  holds(orderId: OrderId, signature: string): boolean | Promise<boolean>
}

export const holdsSwap = (events: readonly LoggedEvent[], signature: string) =>
  events.some(({ wire, data }) => wire !== null && data.includes(`"${signature}"`))

const writes: ReadonlySet<string> = new Set([
  ...['insertOrders', 'insertWithinQuotas', 'appendEvents', 'markOverdue', 'wakeAll', 'setTrading'],
])

const looks: ReadonlySet<string> = new Set([
  ...['selectTrading', 'selectRestingPage', 'selectRestingOf', 'selectRestingRecent', 'reportWatcher'],
])

const kindOf = (name: string): StatementKind =>
  looks.has(name) ? 'look' : writes.has(name) ? 'write' : 'read'

/** The tables, with somebody who is told of what takes effect. */
export const telling = (tables: Statements, { committed, inserted, switched }: Effects): Statements => ({
  ...tables,
  async insertOrders(rows) {
    const taken = await tables.insertOrders(rows)
    committed(firstEventsOf(rows.filter(({ spec }) => taken.ids.has(spec.orderId))))
    return taken
  },
  async insertWithinQuotas(rows) {
    const decided = await tables.insertWithinQuotas(rows)
    committed(firstEventsOf(rows.filter((_, i) => decided.verdicts[i]?.isTaken)))
    await inserted(rows, decided.verdicts)
    return decided
  },
  async appendEvents(moves) {
    const moved = await tables.appendEvents(moves)
    const events = moves.flatMap((move) => [...move.events, ...move.legs.map(({ event }) => event)])
    committed(events.filter(({ orderId }) => moved.ids.has(orderId)))
    return moved
  },
  async setTrading(state, at, by) {
    const stored = await tables.setTrading(state, at, by)
    switched(state)
    return stored
  },
})

const firstEventsOf = (rows: readonly OrderRow[]) =>
  rows.flatMap((row) => [row, ...row.children]).map(({ event }) => event)

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
  fateOf: FateOf,
  later: (ms: number, fn: () => void) => void,
): (...args: Args) => Promise<R> {
  return (...args) =>
    life.call(name, async () => {
      const fate = fateOf(kindOf(name))
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
export function memoryDurable(
  { now, after: later }: Clock,
  effects: Effects,
  limits: KeyQuotas | null,
  rules?: TableRules,
): Durable {
  const { rows, tables } = openMemoryTables(rules, () => limits ?? {}, now)
  // An effect of one moment is one happening of the world, also where it is told of.
  const told = telling(tables as unknown as Statements, effects)
  const stored = () =>
    [...rows].map(([id, { events, status, isResting, seq, attempt }]): [OrderId, Stored] => [
      id,
      { events: [...events], projection: { status, isResting, seq, attempt } },
    ])
  return {
    tablesOf: (life, fateOf) =>
      Object.fromEntries(
        Object.entries(told).map(([name, statement]) => [
          name,
          steered(name, statement as (...args: readonly unknown[]) => unknown, life, fateOf, later),
        ]),
      ) as unknown as Statements,
    read: async () => new Map(stored()),
    faults: [],
    tables: answering(tables),
    holds: (id, signature) => holdsSwap(rows.get(id)?.events ?? [], signature),
  }
}
