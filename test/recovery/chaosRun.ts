// Owns one chaos run: a world, a fault, the conclusion, and how long it took to get over it.
import { setTimeout as sleep } from 'node:timers/promises'
import { judge, type Verdict } from './checks.ts'
import { END_PATIENCE_MS } from './crashes.ts'
import { CLOSED, type Facts, factsOf, type OrderFact } from './facts.ts'
import { faultNamed, type Window } from './faults.ts'
import type { Plan } from './plan.ts'
import type { OwnPostgres } from './servers.ts'
import { openWorld, type WorldOptions } from './world.ts'

export type Report = Verdict & {
  readonly plan: Plan
  /** How many orders of each type have landed, by the ledger. */
  readonly traded: Readonly<Record<string, number>>
  /** Orders in flight at the faults. */
  readonly inFlight: number
  /** Of each fault: from its end until the first order in flight moved on, and until the last had ended. */
  readonly firstMovedMs: number
  readonly allEndedMs: number
  /** By how much orders in flight took longer than others, p95. */
  readonly extraP95Ms: number
}

const WARM_UP_ORDERS = 10
const WARM_UP_MS = 30_000
const COOL_DOWN_MS = 500
const HEAR_PATIENCE_MS = 10_000

/** Carries a plan out. Throws when it cannot be: what did not happen proves nothing. */
export async function run(
  plan: Plan,
  postgres: OwnPostgres | null,
  more: WorldOptions = {},
): Promise<Report> {
  const fault = faultNamed(plan.fault)
  const options = { ...fault.world?.(plan), ...more }
  const world = await openWorld(plan, postgres, options, (seat) => fault.settings?.(plan, seat) ?? {})
  try {
    const { load } = world
    if (plan.fault !== 'crash') {
      const deadline = Date.now() + WARM_UP_MS
      while (load.acknowledged.size < WARM_UP_ORDERS && Date.now() < deadline) await sleep(20)
      await sleep(plan.afterMs)
    }
    load.note(`${plan.fault} begins`)
    const windows = await fault.strike(world, plan)
    load.note(`${plan.fault} is over`)
    await sleep(COOL_DOWN_MS)
    await load.stop()
    const told = await factsOf(world.url(), END_PATIENCE_MS, true)
    await load.heard(HEAR_PATIENCE_MS)
    const { stored, exits } = await world.stored()
    if (exits.some((code) => code !== 0)) throw new Error(`SIGTERM ended processes with ${exits}`)
    const facts = { ...told, stored }
    return { plan, traded: tradedIn(facts), ...judge(load.history, facts), ...recovery(facts, windows) }
  } finally {
    await world.remove()
    fault.cleanUp?.()
  }
}

function tradedIn({ orders, swaps }: Facts): Record<string, number> {
  const landed = new Set(swaps.flatMap(({ orderId, error }) => (error === null ? orderId : [])))
  const traded: Record<string, number> = {}
  for (const { orderId, type } of orders) {
    if (landed.has(orderId)) traded[type] = (traded[type] ?? 0) + 1
  }
  return traded
}

/** Times of events are those of the engine's clock, which is this machine's unless the fault was to change it. */
function recovery({ orders }: Facts, windows: readonly Window[]) {
  // What rests is in no hurry.
  const lives = orders
    .filter(({ type, parentId }) => type === 'market' && parentId === undefined)
    .map(timesOf)
  const firstMoved: number[] = []
  const allEnded: number[] = []
  let inFlight = 0
  const delayed: number[] = []
  for (const { faultAt, healedAt } of windows) {
    const caught = lives.filter(({ from, to }) => from <= faultAt && to > faultAt)
    inFlight += caught.length
    delayed.push(...caught.map(({ from, to }) => to - from))
    const next = caught.flatMap(({ moves }) => moves.find((at) => at > healedAt) ?? [])
    if (next.length > 0) firstMoved.push(Math.min(...next) - healedAt)
    allEnded.push(...caught.map(({ to }) => Math.max(0, to - healedAt)))
  }
  const first = windows[0]?.faultAt ?? 0
  const usual = lives.filter(({ to }) => to <= first).map(({ from, to }) => to - from)
  return {
    inFlight,
    firstMovedMs: Math.max(0, ...firstMoved),
    allEndedMs: Math.max(0, ...allEnded),
    extraP95Ms: Math.max(0, quantile(delayed, 0.95) - quantile(usual, 0.5)),
  }
}

function timesOf(order: OrderFact) {
  const moves = order.events.map(({ at }) => Date.parse(at))
  const [from = 0] = moves
  return {
    from,
    moves,
    to: CLOSED.includes(order.status) ? (moves.at(-1) ?? from) : Number.POSITIVE_INFINITY,
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}
