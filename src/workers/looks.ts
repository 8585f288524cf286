// Owns looking at the market for one order: what its source shows now, and which earlier observations still count.

import { isDeepStrictEqual } from 'node:util'
import { waits } from '../domain/lifecycle.ts'
import type { Observation, OrderIn } from '../domain/order.ts'
import type { MarketData, MarketView } from '../domain/ports/marketData.ts'
import type { Mints } from '../domain/ports/mints.ts'
import type { Route } from '../domain/route.ts'
import type { VenuePools } from '../domain/routing/believable.ts'
import { offerOf, type RoutingSettings, routeOver } from '../domain/routing/offer.ts'
import { EXECUTABLE, isMintOpen, type OrderId, type OrderSpec, type SniperSpec } from '../domain/spec.ts'
import { unlaunched } from '../domain/token.ts'
import { chosenOf, withToken } from '../domain/triggers/snipe.ts'
import type { Market, Sight, SightRequest } from '../domain/triggers/verdict.ts'
import type { Clock } from '../timing/clock.ts'
import { createEvidence, type EvidenceOf } from './evidence.ts'

export type LookDeps = {
  readonly marketData: MarketData
  readonly clock: Clock
  readonly routing: RoutingSettings
}

export type SightDeps = LookDeps & { readonly mints: Mints }

export type SightOf = (asked: SightRequest) => Promise<Sight>

export type Looks = {
  look(order: OrderIn<'pending'>): Promise<Market>
  /** Keeps observations for the next look; none forgets the order, unless `isKept`. */
  hold(spec: OrderSpec, observations: readonly Observation[], isKept?: boolean): void
  /** Orders that need another look at the next slot, whether or not a price changes. */
  holding(): readonly OrderId[]
}

/** What the source of an order shows for its whole amount now. Never rejects: a market that cannot be read shows nothing. */
export function createSight({ marketData, clock, routing, mints }: SightDeps): SightOf {
  const evidenceOf = createEvidence(mints)

  async function sightOfOne(spec: SightRequest): Promise<Sight> {
    const { tokenIn, tokenOut, condition } = spec
    const query = { mintIn: tokenIn.mint, mintOut: tokenOut.mint, through: routing.intermediates }
    const view = await marketData.view(query).catch(() => null)
    if (view === null) return unseen('no_price', 'the market cannot be read', true)
    const ageMs = clock.now() - view.at
    if (ageMs > condition.maxAgeMs) return unseen('stale_source', `the last slot was seen ${ageMs} ms ago`)
    const { sight, route } = priceIn(view, spec, routing)
    return 'guards' in spec ? sightOfLaunch(spec, view, { sight, route }, evidenceOf) : sight
  }

  async function sightOfCreator(spec: SniperSpec, creator: string): Promise<Sight> {
    const launched = await mints.launchesBy(creator, MOST_LAUNCHES).catch(() => null)
    if (launched === null) return unseen('no_price', UNREAD)
    const sights = await Promise.all(
      launched.map((mint) => sightOfOne({ ...spec, tokenOut: unlaunched(mint) })),
    )
    const chosen = chosenOf(spec, sights)
    if (chosen !== null) return chosen
    // What is launched and not seen yet is looked at again.
    const isUnread = sights.some(({ evidence }) => evidence === undefined)
    return isUnread
      ? unseen('no_price', UNREAD)
      : unseen('not_launched', 'the creator has launched no token that can still be bought')
  }

  return (spec) =>
    'creator' in spec && spec.creator !== null && isMintOpen(spec)
      ? sightOfCreator(spec, spec.creator)
      : sightOfOne(spec)
}

/** Of the launches of a creator, so many of the newest are looked at. */
const MOST_LAUNCHES = 10

/** What the pools of the source pay, and by which route. */
type Priced = { readonly sight: Sight; readonly route: Route | null }

