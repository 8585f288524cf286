// Owns the quotes as the ticket compares them: every pool beside the best one, and what the route makes of them.

import type { PoolQuote, Quotes, Route, VenueName } from 'oee-client'
import { behindBps } from './decimal.ts'
import { type Market, shortToken } from './pair.ts'

export type PoolRow = {
  readonly venue: VenueName
  readonly pool: string
  readonly program: string
  readonly amountOut: string
  /** How much less it pays than the best single pool. */
  readonly behindBps: number
  readonly fee: string
  readonly feeToken: string
  readonly priceImpactBps: number
  /** Of the order; 0 for a pool that is not in the route. */
  readonly shareBps: number
  /** Why the route does without it; null for a pool that is in it. */
  readonly leftOut: string | null
}

export type Refusal = { readonly venue: VenueName; readonly detail: string }

export type Comparison = {
  /** The one that pays most first. */
  readonly pools: readonly PoolRow[]
  readonly refusals: readonly Refusal[]
}

const leftOutWords: Readonly<Record<string, string>> = {
  restricted: 'not allowed by the order',
  refused: 'its quote was refused',
  worse_price: 'at a worse price',
  not_worth_its_cost: 'not worth another leg',
  too_many_legs: 'one leg too many',
  no_split: 'only by a split',
}

function leftOutOf(pool: string, route: Route | null): string | null {
  if (route === null || route.legs.some((leg) => leg.pool === pool)) return null
  const why = Object.entries(route.comparison?.leftOut ?? {}).find(([, pools]) => pools.includes(pool))
  return why === undefined ? 'not in the route' : (leftOutWords[why[0]] ?? why[0])
}

function shareIn(pool: string, route: Route | null): number {
  const shares = route?.comparison?.shareBps ?? []
  return (route?.legs ?? []).reduce((sum, leg, i) => (leg.pool === pool ? sum + (shares[i] ?? 0) : sum), 0)
}

const isQuote = (quote: Quotes['quotes'][number]): quote is PoolQuote => 'amountOut' in quote

export function comparisonOf({ quotes, route }: Pick<Quotes, 'quotes' | 'route'>): Comparison {
  const quoted = quotes
    .filter(isQuote)
    .toSorted((a, b) => Number(BigInt(b.amountOutBase) - BigInt(a.amountOutBase)))
  const best = quoted[0]?.amountOutBase ?? '0'
  return {
    pools: quoted.map((quote) => ({
      venue: quote.venue,
      pool: quote.pool,
      program: quote.program,
      amountOut: quote.amountOut,
      behindBps: behindBps(quote.amountOutBase, best),
      fee: quote.fee,
      feeToken: quote.feeToken,
      priceImpactBps: quote.priceImpactBps,
      shareBps: shareIn(quote.pool, route),
      leftOut: leftOutOf(quote.pool, route),
    })),
    refusals: quotes.flatMap((quote) =>
      isQuote(quote) ? [] : [{ venue: quote.venue, detail: quote.detail }],
    ),
  }
}

export type LegRow = {
  readonly pool: string
  readonly program: string
  readonly tokenIn: string
  readonly tokenOut: string
  /** Of the order. */
  readonly shareBps: number
}

/** The legs of a route in their order: several share the amount, or follow one another over another token. */
export const legsOf = (route: Route): readonly LegRow[] =>
  route.legs.map(({ pool, program, tokenIn, tokenOut }, i) => ({
    pool,
    program,
    tokenIn,
    tokenOut,
    shareBps: route.comparison?.shareBps[i] ?? 0,
  }))

/** What the pools of the route take, by token; only of pools that trade the pair itself, whose fees the quotes name. */
export function feesOf({ pools }: Comparison): ReadonlyMap<string, number> {
  const fees = new Map<string, number>()
  for (const { fee, feeToken, shareBps } of pools) {
    if (shareBps === 0) continue
    fees.set(feeToken, (fees.get(feeToken) ?? 0) + (Number(fee) * shareBps) / 10_000)
  }
  return fees
}

/** As the engine has it: a warning from 1 % on, consent from 5 % on. */
export type ImpactLevel = 'low' | 'warning' | 'consent'
export function impactLevel(priceImpactBps: number): ImpactLevel {
  if (priceImpactBps >= 500) return 'consent'
  return priceImpactBps >= 100 ? 'warning' : 'low'
}

/** The price that a trade pays, as the market has it; null where nothing was traded. */
export function priceOfTrade(
  { base, quote }: Market,
  sold: { readonly token: string; readonly amount: string },
  bought: string,
): { readonly price: number; readonly unit: string } | null {
  const [amountIn, amountOut] = [Number(sold.amount), Number(bought)]
  if (!(amountIn > 0 && amountOut > 0)) return null
  const price = sold.token === base ? amountOut / amountIn : amountIn / amountOut
  return { price, unit: `${shortToken(quote)} per ${shortToken(base)}` }
}
