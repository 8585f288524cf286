// Owns the fields of the ticket: for each order type what it asks for, under the names that the engine uses.

export const orderTypes = [
  'market',
  'limit',
  'stop',
  'takeProfit',
  'trailingStop',
  'oco',
  'sniper',
  'twap',
] as const
export type TicketType = (typeof orderTypes)[number]

export const legTypes = ['takeProfit', 'stop', 'trailingStop', 'limit'] as const
export type LegType = (typeof legTypes)[number]

/** The two lists of legs that an order may have. */
export const legLists = ['legs', 'exits'] as const
export type LegList = (typeof legLists)[number]
export const MAX_LEGS = 10

/** How a field is written: the form holds `percent` in bps, `duration` in milliseconds, `time` as RFC 3339. */
export type Kind =
  | 'amount'
  | 'price'
  | 'percent'
  | 'percents'
  | 'integer'
  | 'duration'
  | 'time'
  | 'choice'
  | 'flag'
  | 'text'
  | 'words'

export type Field = {
  /** As in the request and in the engine's errors: `trigger.price`, `legs.0.shareBps`. */
  readonly name: string
  readonly label: string
  readonly kind: Kind
  readonly hint?: string
  readonly choices?: readonly (readonly [value: string, label: string])[]
  readonly isRequired?: true
  /** Terms that most orders leave as they are. */
  readonly isExtra?: true
}

type More = Omit<Field, 'name' | 'label' | 'kind'>
const field = (kind: Kind, name: string, label: string, more: More = {}): Field => ({
  name,
  label,
  kind,
  ...more,
})
const required = { isRequired: true } as const
const extra = (hint?: string) => ({ isExtra: true, ...(hint === undefined ? {} : { hint }) }) as const

const slippage = field('percent', 'slippageBps', 'Slippage')

const amount = [field('amount', 'amountIn', 'Amount', required), slippage]

const route = [
  field('choice', 'venues', 'Venues', {
    isExtra: true,
    choices: [
      ['', 'All'],
      ['raydium', 'Raydium only'],
      ['meteora', 'Meteora only'],
    ],
  }),
  field('percent', 'maxPriceImpactBps', 'Most price impact', extra('The order fails beyond it')),
  field('choice', 'split', 'Split', {
    isExtra: true,
    choices: [
      ['', 'Over as many pools as pay'],
      ['false', 'No: all of it one way'],
    ],
  }),
  field('text', 'clientOrderId', 'Your own id', extra('Up to 64 of A–Z a–z 0–9 _ . : -')),
]

const expiry = field('time', 'expiresAt', 'Expires', extra('30 days from now when empty'))
const onImmediate = field('choice', 'onImmediate', 'Price there already', {
  isExtra: true,
  choices: [
    ['', 'Trade at once'],
    ['reject', 'Deny the order'],
  ],
})

const condition = [
  field(
    'integer',
    'trigger.observations',
    'Slots in a row',
    extra('In how many slots the price must be seen'),
  ),
  field('duration', 'trigger.dwellMs', 'For how long', extra('How long the price must be there')),
  field(
    'duration',
    'trigger.maxAgeMs',
    'Oldest price',
    extra('An older price fires nothing; 5 s when empty'),
  ),
]
const source = field(
  'text',
  'trigger.source',
  'Source of the price',
  extra('executable, a venue, or a pool address'),
)

const triggerPrice = field('price', 'trigger.price', 'Trigger price', required)
const exitExtras = [
  field(
    'price',
    'limitPrice',
    'Limit once fired',
    extra('The least it may pay then; at the market when empty'),
  ),
  field('percents', 'slippageLadderBps', 'Slippage steps', extra('One per attempt, such as 3, 10, 20')),
  field('amount', 'feeBudget', 'Fee budget', extra('SOL for failed attempts; 0.05 when empty')),
  source,
  ...condition,
  expiry,
]

/** What a leg asks for, and an order of that type by itself. */
const terms: Readonly<Record<LegType, readonly Field[]>> = {
  limit: [field('price', 'limitPrice', 'Limit price', required), ...condition, expiry],
  stop: [triggerPrice, ...exitExtras],
  takeProfit: [triggerPrice, ...exitExtras],
  trailingStop: [
    field('percent', 'trigger.trailingBps', 'Trails by', {
      isRequired: true,
      hint: 'Below its best price',
    }),
    field('price', 'trigger.activationPrice', 'Follows from', { hint: 'From the start when empty' }),
    ...exitExtras,
  ],
}

