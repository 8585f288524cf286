// Owns moving orders on: one step per status, each resumable after a crash at any line.

import type { BaseUnits } from '../domain/amount.ts'
import type { Failure } from '../domain/failure.ts'
import { endOf, isDormant, isOpen, isSpentIoc } from '../domain/lifecycle.ts'
import type { OpenOrder, OrderIn, Wait } from '../domain/order.ts'
import type { Venue } from '../domain/ports/market.ts'
import { type OrderLog, type OrderStore, StaleLog } from '../domain/ports/orders.ts'
import { StoreUnavailable } from '../domain/ports/sql.ts'
import { legMinOut, type Routing } from '../domain/routing/findRoute.ts'
import { isMintOpen, type OrderId, type OrderSpec } from '../domain/spec.ts'
import { freeFor, isSpent } from '../domain/triggers/legs.ts'
import { hasFired } from '../domain/triggers/memory.ts'
import { withToken } from '../domain/triggers/snipe.ts'
import { leastOutput, slippageOf, withinLimit } from '../domain/triggers/terms.ts'
import type { Trigger } from '../domain/triggers/trigger.ts'
import type { Market, Verdict } from '../domain/triggers/verdict.ts'
import { waitingOf } from '../domain/triggers/waiting.ts'
import type { Millis } from '../timing/clock.ts'
import { endAttempt, ringLater } from './attempts.ts'
import { type HoldDeps, holdBack } from './holds.ts'
import type { LandingDeps, LandingWatch } from './landingWatch.ts'
import type { Looks } from './looks.ts'
import { isPlanOrder, whenPlanPending } from './plans.ts'
import { isNews } from './rests.ts'
import type { RouteNow } from './router.ts'
import type { TradingGate } from './tradingGate.ts'

export type WorkerDeps = LandingDeps &
  HoldDeps & {
    readonly store: OrderStore
    readonly venues: readonly Venue[]
    readonly routeNow: RouteNow
    readonly landings: LandingWatch
    readonly trading: TradingGate
    readonly trigger: Trigger
    readonly looks: Looks
    /** How old a route may be when it is signed. */
    readonly quoteMaxAgeMs: number
  }

/** Whether the order can take its next step now; if not, a ring, a landing or nothing at all brings it back. */
type Then = 'continue' | 'yield'

/**
 * Moves one order on as far as it goes now. Safe to call for any order at any time, several times at once and in
 * several processes (optimistic concurrency): the log refuses what another writer has done first, and this call ends
 * quietly. Rejects only when the store cannot be reached; the order is then as the log says and can be processed again.
 * @public
 */
export async function processOrder(log: OrderLog, deps: WorkerDeps): Promise<void> {
  const { status, spec } = log.order
  // It may have started, or ended, in another process: what this one has seen for it counts no more.
  if (status !== 'pending') deps.looks.hold(spec, [])
  try {
    for (let { order } = log; isOpen(order); { order } = log) {
      if ((await step(order, log, deps)) === 'yield') return
    }
  } catch (error) {
    if (error instanceof StaleLog) return deps.observe.staleAppend(log.order.spec.orderId)
    if (error instanceof StoreUnavailable) throw error
    deps.observe.stepFailed(log.order.spec.orderId, error)
    await failAttempt(log, { code: 'internal', detail: 'see the engine log for this order' }, deps)
  }
}

function step(order: OpenOrder, log: OrderLog, deps: WorkerDeps): Then | Promise<Then> {
  switch (order.status) {
    case 'pending':
      return whenPending(order, log, deps)
    case 'routing':
      return whenRouting(order, log, deps)
    case 'building':
      return whenBuilding(order, log, deps)
    case 'submitted':
      deps.landings.watch(log, { sentAt: null })
      return 'yield'
  }
}

async function whenPending(order: OrderIn<'pending'>, log: OrderLog, deps: WorkerDeps): Promise<Then> {
  if (isPlanOrder(order)) return whenPlanPending(order, log, deps)
  if (isDormant(order.spec)) return 'yield'
  const group = await groupOf(order, deps)
  if (group !== null && 'endedBy' in group) {
    await log.append({ kind: 'canceled', by: group.endedBy })
    return 'yield'
  }
  // What is left for the leg, and so what its price is asked for.
  const free = { ...order, spec: { ...order.spec, amountIn: group?.free ?? order.spec.amountIn } }
  const market = group?.free === 0n ? null : await deps.looks.look(free)
  const aimed = { ...free, spec: aimedAt(free.spec, market) }
  const asked = market === null ? whileClaimed(order, deps.clock.now()) : deps.trigger(aimed, market)
  const { verdict, isUnfunded } = await holdBack(aimed, asked, deps)
  if (verdict.kind === 'rest') deps.looks.hold(aimed.spec, verdict.held, isUnfunded || verdict.isWatched)
  else deps.looks.hold(aimed.spec, [])
  switch (verdict.kind) {
    case 'fire':
      log.append({ kind: 'triggered', observations: verdict.observations, ...decidedIn(aimed.spec, order) })
      return 'continue'
    case 'rest':
      if (isNews(verdict, order)) {
        const { wakeAt, memory, guardReport } = verdict
        const waiting = waitingAt({ ...aimed, memory }, market, !isUnfunded, deps)
        const found = { ...(waiting && { waiting }), ...(guardReport && { guardReport }) }
        await log.append({ kind: 'rested', reason: null, wakeAt, memory, ...found })
      }
      return 'yield'
    case 'learn':
      log.append({ kind: 'amended', by: ENGINE, spec: verdict.spec, memory: order.memory })
      return 'continue'
    case 'fail':
      await log.append({ kind: 'failed', failure: verdict.failure })
      return 'yield'
    case 'expire':
      return expire(log, deps)
  }
}

