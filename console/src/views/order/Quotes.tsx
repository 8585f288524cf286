// Owns the quotes compared: what each pool would have paid, and by how much less than the best.

import type { OrderEvent, Quote } from 'oee-client'
import type { JSX } from 'preact'
import { amount, bps, duration, shortId } from '../../format.ts'

export type Routed = Extract<OrderEvent, { kind: 'routed' }>

const MOST_BPS = 10_000

/** By how much less it pays than `best`, in bps of it; both in base units. */
function shortfall(out: string, best: bigint): number {
  if (best === 0n) return 0
  return Number(((best - BigInt(out)) * BigInt(MOST_BPS) * 100n) / best) / 100
}

export function Quotes({ routed, token }: { readonly routed: Routed; readonly token: string }): JSX.Element {
  const paid = routed.quotes.flatMap((quote) => ('amountOut' in quote ? [quote] : []))
  const refused = routed.quotes.flatMap((quote) => ('amountOut' in quote ? [] : [quote]))
  const sorted = paid.toSorted((one, other) =>
    BigInt(one.amountOutBase) < BigInt(other.amountOutBase) ? 1 : -1,
  )
  const best = BigInt(sorted[0]?.amountOutBase ?? '0')
  const worst = Math.max(1, ...sorted.map(({ amountOutBase }) => shortfall(amountOutBase, best)))
  const chosen = new Set(routed.route.legs.map(({ pool }) => pool))
  if (sorted.length === 0) {
    return (
      <>
        <p>No single pool trades this pair: the route goes through another token.</p>
        {refused.map(({ venue, error, detail }) => (
          <p key={`${venue} ${error}`} class="soft">
            {venue}: <span class="warn">{error}</span> {detail}
          </p>
        ))}
      </>
    )
  }
  return (
    <table class="quotes">
      <caption class="unseen">What each pool would have paid for the whole amount</caption>
      <thead>
        <tr>
          <th scope="col">pool</th>
          <th scope="col" class="number">
            pays {token}
          </th>
          <th scope="col">less than the best</th>
          <th scope="col" class="number quotes-wide">
            impact
          </th>
          <th scope="col" class="number quotes-wide">
            answered in
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((quote) => {
          const less = shortfall(quote.amountOutBase, best)
          return (
            <tr key={quote.pool} class={chosen.has(quote.pool) ? 'chosen' : ''}>
              <th scope="row" title={quote.pool}>
                {quote.program} <span class="mono soft">{shortId(quote.pool)}</span>
                {chosen.has(quote.pool) ? <span class="good"> in the route</span> : null}
              </th>
              <td class="number" title={quote.amountOut}>
                {amount(quote.amountOut, 6)}
              </td>
              <td>
                <Shortfall less={less} worst={worst} />
              </td>
              <td class="number quotes-wide">{bps(quote.priceImpactBps)}</td>
              <td class="number quotes-wide">{duration(quote.latencyMs)}</td>
            </tr>
          )
        })}
        {refused.map((quote) => (
          <Refused key={`${quote.venue} ${quote.error}`} quote={quote} />
        ))}
      </tbody>
    </table>
  )
}

function Shortfall({ less, worst }: { readonly less: number; readonly worst: number }): JSX.Element {
  return (
    <span class="shortfall">
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <path d={`M0 4H${Math.max(less === 0 ? 0 : 1, (less / worst) * 100)}`} />
      </svg>
      <span class={less === 0 ? 'good' : ''}>{less === 0 ? 'best' : bps(less)}</span>
    </span>
  )
}

function Refused({ quote }: { readonly quote: Exclude<Quote, { amountOut: string }> }): JSX.Element {
  return (
    <tr>
      <th scope="row">{quote.venue}</th>
      <td class="number soft">no quote</td>
      <td colSpan={3}>
        <span class="warn">{quote.error}</span> <span class="soft">{quote.detail}</span>
      </td>
    </tr>
  )
}