const legFields = (type: LegType): readonly Field[] => [
  ...terms[type],
  field('percent', 'shareBps', 'Share', { hint: 'What the others leave when empty' }),
  { ...slippage, isExtra: true },
]

const slices = [
  field('integer', 'slices', 'Slices', required),
  field('duration', 'durationMs', 'Over', { isRequired: true, hint: 'Such as 10 min or 1 h 30 min' }),
  field('price', 'limitPrice', 'Limit price', { hint: 'No slice trades for less; at the market when empty' }),
  field('percent', 'jitterBps', 'Jitter', extra('How much later a slice may come, of the time between two')),
  field('amount', 'minSlice', 'Smallest slice', extra('In the token that is sold')),
  field('choice', 'catchUp', 'Missed slices', {
    isExtra: true,
    choices: [
      ['', 'Spread over those to come'],
      ['skip', 'Skipped'],
    ],
  }),
  field('time', 'startAt', 'Starts', extra('At once when empty')),
]

/** What the guards of a sniper refuse unless it is named. */
const guardConsents = [
  'mint_authority',
  'freeze_authority',
  'permanent_delegate',
  'transfer_hook',
  'transfer_fee',
  'unknown_extension',
  'pool_age',
  'sale',
] as const

const guards = [
  field('price', 'guards.maxPrice', 'Highest price', { hint: 'Any when empty' }),
  field('amount', 'guards.minLiquidity', 'Least liquidity', { hint: 'SOL in each pool; any when empty' }),
  field('integer', 'guards.passes', 'Passes', extra('Slots in a row in which all guards pass; 3 when empty')),
  field('integer', 'guards.minAgeSlots', 'Least age', extra('Slots since the first pool was opened')),
  field('integer', 'guards.maxAgeSlots', 'Greatest age', extra('In slots; 1500 when empty')),
  field('percent', 'guards.maxTransferFeeBps', 'Most transfer fee', extra('None when empty')),
  field(
    'percent',
    'guards.minSaleBps',
    'Least trial sale',
    extra('Share of the price that a sale must return'),
  ),
  field('words', 'guards.allow', 'Accepted risks', extra(`Any of ${guardConsents.join(', ')}`)),
  field('words', 'guards.allowCreators', 'Only creators', extra('Addresses')),
  field('words', 'guards.denyCreators', 'Not creators', extra('Addresses')),
  expiry,
]

const maxHold = field('duration', 'maxHoldMs', 'Longest hold', {
  isExtra: true,
  hint: 'Then what the exits have left is sold at the market',
})

const timeInForce = field('choice', 'timeInForce', 'In force', {
  choices: [
    ['', 'Until it expires'],
    ['IOC', 'Now or not at all'],
  ],
})

const own: Readonly<Record<TicketType, readonly Field[]>> = {
  market: [maxHold],
  limit: [...terms.limit, timeInForce, onImmediate, maxHold],
  stop: terms.stop,
  takeProfit: terms.takeProfit,
  trailingStop: terms.trailingStop,
  oco: [],
  sniper: [...guards, maxHold],
  twap: slices,
}

/** Without legs. */
export const orderFields = (type: TicketType): readonly Field[] => [...amount, ...own[type], ...route]

/** Of the leg at this place, under its full names. */
export const fieldsOfLeg = (list: LegList, place: number, type: LegType): readonly Field[] =>
  legFields(type).map((each) => ({ ...each, name: `${list}.${place}.${each.name}` }))

export const typeLabels: Readonly<Record<TicketType, string>> = {
  market: 'Market',
  limit: 'Limit',
  stop: 'Stop',
  takeProfit: 'Take profit',
  trailingStop: 'Trailing stop',
  oco: 'OCO',
  sniper: 'Sniper',
  twap: 'TWAP',
}

export const typeHints: Readonly<Record<TicketType, string>> = {
  market: 'Trades at once',
  limit: 'Trades once the whole amount pays the limit',
  stop: 'Sells once the price is worse',
  takeProfit: 'Sells once the price is better',
  trailingStop: 'Follows the best price and sells when it falls',
  oco: 'Several exits, one amount: one cancels the other',
  sniper: 'Buys a token at its launch if its guards pass',
  twap: 'Trades in slices over time',
}

/** The list of legs that an order of the type has, if it has one. */
export function legListOf(type: TicketType): LegList | null {
  if (type === 'oco') return 'legs'
  return type === 'market' || type === 'limit' || type === 'sniper' ? 'exits' : null
}