/** An order for any token of a creator, as one for the token that it would buy now. */
const aimedAt = (spec: OrderSpec, market: Market | null): OrderSpec =>
  isMintOpen(spec) && spec.type === 'sniper' ? withToken(spec, market?.sight ?? null) : spec

/** What the trigger decides beside that it fires. */
const decidedIn = ({ amountIn, tokenOut }: OrderSpec, { spec }: OpenOrder) =>
  isMintOpen(spec) ? { amountIn, tokenOut } : { amountIn }

/** The author of an amendment that names a launched token. */
const ENGINE = 'engine'

type GroupNow = { readonly free: BaseUnits } | { readonly endedBy: 'group' | 'oco' }

/** What the leg may sell of its group's total now, or what has ended its group; null for an order outside of a group. */
async function groupOf({ spec }: OpenOrder, { store }: WorkerDeps): Promise<GroupNow | null> {
  if (spec.parent?.kind !== 'leg') return null
  const { orderId } = spec.parent
  const group = await store.group(orderId)
  if (!isSpent(spec.parent, group)) return { free: freeFor(spec, group) }
  // What a canceled OCO has not sold is given up: nothing of its total is left either.
  const whole = await store.load(orderId)
  return { endedBy: whole?.order.status === 'canceled' ? 'oco' : 'group' }
}

/** Null where no market was looked at. */
function waitingAt(
  order: OrderIn<'pending'>,
  market: Market | null,
  isFunded: boolean,
  { trading }: WorkerDeps,
): Wait | null {
  if (market === null || market.sight === null) return null
  const isHalted = trading.isHalted(order.spec)
  return waitingOf(order, market.sight, { now: market.now, isHalted, isClaimed: false, isFunded })
}

/** How long a leg that no price wakes waits for a claim to end before it looks again. */
const CLAIMED_LOOK_MS = 300_000

/**
 * The other legs have claimed all there is: rung for when they give some back, or are done. That ring may be lost: a leg that
 * waits for a price is looked at with the market all the same, one that waits for a time, or has fired, is not.
 */
function whileClaimed({ spec, memory, ...order }: OrderIn<'pending'>, now: Millis): Verdict {
  const end = endOf(spec) ?? Number.POSITIVE_INFINITY
  if (now >= end) return { kind: 'expire' }
  const isPriced = spec.type !== 'timeStop' && !hasFired(memory)
  const wakeAt = isPriced || order.isPaused ? end : Math.min(end, now + CLAIMED_LOOK_MS)
  return { kind: 'rest', wakeAt, memory, held: [] }
}

function isOver({ spec }: OpenOrder, { clock }: WorkerDeps): boolean {
  const end = endOf(spec)
  return end !== null && clock.now() >= end
}

/** By the clock of the store, which is the same for all processes: one whose own runs ahead ends no order early. */
async function expire(log: OrderLog, { store }: WorkerDeps): Promise<Then> {
  const end = endOf(log.order.spec)
  if (end !== null && !isSpentIoc(log.order) && (await store.now()) < end) return 'yield'
  await log.append({ kind: 'expired', totals: null })
  return 'yield'
}

async function whenRouting(order: OrderIn<'routing'>, log: OrderLog, deps: WorkerDeps): Promise<Then> {
  const now = deps.clock.now()
  const waitMs = (order.retryAt ?? 0) - now
  // If the clock was set back, the elapsed wait is unknown. Backoff is only politeness, so go on.
  const isSetBack = now < (order.enteredAt.routing ?? now)
  if (waitMs > 0 && !isSetBack) {
    await ringLater(order.spec.orderId, waitMs, deps)
    return 'yield'
  }
  if (isOver(order, deps)) return expire(log, deps)
  if (areGuardsOutdated(order, deps)) return askGuardsAnew(log, deps)
  const routing = await routeFor(order, deps)
  if (routing.kind === 'unroutable') {
    await endAttempt(log, routing.failure, deps)
    return 'yield'
  }
  log.append(routing)
  return 'continue'
}

