// Owns the schemas of order requests: one closed object per order type, told apart by `type`.

import Type from 'typebox'
import { ADDRESS_PATTERN } from '../requests/addressField.ts'
import {
  ClientOrderId,
  closed,
  Decimal,
  described,
  ExpiresAt,
  OnImmediate,
  Price,
  PriceOf,
  SlippageBps,
  TokenName,
  Venues,
} from './fieldSchemas.ts'
import { Guards } from './guardSchemas.ts'

const asked = {
  tokenIn: TokenName,
  tokenOut: TokenName,
  amountIn: Type.Union(
    Decimal.anyOf,
    described('Amount of tokenIn in token units; a string keeps every digit.'),
  ),
  slippage: Type.Optional(Type.Union(Decimal.anyOf, described('Fraction: 0.01 is 1 %. At most 0.5.'))),
  slippageBps: Type.Optional(SlippageBps),
  venues: Type.Optional(Venues),
  maxPriceImpactBps: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000, description: 'How far the amount may move the price.' }),
  ),
  split: Type.Optional(Type.Boolean(described('false: all of it goes one way.'))),
  clientOrderId: Type.Optional(ClientOrderId),
}

const condition = {
  observations: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 20, description: 'In how many slots the price must be seen.' }),
  ),
  dwellMs: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 86_400_000, description: 'For how long it must be there.' }),
  ),
  maxAgeMs: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 600_000, description: 'An older price never fires.' }),
  ),
}
const source = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'executable (the default: what the whole amount would get), a venue, or a pool address.',
  }),
)

const waiting = {
  priceOf: Type.Optional(PriceOf),
  expiresAt: Type.Optional(ExpiresAt),
  onImmediate: Type.Optional(OnImmediate),
}

const exit = {
  ...waiting,
  limitPrice: Type.Optional(Price('The least that the swap may pay once it has fired.')),
  slippageLadderBps: Type.Optional(
    Type.Array(SlippageBps, {
      minItems: 1,
      maxItems: 10,
      description: 'The slippage of each attempt; the last one holds for all that follow.',
    }),
  ),
  feeBudget: Type.Optional(Price('What failed attempts may cost in network fees, in SOL.')),
}

const limit = {
  priceOf: Type.Optional(PriceOf),
  expiresAt: Type.Optional(ExpiresAt),
  limitPrice: Price('The least that the whole amount must pay, fees and price impact included.'),
  trigger: Type.Optional(Type.Object(condition, closed)),
}

/** Of orders that may trade at once; exits have to sell, whatever the impact. */
const acceptImpact = Type.Optional(
  Type.Boolean(described('Consent to an amount that itself worsens the price by 5 % or more.')),
)

const price = { price: Price('The price at which it fires.') }
const trailing = {
  trailingBps: Type.Integer({
    minimum: 1,
    maximum: 9_000,
    description: 'How far the price may fall from the best one since its activation.',
  }),
  activationPrice: Type.Optional(Price('The price from which it follows; from the start when absent.')),
}
const atPrice = { trigger: Type.Object({ ...price, source, ...condition }, closed) }
const following = { trigger: Type.Object({ ...trailing, source, ...condition }, closed) }

const StopRequest = Type.Object({ type: Type.Literal('stop'), ...asked, ...exit, ...atPrice }, closed)
const TakeProfitRequest = Type.Object(
  { type: Type.Literal('takeProfit'), ...asked, ...exit, ...atPrice },
  closed,
)
const TrailingStopRequest = Type.Object(
  { type: Type.Literal('trailingStop'), ...asked, ...exit, ...following },
  closed,
)

/** What a leg says itself; all else it has from its order. */
const leg = {
  slippageBps: Type.Optional(SlippageBps),
  shareBps: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'The part that it sells; what the other legs leave when absent.',
    }),
  ),
}
const { onImmediate: _, ...exitLeg } = exit

/** The schema of each type of leg. */
export const legRequests = {
  takeProfit: Type.Object({ type: Type.Literal('takeProfit'), ...exitLeg, ...leg, ...atPrice }, closed),
  stop: Type.Object({ type: Type.Literal('stop'), ...exitLeg, ...leg, ...atPrice }, closed),
  trailingStop: Type.Object({ type: Type.Literal('trailingStop'), ...exitLeg, ...leg, ...following }, closed),
  limit: Type.Object({ type: Type.Literal('limit'), ...limit, ...leg }, closed),
} as const

