// Owns the tables of the store without SQL: what each statement answers, over plain maps that outlive every process.
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import { isDormant, isOpenStatus, isPlan } from '../../src/domain/lifecycle.ts'
import type { OrderStatus } from '../../src/domain/order.ts'
import type { NewOrder, OrderFilter, ReportedFill } from '../../src/domain/ports/orders.ts'
import type { RunningProcess } from '../../src/domain/ports/processes.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import type { OrderId, OrderSpec } from '../../src/domain/spec.ts'
import type { OrderRow } from '../../src/store/eventRows.ts'
import type { LegMove } from '../../src/store/orderGroups.ts'
import type { Move, Rest } from '../../src/store/orderSql.ts'
import type { Statements } from '../../src/store/statements.ts'
import type { StoredTrading } from '../../src/store/tradingState.ts'
import type { Millis } from '../../src/timing/clock.ts'
import { openMemoryCommits } from './memoryCommits.ts'
import { type GroupRules, openMemoryGroups } from './memoryGroups.ts'
import { type MemoryLimits, openMemoryLimits } from './memoryQuotas.ts'

type Row = Omit<NewOrder, 'spec'> & {
  /** As the order was placed, but for the tokens that it has chosen since. */
  spec: OrderSpec
  readonly fingerprint: string
  status: OrderStatus
  seq: number
  attempt: number
  updatedAt: Millis
  wakeAt: Millis | null
  rings: number
  isResting: boolean
  readonly events: LoggedEvent[]
}

/** What a store must do right. One that does not is broken, and some invariant must say so. */
export type TableRules = GroupRules & {
  /** An append must follow on what its writer has seen. */
  readonly versioned: boolean
  /** A batch of one order's events is written whole or not at all. */
  readonly whole: boolean
  /** The projection changes with the log, by the same write. */
  readonly projected: boolean
  /** Equal keys of one owner stand for one order. */
  readonly keyed: boolean
  /** An event keeps the time that its writer gave it. */
  readonly timed: boolean
  /** A log stays whole after its order has closed. */
  readonly kept: boolean
  /** How often an order counts towards the limits of its key. */
  readonly counts: number
  /** A resting order wakes when its time has come. */
  readonly wakes: boolean
  /** A slice is sent only while its plan is open. */
  readonly planned: boolean
  /** Legs go on with the end of their parent, by the same write. */
  readonly coupled: boolean
  /** They sell what that was, as their writer says. */
  readonly sized: boolean
}

export const soundTables: TableRules = {
  versioned: true,
  whole: true,
  projected: true,
  keyed: true,
  timed: true,
  kept: true,
  counts: 1,
  wakes: true,
  claimed: true,
  released: true,
  planned: true,
  coupled: true,
  sized: true,
}

/** How far back a store dates what it stamps wrongly, and how long one that tidies up waits. */
const WRONG_BY_MS = 20_000
const TIDY_AFTER_MS = 3_000
const AMOUNT = /"amountInBase":"\d+/

const firstEvents = (row: OrderRow) => [row, ...row.children].map(({ event }) => event)

/** Each statement takes effect in one moment, as one commit does. */
export type MemoryTables = {
  [Name in keyof Statements]: (...args: Parameters<Statements[Name]>) => Awaited<ReturnType<Statements[Name]>>
}