/** The route of this attempt: with its slippage, and no worse than the order's limit. */
async function routeFor({ spec, attempt }: OpenOrder, deps: WorkerDeps): Promise<Routing> {
  const routing = await deps.routeNow({ ...spec, slippageBps: slippageOf(spec, attempt) })
  if (routing.kind === 'unroutable') return routing
  const route = withinLimit(routing.route, spec)
  if (route !== null) return { ...routing, route }
  const detail = `the best route pays ${routing.route.amountOut}, the limit asks for ${leastOutput(spec)}`
  return { kind: 'unroutable', answers: routing.answers, failure: { code: 'price_moved', detail } }
}

async function whenBuilding(order: OrderIn<'building'>, log: OrderLog, deps: WorkerDeps): Promise<Then> {
  const { spec, route } = order
  // A halt, a crash or a long queue may lie before this step: an order whose time is over is not signed.
  if (isOver(order, deps)) return expire(log, deps)
  if (spec.parent?.kind === 'slice' && (await hasPlanEnded(spec.parent.orderId, deps))) {
    await log.append({ kind: 'canceled', by: 'plan' })
    return 'yield'
  }
  if (deps.trading.hold(spec)) return 'yield'
  if (areGuardsOutdated(order, deps)) return askGuardsAnew(log, deps)
  // A crash or a long queue may lie between quote and signature: a price is not signed once it is old.
  if (deps.clock.now() - (order.enteredAt.building ?? 0) > deps.quoteMaxAgeMs)
    return refreshRoute(order, log, deps)
  const swaps = route.legs.map((leg) => venueOf(leg.venue, deps).swapInstruction(leg, legMinOut(route, leg)))
  const { tokenIn, tokenOut, amountIn, orderId } = spec
  const plan = { orderId, tokenIn, tokenOut, amountIn, minAmountOut: route.minAmountOut, swaps }
  const signed = await deps.chain.sign(plan).catch((error: unknown) => ({ error }))
  if ('error' in signed) {
    deps.observe.fault('chain', signed.error)
    await endAttempt(log, { code: 'chain_unavailable', detail: 'signing needs a recent blockhash' }, deps)
    return 'yield'
  }
  // A halt may have begun while we signed, or its time ended. A signature that is in no log can be dropped.
  if (isOver(order, deps)) return expire(log, deps)
  if (deps.trading.hold(spec)) return 'yield'
  // The signature must be durable before the bytes leave: after a crash we ask for it instead of buying again.
  await log.append({ kind: 'submitted', ...signed })
  deps.landings.watch(log, { sentAt: deps.clock.now() })
  // Whether sending worked says nothing about landing: the watch asks, and sends the same bytes again.
  deps.chain.send(signed.swap).catch((error) => deps.observe.fault('chain', error))
  return 'yield'
}

/** The log refuses to send a slice for which this look comes too early. */
async function hasPlanEnded(id: OrderId, { store }: WorkerDeps): Promise<boolean> {
  const plan = await store.load(id)
  return plan !== null && !isOpen(plan.order)
}

/** What guards have found is good for as long as a quote is: a crash, a halt or a long queue may lie in between. */
const areGuardsOutdated = ({ spec, enteredAt }: OpenOrder, { clock, quoteMaxAgeMs }: WorkerDeps): boolean =>
  spec.type === 'sniper' && clock.now() - (enteredAt.routing ?? 0) > quoteMaxAgeMs

async function askGuardsAnew(log: OrderLog, deps: WorkerDeps): Promise<Then> {
  const detail = `they passed more than ${deps.quoteMaxAgeMs} ms ago`
  await endAttempt(log, { code: 'guards_outdated', detail }, deps)
  return 'yield'
}

/** Quotes a stale route again; one that no longer pays the minimum ends the attempt. */
async function refreshRoute(order: OrderIn<'building'>, log: OrderLog, deps: WorkerDeps): Promise<Then> {
  const { minAmountOut } = order.route
  const routing = await routeFor(order, deps)
  if (routing.kind === 'unroutable') {
    await endAttempt(log, routing.failure, deps)
    return 'yield'
  }
  if (routing.route.amountOut < minAmountOut) {
    const detail = `the best route now pays ${routing.route.amountOut}, the minimum is ${minAmountOut}`
    await endAttempt(log, { code: 'price_moved', detail }, deps)
    return 'yield'
  }
  // The first minimum stays: a fresh quote must not lower it.
  const { route } = routing
  const kept = minAmountOut > route.minAmountOut ? { ...route, minAmountOut } : route
  log.append({ ...routing, route: kept })
  return 'continue'
}

function venueOf(name: string, { venues }: WorkerDeps) {
  const venue = venues.find((candidate) => candidate.name === name)
  if (venue === undefined) throw new Error(`no venue is called ${name}`)
  return venue
}

/** Ends an attempt after a throw. From `submitted` on nothing is concluded from a fault: only the chain decides. */
async function failAttempt(log: OrderLog, failure: Failure, deps: WorkerDeps): Promise<void> {
  if (log.order.status === 'submitted' || !isOpen(log.order)) return
  try {
    await endAttempt(log, failure, deps)
  } catch (error) {
    if (error instanceof StaleLog) deps.observe.staleAppend(log.order.spec.orderId)
    else throw error
  }
}