function priceIn(view: MarketView, spec: SightRequest, routing: RoutingSettings): Priced {
  const { source } = spec.condition
  const offer = offerOf(spec, view.venues, routing)
  const venues = fromSource(offer.venues, source)
  if (venues.length === 0) {
    return { sight: unseen('unknown_source', 'no pool of this pair has that address'), route: null }
  }
  const routed = routeOver(spec, { ...offer, venues }, routing)
  if (routed.kind === 'unroutable') {
    const isStale = venues.some((each) => 'refusal' in each && each.refusal.code === 'quote_stale')
    return { sight: unseen(isStale ? 'stale_source' : 'no_price', routed.failure.detail), route: null }
  }
  const { route } = routed
  const observation = { source, slot: view.slot, at: view.at, amountOut: route.amountOut }
  return { sight: { kind: 'seen', observation }, route }
}

/** The same with what the guards look at; nothing is seen of a token whose pool or mint is not there. */
async function sightOfLaunch(
  spec: SniperSpec,
  { venues, slot }: MarketView,
  { sight, route }: Priced,
  evidenceOf: EvidenceOf,
): Promise<Sight> {
  const pools = venues.flatMap((each) => ('pools' in each ? each.pools : []))
  const token = pools
    .flatMap(({ tokenA, tokenB }) => [tokenA, tokenB])
    .find(({ mint }) => mint === spec.tokenOut.mint)
  if (token === undefined) {
    const isWhole = venues.every((each) => 'pools' in each)
    return isWhole ? unseen('not_launched', 'no pool trades the token yet') : unseen('no_price', UNREAD)
  }
  try {
    const evidence = await evidenceOf(spec, token, slot, route)
    return evidence === null ? unseen('no_price', UNREAD) : { ...sight, evidence }
  } catch {
    return unseen('no_price', UNREAD)
  }
}

const UNREAD = 'the token, or a venue that may trade it, cannot be read now'

const unseen = (
  blocker: Extract<Sight, { kind: 'unseen' }>['blocker'],
  detail: string,
  isUnread = false,
): Sight => ({
  kind: 'unseen',
  blocker,
  detail,
  ...(isUnread && { isUnread }),
})

/** The pools that a source stands for; `executable` stands for all. */
export function fromSource(venues: readonly VenuePools[], source: string): readonly VenuePools[] {
  if (source === EXECUTABLE) return venues
  return venues.flatMap((each): VenuePools[] => {
    if (each.venue === source || !('pools' in each)) return each.venue === source ? [each] : []
    const pools = each.pools.filter(({ pool }) => pool === source)
    return pools.length === 0 ? [] : [{ ...each, pools }]
  })
}

type Held = { readonly of: ReturnType<typeof seenFor>; readonly observations: readonly Observation[] }

/**
 * What observations are of. What another amount got is no price of this one, and what passed other guards has not passed these:
 * the order has been amended, or has another token of its creator in view.
 */
const seenFor = (spec: OrderSpec, sight: Sight | null) => {
  const { amountIn } = spec
  if (spec.type !== 'sniper') return { amountIn }
  const { guards, limitPrice } = spec
  return { amountIn, mint: withToken(spec, sight).tokenOut.mint, guards, limitPrice }
}

export function createLooks({ clock }: LookDeps, sightOf: SightOf): Looks {
  const held = new Map<OrderId, Held>()
  return {
    async look({ spec, isPaused }) {
      const sight = !waits(spec) || spec.type === 'timeStop' || isPaused ? null : await sightOf(spec)
      const before = held.get(spec.orderId)
      const counts = before !== undefined && isDeepStrictEqual(before.of, seenFor(spec, sight))
      return { now: clock.now(), sight, held: counts ? before.observations : [] }
    },
    hold(spec, observations, isKept = false) {
      if (observations.length === 0 && !isKept) held.delete(spec.orderId)
      else held.set(spec.orderId, { of: seenFor(spec, null), observations })
    },
    holding: () => [...held.keys()],
  }
}
