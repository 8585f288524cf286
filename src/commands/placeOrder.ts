// Owns placing an order: from a spec to an order that is durable and rung for, or to the reason why there is none.

import { type BaseUnits, baseUnits, MAX_BASE_UNITS } from '../domain/amount.ts'
import { waits } from '../domain/lifecycle.ts'
import type { Order } from '../domain/order.ts'
import type { Exceeded, NewOrder, OrderStore } from '../domain/ports/orders.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import { StoreUnavailable } from '../domain/ports/sql.ts'
import type { TradingSwitch } from '../domain/ports/trading.ts'
import { forbiddenTokens, type KeyQuotas, mostPerOrder, type Rate } from '../domain/quotas.ts'
import { mayTradeIn } from '../domain/roles.ts'
import type { RouteRequest } from '../domain/route.ts'
import {
  EXECUTABLE,
  type LimitSpec,
  type MarketSpec,
  type OrderId,
  type OrderSpec,
  type RestingSpec,
  SEEN_ONCE,
  type SniperSpec,
} from '../domain/spec.ts'
import type { Token } from '../domain/token.ts'
import {
  denialByImpact,
  denialByMarket,
  type MarketConsent,
  type MarketDenial,
  tradesAtOnce,
} from '../domain/triggers/atOnce.ts'
import { legsOf } from '../domain/triggers/legs.ts'
import { withToken } from '../domain/triggers/snipe.ts'
import { leastOutput } from '../domain/triggers/terms.ts'
import type { Sight, SightRequest } from '../domain/triggers/verdict.ts'
import type { Observe } from '../observe.ts'

export type OrderToPlace = {
  readonly spec: OrderSpec
  /** The same key and spec stand for the same order; null when a repeat is to be another order. */
  readonly idempotencyKey: string | null
  /** The quotas of the owner's key; null when nothing is limited. */
  readonly quotas: KeyQuotas | null
  /** What the client has said to a market that is not as the order assumes. */
  readonly consent: MarketConsent
}

/** A quota that the order breaks whatever other orders there are. */
export type QuotaBreach =
  | { readonly kind: 'token'; readonly field: 'tokenIn' | 'tokenOut' | 'creator'; readonly token: Token }
  /** `most` is in base units of the token sold. */
  | { readonly kind: 'notional'; readonly most: bigint; readonly token: Token }

export type Denial =
  | { readonly reason: 'quotas_broken'; readonly breaches: readonly QuotaBreach[] }
  | { readonly reason: 'trading_halted' | 'store_not_writable' | 'queue_unavailable' }
  | { readonly reason: 'too_many_resting_orders' }
  | ({ readonly reason: 'market' } & MarketDenial)

/** `rate`: where the key stands in its orders per minute; null when they are not limited. */
export type PlaceOutcome =
  | { readonly kind: 'placed' | 'replayed'; readonly order: Order; readonly rate: Rate | null }
  /** The key belongs to an order with another spec. */
  | {
      readonly kind: 'conflict'
      readonly key: 'idempotencyKey' | 'clientOrderId'
      readonly rate: Rate | null
    }
  /** A quota that depends on other orders: the same order may be placed later. */
  | (Exceeded & { readonly rate: Rate | null })
  /** No order exists, and nothing was written. */
  | { readonly kind: 'denied'; readonly denial: Denial }
  /** The store did not answer. The order may exist: a repeat under the same key finds out. */
  | { readonly kind: 'unknown' }

export type PlaceDeps = {
  readonly store: Pick<OrderStore, 'create' | 'findByKey' | 'resting'>
  /** What the order's source shows now. */
  readonly sightOf: (asked: SightRequest) => Promise<Sight>
  /** The order's price impact in bps where it needs consent; null where it is less, or no price is seen. */
  readonly heavyImpactOf: (trade: RouteRequest) => Promise<number | null>
  readonly maxRestingOrders: number
  readonly writability: { isWritable(): boolean }
  readonly queue: Pick<OrderQueue, 'ring' | 'isAvailable'>
  readonly trading: Pick<TradingSwitch, 'state'>
  readonly observe: Pick<Observe, 'fault'>
  /** Runs the write, or throws instead when the caller's admission control does not let it in. */
  admit<T>(write: () => Promise<T>): Promise<T>
}

