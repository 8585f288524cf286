// Owns the schemas of the market: quotes, candles, pools, depth and the wallet.

import Type from 'typebox'
import { intervalNames } from '../../domain/candles.ts'
import { venueNames } from '../../domain/route.ts'
import { open, QuoteView, RouteView, Timestamp } from './eventSchemas.ts'
import { closed, described, TokenName } from './fieldSchemas.ts'

/** Up to as many venues as there are, separated by commas. */
const VENUE = `(${venueNames.join('|')})`
const VENUE_LIST = `^${VENUE}${`(,${VENUE})?`.repeat(venueNames.length - 1)}$`

/** Queries are text: numbers are checked by pattern and read in the route, nothing is coerced. */
export const QuoteQuery = Type.Object(
  {
    tokenIn: TokenName,
    tokenOut: TokenName,
    amountIn: Type.String({ minLength: 1, maxLength: 80 }),
    slippageBps: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
    venues: Type.Optional(Type.String({ pattern: VENUE_LIST })),
    maxPriceImpactBps: Type.Optional(Type.String({ pattern: '^([1-9]\\d{0,3}|10000)$' })),
    split: Type.Optional(Type.Enum(['true', 'false'])),
  },
  closed,
)
export type QuoteQuery = Type.Static<typeof QuoteQuery>

const RoutingFailure = Type.Object(
  { code: Type.String(), detail: Type.String() },
  { ...open, description: 'Why there is no route.' },
)

export const QuotesView = Type.Object(
  {
    tokenIn: Type.String(),
    tokenOut: Type.String(),
    amountIn: Type.String(),
    amountInBase: Type.String(),
    slippageBps: Type.Integer(),
    quotes: Type.Array(QuoteView),
    route: Type.Union([RouteView, Type.Null()]),
    minAmountOut: Type.Optional(Type.String()),
    minAmountOutBase: Type.Optional(Type.String()),
    failure: Type.Optional(RoutingFailure),
  },
  open,
)

export const CandlesQuery = Type.Object(
  {
    base: TokenName,
    quote: TokenName,
    interval: Type.Enum([...intervalNames]),
    limit: Type.Optional(
      Type.String({
        pattern: '^[1-9]\\d{0,3}$',
        description: 'The newest so many; all that are kept when absent.',
      }),
    ),
  },
  closed,
)
export const CandleStreamQuery = Type.Omit(CandlesQuery, ['limit'], closed)
export type CandleStreamQuery = Type.Static<typeof CandleStreamQuery>

const CandlePrice = Type.String(described('How much of quote one base is worth, as a decimal.'))

export const CandleView = Type.Object(
  { at: Timestamp, open: CandlePrice, high: CandlePrice, low: CandlePrice, close: CandlePrice },
  {
    description:
      'Of the executable mid: between what the first unit pays when it is sold and what it costs when it is bought, fees included.',
  },
)

export const CandlesView = Type.Object(
  {
    base: Type.String(),
    quote: Type.String(),
    interval: Type.Enum([...intervalNames]),
    candles: Type.Array(CandleView, described('The oldest first; flat while the price does not change.')),
  },
  {
    description:
      'Kept in the memory of the process that answers, since it started: 1s for the last hour, 1m for the last day. Another process has seen other moments.',
  },
)

/** A message of the stream of quotes. */
export const QuoteMessage = Type.Object(
  { ...QuotesView.properties, at: Timestamp, slot: Type.Integer() },
  open,
)

export const TokensView = Type.Object(
  {
    tokens: Type.Array(
      Type.Object({ symbol: Type.String(), mint: Type.String(), decimals: Type.Integer() }, open),
    ),
  },
  open,
)

const PoolView = Type.Object(
  {
    venue: Type.String(),
    pool: Type.String(described('Its address.')),
    program: Type.String(),
    tokenA: Type.String(),
    tokenB: Type.String(),
    reserveA: Type.String(),
    reserveABase: Type.String(),
    reserveB: Type.String(),
    reserveBBase: Type.String(),
    feeBps: Type.Number(),
    price: Type.String(described('Token B per token A, fee excluded.')),
  },
  open,
)

export const PoolsView = Type.Object(
  {
    pools: Type.Array(PoolView),
    unavailable: Type.Array(Type.String(), described('Venues that did not answer.')),
  },
  open,
)

/** Queries are text; points are bounded, since each is routed several times. */
export const DepthQuery = Type.Object(
  {
    tokenIn: TokenName,
    tokenOut: TokenName,
    maxAmountIn: Type.String({ minLength: 1, maxLength: 80, description: 'The largest amount.' }),
    points: Type.Optional(
      Type.String({
        pattern: '^([2-9]|[1-3]\\d|4[0-8])$',
        description: '2 to 48 amounts, in equal ratios from a thousandth of the largest on; 24 when absent.',
      }),
    ),
  },
  closed,
)
export type DepthQuery = Type.Static<typeof DepthQuery>

const amountIn = { amountIn: Type.String(), amountInBase: Type.String() }
const amountOut = { amountOut: Type.String(), amountOutBase: Type.String() }

const DepthPointView = Type.Object(
  {
    ...amountIn,
    venues: Type.Array(
      Type.Object({ venue: Type.Enum([...venueNames]), ...amountOut }, open),
      described('The best route within one venue; those that cannot place the amount are left out.'),
    ),
    route: Type.Union([Type.Object(amountOut, open), Type.Null()], {
      description: 'What an order would get over all venues; null where they cannot place the amount.',
    }),
  },
  open,
)

const CrossoverView = Type.Object(
  { ...amountIn, from: Type.Enum([...venueNames]), to: Type.Enum([...venueNames]) },
  { ...open, description: 'From this amount on, `to` pays more than `from`, which paid more below.' },
)

export const DepthView = Type.Object(
  {
    tokenIn: Type.String(),
    tokenOut: Type.String(),
    slot: Type.Integer(),
    at: Timestamp,
    points: Type.Array(DepthPointView, described('The smallest amount first.')),
    crossovers: Type.Array(CrossoverView, described('The first four at most.')),
  },
  { ...open, description: 'Of the pools as this process last saw them: no venue is asked.' },
)

export const WalletView = Type.Object(
  {
    address: Type.String(),
    balances: Type.Array(
      Type.Object(
        {
          token: Type.String(),
          mint: Type.String(),
          amount: Type.String(),
          amountBase: Type.String(),
          reserved: Type.String(described('What resting orders sell together; five seconds old at worst.')),
          reservedBase: Type.String(),
        },
        open,
      ),
      described('Of the tokens that it holds, or that are reserved.'),
    ),
  },
  open,
)
