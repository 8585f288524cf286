// Owns failures: why an attempt or an order failed, and whether a retry can help.

type FailureRule = {
  readonly outcome: 'retry' | 'final'
  /** Proven by the chain: only such a failure may take an order out of `submitted`. */
  readonly byChain: boolean
  readonly message: string
}

export const failureRules = {
  no_route: { outcome: 'final', byChain: false, message: 'No venue has a pool that trades this pair.' },
  amount_too_small: {
    outcome: 'final',
    byChain: false,
    message: 'The amount is too small to buy a single unit.',
  },
  insufficient_liquidity: {
    outcome: 'final',
    byChain: false,
    message: 'No pool holds enough liquidity for this amount.',
  },
  price_impact_too_high: {
    outcome: 'final',
    byChain: false,
    message: 'The amount would move the price further than the order allows.',
  },
  quotes_unavailable: { outcome: 'retry', byChain: false, message: 'No venue gave a usable quote in time.' },
  price_moved: {
    outcome: 'retry',
    byChain: false,
    message: 'The price moved before the swap was signed: it would have paid less than the minimum.',
  },
  chain_unavailable: {
    outcome: 'retry',
    byChain: false,
    message: 'The chain gave no recent blockhash to sign with.',
  },
  internal: {
    outcome: 'retry',
    byChain: false,
    message: 'The engine met an unexpected fault on this attempt.',
  },
  swap_expired: {
    outcome: 'retry',
    byChain: true,
    message: 'The swap never landed and its blockhash has expired, so it never can.',
  },
  slippage_exceeded: {
    outcome: 'retry',
    byChain: true,
    message: 'The pool moved: the output would have been below the minimum, so the chain reverted the swap.',
  },
  insufficient_funds: {
    outcome: 'final',
    byChain: true,
    message: 'The wallet does not hold enough of the input token.',
  },
  fee_budget_spent: {
    outcome: 'final',
    byChain: true,
    message: 'Failed attempts have cost as much in network fees as the order allows.',
  },
  guards_outdated: {
    outcome: 'retry',
    byChain: false,
    message: 'The guards passed too long before the signature: they are asked again.',
  },
  pool_too_old: {
    outcome: 'final',
    byChain: false,
    message: 'The first pool of the token is older than the order allows, so its guards can never pass.',
  },
  swap_reverted: { outcome: 'final', byChain: true, message: 'The program on the chain refused the swap.' },
} as const satisfies Record<string, FailureRule>

export type FailureCode = keyof typeof failureRules

export type Failure = {
  readonly code: FailureCode
  /** What happened in this case, for people; never a secret. */
  readonly detail: string
}

/** Lamports that a transaction has cost which landed and reverted. */
export const REVERT_LAMPORTS = 15_000n

/** Whether the attempt landed and reverted: the chain has charged for it. */
export const isCharged = ({ code }: Pick<Failure, 'code'>): boolean =>
  code === 'slippage_exceeded' || code === 'swap_reverted' || code === 'insufficient_funds'

export const isRetryable = (failure: Failure): boolean => failureRules[failure.code].outcome === 'retry'
export const isProvenByChain = (failure: Failure): boolean => failureRules[failure.code].byChain
