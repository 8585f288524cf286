// Owns the orders that clients of real engines place: market orders, or a mix of every type, by number and nothing else.

type Body = Readonly<Record<string, unknown>>

const PAIRS = [
  ['A', 'B'],
  ['SOL', 'USDC'],
  ['USDC', 'SOL'],
  ['BONK', 'SOL'],
] as const

/** More than any pool holds: an order that fails. */
const TOO_MUCH = '900000000'
const FAILING = 29

function terms(number: number) {
  const [tokenIn, tokenOut] = PAIRS[number % PAIRS.length] ?? PAIRS[0]
  return { tokenIn, tokenOut, amountIn: String(1 + (number % 50)), slippageBps: 100 }
}

export function marketOrder(number: number): Body {
  const amount = number % FAILING === FAILING - 1 ? { amountIn: TOO_MUCH } : {}
  return { type: 'market', ...terms(number), ...amount, acceptImpact: true }
}

/** Of a stop that the market has passed, and of a limit that it pays. */
const [HIGH, LOW] = ['1000000000', '0.000000001'] as const
const fires = { onImmediate: 'fire' } as const
const at = (price: string) => ({ trigger: { price } })
/** Fires a few slots after it starts to follow. */
const following = { trigger: { trailingBps: 1 } }

/** The address whose launches snipers of the mix wait for. */
const CREATOR = '9mVd8ZqvMGLN5M4sFGyC1Fy5AjK8vKcQq3vJ6mP2aTbE'
const EVERY_NTH_LAUNCHES = 24
const SCAMS = ['mint_authority', 'freeze_authority', 'transfer_fee', 'no_sell'] as const

/** Those that the market is to fire are beside others that rest until they are canceled, and families of both. */
const mix: readonly ((number: number) => Body)[] = [
  marketOrder,
  (number) => ({
    type: 'limit',
    ...terms(number),
    limitPrice: LOW,
    acceptOffMarket: true,
    acceptImpact: true,
  }),
  (number) => ({ type: 'stop', ...terms(number), ...at(HIGH), ...fires }),
  (number) => ({
    type: 'market',
    ...terms(number),
    acceptImpact: true,
    maxHoldMs: 1_500,
    exits: [
      { type: 'trailingStop', ...following, shareBps: 4_000 },
      { type: 'takeProfit', ...at(HIGH) },
    ],
  }),
  marketOrder,
  (number) => ({
    type: 'oco',
    ...terms(number),
    ...fires,
    legs: [
      { type: 'stop', ...at(HIGH) },
      { type: 'takeProfit', ...at(LOW) },
      { type: 'trailingStop', ...following, shareBps: 3_000 },
    ],
  }),
  (number) => ({ type: 'twap', ...terms(number), slices: 4, durationMs: 1_200, jitterBps: 2_000 }),
  (number) => ({
    type: 'sniper',
    tokenIn: 'SOL',
    creator: CREATOR,
    amountIn: '1',
    slippageBps: 1_000,
    clientOrderId: `sniper-${number}`,
    maxHoldMs: 1_000,
    exits: [{ type: 'stop', ...at(LOW) }],
  }),
  (number) => ({ type: 'trailingStop', ...terms(number), ...following }),
  (number) => ({ type: 'takeProfit', ...terms(number), ...at(HIGH) }),
  (number) => ({ type: 'limit', ...terms(number), limitPrice: HIGH }),
  (number) => ({
    type: 'limit',
    ...terms(number),
    limitPrice: LOW,
    timeInForce: 'IOC',
    acceptOffMarket: true,
    acceptImpact: true,
  }),
]

/** Order number `number` of the mix. */
export function mixedOrder(number: number): Body {
  if (number % FAILING === FAILING - 1) return marketOrder(number)
  return mix[number % mix.length]?.(number) ?? marketOrder(number)
}

/** The launch that comes with the order of that number; null for most. Every second one is a scam. */
export function launchWith(number: number): Body | null {
  if (number % EVERY_NTH_LAUNCHES !== EVERY_NTH_LAUNCHES / 2) return null
  const launch = Math.floor(number / EVERY_NTH_LAUNCHES)
  const faults = launch % 2 === 0 ? [] : [SCAMS[Math.floor(launch / 2) % SCAMS.length]]
  return { symbol: `LAUNCH${number}`, creator: CREATOR, liquidity: '500', venue: 'raydium', faults }
}