export type PreviewDeps = Omit<PlaceDeps, 'admit' | 'observe'>

/** Places the order, or finds the one that the same key stands for. */
export async function placeOrder(wanted: OrderToPlace, deps: PlaceDeps): Promise<PlaceOutcome> {
  const { spec } = wanted
  const early = await outcomeWithoutWrite(wanted, deps)
  if (early !== null) return early
  const answer = await deps.admit(() => deps.store.create(newOrder(wanted))).catch(unlessUnavailable)
  if (answer === null) return { kind: 'unknown' }
  const { outcome, rate } = answer
  if (outcome.kind !== 'created') return { ...outcome, rate }
  ring(spec.orderId, deps)
  return { kind: 'placed', order: outcome.order, rate }
}

/**
 * What placing the order would come to, as far as that can be known without a write; null where it would be placed. What
 * the key's other orders use up is not counted.
 */
export const previewOrder = async (wanted: OrderToPlace, deps: PreviewDeps): Promise<PlaceOutcome | null> =>
  (await outcomeWithoutWrite(wanted, deps)) ?? repeated(newOrder(wanted), deps)

/** The order that this one repeats; null where it is none that was placed before. Rejects with StoreUnavailable. */
export async function findRepeat(
  wanted: OrderToPlace,
  { store }: Pick<PlaceDeps, 'store'>,
): Promise<Order | null> {
  const found = await store.findByKey(newOrder(wanted))
  return found?.kind === 'replayed' ? found.order : null
}

const newOrder = ({ spec, idempotencyKey, quotas }: OrderToPlace): NewOrder => ({
  spec,
  idempotencyKey,
  isLimited: quotas !== null,
})

async function outcomeWithoutWrite(wanted: OrderToPlace, deps: PreviewDeps): Promise<PlaceOutcome | null> {
  const { spec } = wanted
  const denial = denialOf(wanted, deps)
  if (denial !== null) return { kind: 'denied', denial }
  const byMarket = await denialNow(spec, wanted.consent, deps)
  if (byMarket === null) return null
  // A repeat stands for its order, whatever the market does by now.
  return (await repeated(newOrder(wanted), deps)) ?? { kind: 'denied', denial: byMarket }
}

/** Everything that can be known without a write, the order's own faults first. */
function denialOf(
  { spec, quotas }: OrderToPlace,
  { trading, writability, queue }: PreviewDeps,
): Denial | null {
  const breaches = quotas === null ? [] : breachesOf(spec, quotas)
  if (breaches.length > 0) return { reason: 'quotas_broken', breaches }
  if (!mayTradeIn(trading.state().state, spec)) return { reason: 'trading_halted' }
  if (!writability.isWritable()) return { reason: 'store_not_writable' }
  if (!queue.isAvailable()) return { reason: 'queue_unavailable' }
  return null
}

/** What the market as it is now denies the order for, and the orders that rest. */
async function denialNow(spec: OrderSpec, consent: MarketConsent, deps: PreviewDeps): Promise<Denial | null> {
  const sight = waits(spec) ? await deps.sightOf(spec) : null
  const denial = await denialOfFamily(spec, sight, consent, deps)
  if (denial !== null) return { reason: 'market', ...denial }
  if (!consent.acceptImpact && tradesAtOnce(spec, sight)) {
    const impactBps = await deps.heavyImpactOf(spec)
    if (impactBps !== null) return { reason: 'market', ...denialByImpact(impactBps) }
  }
  return spec.type === 'market' && spec.exits.length === 0 ? null : denialOfFull(deps)
}

async function denialOfFull({ store, maxRestingOrders }: PreviewDeps): Promise<Denial | null> {
  const isFull = (await store.resting.count(maxRestingOrders)) >= maxRestingOrders
  return isFull ? { reason: 'too_many_resting_orders' } : null
}