/** `limitsOf` names the limits of an owner's key; `storeNow` is the clock of the store. */
export function openMemoryTables(
  rules: TableRules = soundTables,
  limitsOf: (owner: string) => KeyQuotas = () => ({}),
  storeNow: () => Millis = () => Number.POSITIVE_INFINITY,
): {
  readonly rows: ReadonlyMap<OrderId, Row>
  readonly tables: MemoryTables
  readonly limits: MemoryLimits
} {
  const rows = new Map<OrderId, Row>()
  const limits = openMemoryLimits(limitsOf, rows, rules.counts)
  let trading: StoredTrading | null = null
  const byKey = new Map<string, OrderId>()
  const rests = new Map<OrderId, Rest>()
  const groups = openMemoryGroups(rules)
  const commits = openMemoryCommits((id) => rows.get(id))
  const watchers = openMemoryWatchers(storeNow)
  const processes = openMemoryProcesses(storeNow)

  const keysOf = ({ spec, idempotencyKey }: NewOrder): string[] => [
    ...(idempotencyKey === null ? [] : [`${spec.owner} key ${idempotencyKey}`]),
    ...(spec.clientOrderId === null ? [] : [`${spec.owner} client ${spec.clientOrderId}`]),
  ]
  const newestFirst = () => [...rows.values()].sort((a, b) => (a.spec.orderId < b.spec.orderId ? 1 : -1))
  const oldestFirst = () => newestFirst().reverse()
  const newestOpen = (filter: OrderFilter, upTo: OrderId | null) =>
    newestFirst().filter(
      (row) => isOpenStatus(row.status) && fits(row, filter) && (upTo === null || row.spec.orderId <= upTo),
    )

  const isKnown = (wanted: NewOrder) =>
    rows.has(wanted.spec.orderId) || (rules.keyed && keysOf(wanted).some((key) => byKey.has(key)))

  function insert({ order, event, children, ...wanted }: OrderRow): void {
    const { orderId } = wanted.spec
    if (children.length > 0) groups.add(orderId, children.length)
    for (const child of children) insert(child)
    if (isDormant(wanted.spec)) rests.set(orderId, { wakeAt: null, waitsFor: null })
    for (const key of keysOf(wanted)) byKey.set(key, orderId)
    const { status, seq, attempt, updatedAt } = order
    rows.set(orderId, {
      ...wanted,
      status,
      seq,
      attempt,
      updatedAt,
      rings: 0,
      ...(isDormant(wanted.spec) ? { wakeAt: null, isResting: true } : { isResting: false }),
      events: [event],
    })
  }

  const choose = (row: Row, { tokenIn, tokenOut }: OrderSpec) => {
    row.spec = { ...row.spec, tokenIn, tokenOut }
  }

  const isUnderPlan = ({ plan }: Move) =>
    plan === null || !rules.planned || isOpenStatus(rows.get(plan)?.status ?? 'failed')

  /** A dormant leg goes on with its parent, unless it was canceled before. */
  function moveLeg({ event, wakeAt, spec }: LegMove): OrderId[] {
    const row = rows.get(event.orderId)
    if (row === undefined || row.seq !== 1 || !rules.coupled) return []
    row.events.push(rules.sized ? event : { ...event, data: event.data.replace(AMOUNT, '$&0') })
    rests.delete(event.orderId)
    choose(row, spec)
    Object.assign(row, { status: event.status, seq: 2, updatedAt: event.at, wakeAt, isResting: false })
    return [event.orderId]
  }

  const waiting = (id: OrderId) => {
    const waitsFor = rests.get(id)?.waitsFor ?? null
    return waitsFor === null ? [] : [{ id, ...waitsFor, amountIn: Number(waitsFor.amountIn) }]
  }

  const unitOf = (id: OrderId): OrderId => {
    const parent = rows.get(id)?.spec.parent
    return parent?.kind === 'leg' ? parent.orderId : id
  }
  /** What resting orders promise to sell; the legs of a group do so once. */
  const promised = () => {
    const units = new Map<
      OrderId,
      { readonly unit: OrderId; readonly mint: string; readonly amount: bigint }
    >()
    for (const [id, { waitsFor }] of rests) {
      if (waitsFor === null) continue
      const unit = unitOf(id)
      const known = units.get(unit)?.amount ?? 0n
      const amount = waitsFor.amountIn > known ? waitsFor.amountIn : known
      units.set(unit, { unit, mint: waitsFor.mintIn, amount })
    }
    return [...units.values()].sort((a, b) => (a.unit < b.unit ? -1 : 1))
  }
  const sumOf = (mint: string, upTo: OrderId | null = null) =>
    promised()
      .filter((each) => each.mint === mint && (upTo === null || each.unit <= upTo))
      .reduce((sum, { amount }) => sum + amount, 0n)

  const tables: MemoryTables = {
    insertOrders(orders) {
      const taken = new Set<OrderId>()
      for (const order of orders) {
        if (isKnown(order)) continue
        insert(order)
        taken.add(order.spec.orderId)
      }
      const written = orders.filter(({ spec }) => taken.has(spec.orderId))
      return { ids: taken, commit: commits.add(written.flatMap(firstEvents)) }
    },
    insertWithinQuotas(orders) {
      const verdicts = orders.map((order) => limits.take(order, isKnown(order), () => insert(order)))
      return {
        verdicts,
        commit: commits.add(orders.filter((_, i) => verdicts[i]?.isTaken).flatMap(firstEvents)),
      }
    },
    findByKeys: (wanted) =>
      [...new Set(wanted.flatMap(keysOf).flatMap((key) => byKey.get(key) ?? []))].flatMap((id) => {
        const row = rows.get(id)
        if (row === undefined) return []
        const { spec, idempotencyKey, fingerprint } = row
        return [{ id, owner: spec.owner, clientOrderId: spec.clientOrderId, idempotencyKey, fingerprint }]
      }),
    appendEvents(moves) {
      const moved = new Set<OrderId>()
      for (const move of moves) {
        const { events, status, wakeAt, rest, legs } = move
        const [first, last] = [events[0], events.at(-1)]
        const row = first && rows.get(first.orderId)
        if (row === undefined || first === undefined || last === undefined) continue
        if (rules.versioned && row.seq !== first.seq - 1) continue
        if (!isUnderPlan(move)) continue
        if (move.claim !== null && !groups.take(move.claim)) continue
        const kept = rules.whole ? events : events.slice(-1)
        row.events.push(...(rules.timed ? kept : kept.map((e) => ({ ...e, at: e.at - WRONG_BY_MS }))))
        moved.add(first.orderId)
        for (const leg of legs) for (const id of moveLeg(leg)) moved.add(id)
        if (!rules.projected && status === 'submitted') continue
        choose(row, move.spec)
        Object.assign(row, {
          status,
          seq: last.seq,
          attempt: last.attempt,
          updatedAt: last.at,
          wakeAt,
          rings: 0,
        })
        if (rest === null) continue
        row.isResting = rest !== 'ended'
        rests.delete(first.orderId)
        if (rest !== 'ended') rests.set(first.orderId, rest)
      }
      const events = moves.flatMap((move) => [...move.events, ...move.legs.map(({ event }) => event)])
      return { ids: moved, commit: commits.add(events.filter(({ orderId }) => moved.has(orderId))) }
    },
    ...commits.statements,
    selectEvents: (ids) => [...new Set(ids)].flatMap((id) => rows.get(id)?.events ?? []),
    selectTails: (wanted) =>
      wanted.flatMap(({ id, after }) => {
        const row = rows.get(id)
        if (row === undefined) return []
        const events = row.events.filter(({ seq }) => seq > after)
        return [{ id, owner: row.spec.owner, last: row.seq, isOpen: isOpenStatus(row.status), events }]
      }),
    selectIds: ({ before, limit, ...filter }) =>
      newestFirst()
        .filter((row) => fits(row, filter) && (before === null || row.spec.orderId < before))
        .slice(0, limit)
        .map(({ spec }) => spec.orderId),
    countOpen(filter, upTo) {
      const [newest, ...others] = newestOpen(filter, upTo)
      return newest === undefined
        ? { count: 0, newest: null }
        : { count: 1 + others.length, newest: newest.spec.orderId }
    },
    selectOpenIds: (filter, upTo, limit) =>
      newestOpen(filter, upTo)
        .sort((a, b) => Number(a.status === 'submitted') - Number(b.status === 'submitted'))
        .slice(0, limit)
        .map(({ spec }) => spec.orderId),
    selectOpenAfter: (filter, after, limit) =>
      newestOpen(filter, null)
        .reverse()
        .map(({ spec }) => spec.orderId)
        .filter((id) => after === null || id > after)
        .slice(0, limit),
    selectClosed: (filter, limit) =>
      newestFirst()
        .filter((row) => !isOpenStatus(row.status) && fits(row, filter))
        .slice(0, limit)
        .map(({ spec }) => spec.orderId),
    selectFilled: (since, limit) =>
      newestFirst()
        .slice(0, limit)
        .filter(
          ({ status, updatedAt, spec }) => status === 'confirmed' && updatedAt >= since && !isPlan(spec),
        )
        .map(toldBy),
    selectStandings: (before, limit) =>
      newestFirst()
        .filter(({ spec }) => !isPlan(spec) && (before === null || spec.orderId < before))
        .slice(0, limit)
        .map(({ spec, status, updatedAt }) => ({ id: spec.orderId, status, updatedAt })),
    markOverdue(now, leaseMs, limit) {
      for (const { status, updatedAt, events } of rules.kept ? [] : rows.values()) {
        if (!isOpenStatus(status) && updatedAt < now - TIDY_AFTER_MS) events.splice(1)
      }
      const woken = [...rests].flatMap(([id, { wakeAt }]) =>
        rules.wakes && wakeAt !== null && wakeAt <= Math.min(now, storeNow()) ? (rows.get(id) ?? []) : [],
      )
      const due = oldestFirst()
        .filter(({ status, wakeAt, updatedAt, rings, isResting }) => {
          if (!isOpenStatus(status) || isResting || wakeAt === null) return false
          return wakeAt <= now || (rings === 0 && updatedAt > now + leaseMs)
        })
        .slice(0, limit)
      for (const row of due) {
        row.wakeAt = now + leaseMs * 2 ** Math.min(row.rings, 1)
        row.rings += 1
      }
      for (const row of woken) {
        rests.delete(row.spec.orderId)
        Object.assign(row, { isResting: false, rings: 1, updatedAt: now, wakeAt: now + leaseMs })
      }
      return [...woken, ...due].map(({ spec }) => spec.orderId)
    },
    selectGroups: (ids) =>
      new Map(
        ids.flatMap((id) => {
          const group = groups.get(id)
          return group === undefined ? [] : [[id, group] as const]
        }),
      ),
    selectChildren: (parent) =>
      oldestFirst().flatMap(({ spec }) => (spec.parent?.orderId === parent ? spec.orderId : [])),
    selectOfDoneGroups: (limit) =>
      oldestFirst()
        .filter(({ spec, status }) => {
          return isOpenStatus(status) && groups.isDone(spec.parent?.orderId ?? spec.orderId)
        })
        .slice(0, limit)
        .map(({ spec }) => spec.orderId),
    wakeAll(now) {
      for (const row of rows.values()) if (isOpenStatus(row.status) && !row.isResting) row.wakeAt = now
    },
    selectRestingPage: (after, limit) =>
      oldestFirst()
        .filter(({ spec }) => after === null || spec.orderId > after)
        .flatMap(({ spec }) => waiting(spec.orderId))
        .slice(0, limit),
    selectRestingOf: (ids) => ids.flatMap(waiting),
    // These tables have no clock: everything is recent, within any time at all.
    selectRestingRecent: (withinMs) => (withinMs > 0 ? [...rests.keys()].flatMap(waiting) : []),
    countResting: (most) => Math.min(most, rests.size),
    selectReserved: () =>
      [...new Set(promised().map(({ mint }) => mint))].map((mint) => ({ mint, amount: sumOf(mint) })),
    selectUnfunded: (ids, held) =>
      ids.filter((id) => {
        const mint = rests.get(id)?.waitsFor?.mintIn
        return held.some((each) => each.mint === mint && sumOf(each.mint, unitOf(id)) > each.amount)
      }),
    selectEntryHold: limits.holdOf,
    selectTrading: () => trading,
    setTrading(state, at, by) {
      trading = { state, version: (trading?.version ?? 0) + 1, changedAt: at, changedBy: by }
      return trading
    },
    ...watchers,
    ...processes,
    selectNow: storeNow,
    ping() {},
  }
  return { rows, tables, limits }
}