const LegRequest = Type.Union(
  [legRequests.takeProfit, legRequests.stop, legRequests.trailingStop, legRequests.limit],
  { discriminator: { propertyName: 'type' } },
)
export type LegRequest = Type.Static<typeof LegRequest>

const MAX_LEGS = 10
const entry = {
  exits: Type.Optional(
    Type.Array(LegRequest, {
      maxItems: MAX_LEGS,
      description:
        'Legs that sell what was bought, from its fill on; together no more than that. Their prices: how much of what was spent one unit of what was bought pays.',
    }),
  ),
  maxHoldMs: Type.Optional(
    Type.Integer({
      minimum: 1_000,
      maximum: 31_536_000_000,
      description: 'How long after its fill what the exits have left is sold at the market.',
    }),
  ),
}

const MarketRequest = Type.Object({ type: Type.Literal('market'), ...asked, ...entry, acceptImpact }, closed)

const LimitRequest = Type.Object(
  {
    type: Type.Literal('limit'),
    ...asked,
    ...limit,
    ...entry,
    onImmediate: Type.Optional(OnImmediate),
    timeInForce: Type.Optional(
      Type.Enum(
        ['GTC', 'GTT', 'IOC', 'FOK'],
        described('IOC and FOK: now or not at all. GTC and GTT: until expiresAt.'),
      ),
    ),
    acceptOffMarket: Type.Optional(
      Type.Boolean(described('Consent to a price more than 5 % worse than the market.')),
    ),
    acceptImpact,
  },
  closed,
)

const OcoRequest = Type.Object(
  {
    type: Type.Literal('oco'),
    ...asked,
    onImmediate: Type.Optional(OnImmediate),
    legs: Type.Array(LegRequest, {
      minItems: 2,
      maxItems: MAX_LEGS,
      description: 'At most one of them trades the amount, or each its share of it.',
    }),
  },
  closed,
)

const TwapRequest = Type.Object(
  {
    type: Type.Literal('twap'),
    ...asked,
    slices: Type.Integer({ minimum: 2, maximum: 1_000 }),
    durationMs: Type.Integer({
      minimum: 1_000,
      maximum: 31_536_000_000,
      description: 'From the first slice to the end of the last one.',
    }),
    startAt: Type.Optional(
      Type.String({ maxLength: 64, description: 'When it begins, as RFC 3339; at once when absent.' }),
    ),
    jitterBps: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description: 'How much later a slice may come by chance, in bps of the time between two.',
      }),
    ),
    priceOf: Type.Optional(PriceOf),
    limitPrice: Type.Optional(Price('No slice trades for less.')),
    minSlice: Type.Optional(Price('No slice is smaller, in units of tokenIn.')),
    catchUp: Type.Optional(
      Type.Enum(
        ['skip', 'spread'],
        described(
          'What becomes of slices that did not trade: spread over those to come, none more than three times as large (the default), or skipped.',
        ),
      ),
    ),
  },
  closed,
)

const SniperRequest = Type.Object(
  {
    type: Type.Literal('sniper'),
    ...asked,
    tokenOut: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Symbol of a known token, or a mint, which may not be launched yet.',
      }),
    ),
    creator: Type.Optional(
      Type.String({
        pattern: ADDRESS_PATTERN,
        description: 'Instead of tokenOut: the address whose first launch that passes the guards is bought.',
      }),
    ),
    ...entry,
    guards: Type.Optional(Guards),
    expiresAt: Type.Optional(ExpiresAt),
  },
  closed,
)
export type SniperRequest = Type.Static<typeof SniperRequest>

/** The schema of each order type. */
export const orderRequests = {
  market: MarketRequest,
  limit: LimitRequest,
  stop: StopRequest,
  takeProfit: TakeProfitRequest,
  trailingStop: TrailingStopRequest,
  sniper: SniperRequest,
  oco: OcoRequest,
  twap: TwapRequest,
} as const

const requests = orderRequests
export const OrderRequest = Type.Union(
  [
    requests.market,
    requests.limit,
    requests.stop,
    requests.takeProfit,
    requests.trailingStop,
    requests.sniper,
    requests.oco,
    requests.twap,
  ],
  { discriminator: { propertyName: 'type' } },
)
export type OrderRequest = Type.Static<typeof OrderRequest>
export type RestingRequest = Exclude<OrderRequest, { type: 'market' | 'sniper' | 'oco' | 'twap' }>
export type ExitRequest = Exclude<RestingRequest | LegRequest, { type: 'limit' }>
export type LimitRequest = Extract<RestingRequest | LegRequest, { type: 'limit' }>
export type TwapRequest = Type.Static<typeof TwapRequest>