/** Of the order itself, then of its legs: a leg that makes no sense denies the whole. */
async function denialOfFamily(
  spec: OrderSpec,
  sight: Sight | null,
  consent: MarketConsent,
  { sightOf }: PreviewDeps,
): Promise<MarketDenial | null> {
  if (waits(spec) && sight !== null) {
    const denial = denialByMarket(spec, sight, consent)
    if (denial !== null) return denial
  }
  if (spec.type === 'oco') {
    return firstDenial('legs', legsOf(spec).filter(waits), consent, sightOf)
  }
  if (!('exits' in spec) || spec.exits.length === 0) return null
  // Of a token that is launched by now, the decimals are known by what is seen of it alone.
  const entry = spec.type === 'sniper' ? withToken(spec, sight) : spec
  const bought = await boughtBy(entry, sight, sightOf)
  if (bought === null) return null
  const exits = legsOf(entry)
    .filter(waits)
    .map((leg) => ({ ...leg, amountIn: bought }))
  // At the price of the entry, of which the market knows nothing yet; but from a source that there is.
  return firstDenial('exits', exits, consent, async (leg) => {
    const sight = leg.condition.source === EXECUTABLE ? null : await sightOf(leg)
    const isUnknown = sight?.kind === 'unseen' && sight.blocker === 'unknown_source'
    return isUnknown ? sight : atEntry(spec.amountIn)
  })
}

async function firstDenial(
  name: string,
  legs: readonly RestingSpec[],
  consent: MarketConsent,
  sightOf: (leg: RestingSpec) => Promise<Sight>,
): Promise<MarketDenial | null> {
  for (const [i, leg] of legs.entries()) {
    const denial = denialByMarket(leg, await sightOf(leg), consent)
    if (denial !== null) return { ...denial, field: `${name}.${i}.${denial.field}` }
  }
  return null
}

/**
 * What the entry would buy: at its limit, or at this market; null where nothing is seen, or where a limit asks for more than
 * there can be of a token. `sight`: of an order that waits.
 */
async function boughtBy(
  spec: MarketSpec | LimitSpec | SniperSpec,
  sight: Sight | null,
  sightOf: PreviewDeps['sightOf'],
): Promise<BaseUnits | null> {
  if (spec.type === 'limit') {
    const least = leastOutput(spec)
    return least > MAX_BASE_UNITS ? null : baseUnits(least)
  }
  const seen = spec.type === 'market' ? await sightOf({ ...spec, condition: SEEN_ONCE }) : sight
  return seen?.kind === 'seen' ? seen.observation.amountOut : null
}

const atEntry = (amountOut: BaseUnits): Sight => ({
  kind: 'seen',
  observation: { source: EXECUTABLE, slot: 0, at: 0, amountOut },
})

/** The order that this one would repeat, or a conflict with it; null where its keys are free. */
async function repeated(order: NewOrder, { store }: PreviewDeps): Promise<PlaceOutcome | null> {
  const found = await store.findByKey(order).catch(unlessUnavailable)
  return found === null ? null : { ...found, rate: null }
}

function breachesOf(spec: OrderSpec, quotas: KeyQuotas): readonly QuotaBreach[] {
  const forbidden = forbiddenTokens(spec, quotas).map((side) => ({ kind: 'token' as const, ...side }))
  const most = mostPerOrder(spec, quotas)
  if (most === null || spec.amountIn <= most) return forbidden
  return [...forbidden, { kind: 'notional', most, token: spec.tokenIn }]
}

function unlessUnavailable(error: unknown): null {
  if (error instanceof StoreUnavailable) return null
  throw error
}

/** Only once the order is durable. A ring that fails delays the order until the sweep, and is no reason to deny it. */
function ring(id: OrderId, { queue, observe }: PlaceDeps): void {
  queue.ring(id).catch((error) => observe.fault('queue', error))
}
