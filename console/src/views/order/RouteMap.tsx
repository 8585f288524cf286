// Owns the route as it is drawn: tokens as posts, legs as lines between them, as thick as their share.

import type { RouteLeg } from 'oee-client'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { amount, bps, shortId } from '../../format.ts'
import { useWidth } from '../../parts/width.ts'
import type { Routed } from './Quotes.tsx'

const ROW = 52
const TOP = 26
const POST = 3
const MOST_PX = 14

type Drawn = { readonly leg: RouteLeg; readonly share: number }

export function RouteMap({ routed }: { readonly routed: Routed }): JSX.Element {
  const own = useRef<HTMLDivElement>(null)
  const width = useWidth(own)
  const { legs, comparison, reason } = routed.route
  const tokens = [legs[0]?.tokenIn ?? '', ...new Set(legs.map(({ tokenOut }) => tokenOut))]
  // The token that is bought stands last, whatever order the legs come in.
  const bought = legs.at(-1)?.tokenOut ?? ''
  const posts = [...tokens.filter((token) => token !== bought), bought]
  const drawn = legs.map((leg, place) => ({ leg, share: comparison?.shareBps[place] ?? shareOf(leg, legs) }))
  const rows = Math.max(...posts.map((token) => drawn.filter(({ leg }) => leg.tokenOut === token).length), 1)
  const height = TOP + rows * ROW
  const xOf = (token: string) =>
    posts.length < 2 ? 0 : (posts.indexOf(token) * (width - POST)) / (posts.length - 1)
  return (
    <div>
      <div ref={own} class="route">
        {width === 0 ? null : (
          <svg
            width={width}
            height={height}
            viewBox={`0 0 ${width} ${height}`}
            role="img"
            aria-label={inWords(drawn)}
          >
            {posts.map((token, place) => (
              <g key={token}>
                <rect class="route-post" x={xOf(token)} y={TOP - 8} width={POST} height={rows * ROW} />
                <text
                  x={xOf(token) + (place === posts.length - 1 ? POST : 0)}
                  y={TOP - 13}
                  text-anchor={anchorOf(place, posts.length)}
                >
                  {token}
                </text>
              </g>
            ))}
            {drawn.map((each, place) => (
              <Leg
                key={`${each.leg.pool} ${place}`}
                drawn={each}
                y={TOP + rowOf(drawn, place) * ROW + 14}
                from={xOf(each.leg.tokenIn) + POST}
                to={xOf(each.leg.tokenOut)}
              />
            ))}
          </svg>
        )}
      </div>
      <p class="soft route-reason">{reason}</p>
      {comparison === undefined ? null : (
        <p class="soft">
          {comparison.gainOverPoolBps === null
            ? ''
            : `${bps(comparison.gainOverPoolBps)} more than the best pool alone, `}
          {comparison.gainOverVenueBps === null
            ? ''
            : `${bps(comparison.gainOverVenueBps)} more than the best venue alone, `}
          price impact {bps(comparison.priceImpactBps)}.
        </p>
      )}
    </div>
  )
}

const anchorOf = (place: number, posts: number) =>
  place === 0 ? 'start' : place === posts - 1 ? 'end' : 'middle'

/** Its place among the legs between the same tokens. */
const rowOf = (drawn: readonly Drawn[], place: number) =>
  drawn.slice(0, place).filter(({ leg }) => leg.tokenOut === drawn[place]?.leg.tokenOut).length

/** Without a comparison: the part of what its token brings in. */
function shareOf(leg: RouteLeg, legs: readonly RouteLeg[]): number {
  const total = legs
    .filter(({ tokenIn }) => tokenIn === leg.tokenIn)
    .reduce((sum, { amountInBase }) => sum + BigInt(amountInBase), 0n)
  return total === 0n ? 0 : Number((BigInt(leg.amountInBase) * 10_000n) / total)
}

const sharePercent = (share: number) => `${amount(String(share / 100))} %`

type LegProps = { readonly drawn: Drawn; readonly y: number; readonly from: number; readonly to: number }

function Leg({ drawn: { leg, share }, y, from, to }: LegProps): JSX.Element {
  const room = to - from - 16
  const paid = `${amount(leg.amountOut, 6)} ${leg.tokenOut}`
  const amounts = [`${amount(leg.amountIn, 6)} ${leg.tokenIn} for ${paid}`, paid]
  const name = `${sharePercent(share)} ${leg.program}`
  return (
    <g class="route-leg">
      <path d={`M${from} ${y}H${to}`} stroke-width={Math.max(1.5, (share / 10_000) * MOST_PX)} />
      <text x={from + 8} y={y - 11}>
        {firstThatFits([name, leg.program, sharePercent(share)], room)}
      </text>
      <text class="route-amounts" x={from + 8} y={y + 21}>
        {firstThatFits(amounts, room)}
      </text>
      <title>{leg.pool}</title>
      <text class="route-pool" x={to - 8} y={y - 11} text-anchor="end">
        {room > 304 ? shortId(leg.pool) : ''}
      </text>
    </g>
  )
}

/** Px of a letter, more or less. */
const LETTER = 5.8
/** What is left out is in the words of the whole. */
const firstThatFits = (texts: readonly string[], room: number) =>
  texts.find((text) => text.length * LETTER <= room) ?? ''

const inWords = (drawn: readonly Drawn[]) =>
  drawn
    .map(
      ({ leg, share }) =>
        `${sharePercent(share)} through ${leg.program} ${leg.pool}: ${leg.amountIn} ${leg.tokenIn} for ${leg.amountOut} ${leg.tokenOut}`,
    )
    .join('; ')