/** The watchers of the market, by a clock that stands for the store's. */
export function openMemoryWatchers(now: () => Millis): Pick<MemoryTables, 'reportWatcher' | 'deleteWatcher'> {
  const seenAt = new Map<string, Millis>()
  return {
    reportWatcher(id, withinMs) {
      seenAt.set(id, now())
      return [...seenAt].flatMap(([each, at]) => (each === id || at >= now() - withinMs ? [each] : []))
    },
    deleteWatcher: (id) => void seenAt.delete(id),
  }
}

function openMemoryProcesses(now: () => Millis): Pick<MemoryTables, 'reportProcess' | 'deleteProcess'> {
  const known = new Map<string, RunningProcess>()
  return {
    reportProcess(self, report, withinMs) {
      known.set(self.id, { ...self, ...report, seenAt: now() })
      return [...known.values()].filter(({ id, seenAt }) => id !== self.id && seenAt >= now() - withinMs)
    },
    deleteProcess: (id) => void known.delete(id),
  }
}

function fits({ spec, status, isResting }: Row, filter: OrderFilter): boolean {
  const { tokenIn, tokenOut, owner, type, clientOrderId } = spec
  if (owner !== filter.owner || (filter.status !== null && status !== filter.status)) return false
  if (filter.mint !== null && tokenIn.mint !== filter.mint && tokenOut.mint !== filter.mint) return false
  if (filter.type !== null && type !== filter.type) return false
  if (filter.isResting !== null && isResting !== filter.isResting) return false
  if (filter.parentId !== null && spec.parent?.orderId !== filter.parentId) return false
  return filter.clientOrderId === null || clientOrderId === filter.clientOrderId
}

/** The same tables as the store asks them: every answer is a promise. */
export const answering = (tables: MemoryTables): Statements =>
  Object.fromEntries(
    Object.entries(tables).map(([name, statement]) => [
      name,
      async (...args: readonly unknown[]) => (statement as (...args: readonly unknown[]) => unknown)(...args),
    ]),
  ) as unknown as Statements

function toldBy({ spec, events }: Row): ReportedFill {
  const [submitted, filled] = events.slice(-2).map(({ data }) => JSON.parse(data))
  const { signature, lastValidBlockHeight } = submitted
  return { orderId: spec.orderId, signature, lastValidBlockHeight, slot: filled.slot }
}
