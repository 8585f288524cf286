// Owns the judgement of a launched token: the evidence that its guards look at, and what they refuse. What is not known is
// refused.

import { formatAmount } from '../amount.ts'
import type { Failure } from '../failure.ts'
import type { Consent, GuardName, Guards, Refusal } from '../guards.ts'
import type { MintExtension, MintInfo, PoolOrigin, TrialSwap } from '../ports/mints.ts'
import { paysAtLeast, priceText, ratioOf } from '../price.ts'
import type { SniperSpec } from '../spec.ts'
import { SOL, type Token } from '../token.ts'

/** A trial sale of what one swap of the purchase would buy. */
export type TrialSale = {
  readonly pool: string
  /** What the swap takes, in base units of the token that the sale returns. */
  readonly spent: bigint
  /** Null: it could not be tried. */
  readonly outcome: TrialSwap | null
}

/** What is known of a token, and of its purchase, at one slot. */
export type Evidence = {
  readonly slot: number
  readonly token: Token
  readonly mint: MintInfo
  /** Every pool whose opening is known. */
  readonly origins: readonly PoolOrigin[]
  /** What the whole amount would buy now; null: nothing. */
  readonly amountOut: bigint | null
  /** One for each pool that it would be bought in. */
  readonly sales: readonly TrialSale[]
}

/** Everything that the guards refuse, in a fixed order; the spec must name the token as the evidence does. */
export function refusalsOf(spec: SniperSpec, evidence: Evidence): readonly Refusal[] {
  const { guards } = spec
  const refusals = [
    ...ofMint(guards, evidence.mint),
    ...ofAge(guards, evidence),
    ...ofPools(guards, evidence),
    ...ofPrice(spec, evidence),
    ...ofSales(guards, evidence),
  ]
  const allowed: readonly GuardName[] = guards.allow
  return refusals.filter(({ guard }) => !allowed.includes(guard))
}

const refused = (guard: GuardName, detail: string): Refusal[] => [{ guard, detail }]

function ofMint(guards: Guards, { mintAuthority, freezeAuthority, extensions }: MintInfo): Refusal[] {
  return [
    ...(mintAuthority === null
      ? []
      : refused('mint_authority', `${mintAuthority} can create more of the token`)),
    ...(freezeAuthority === null
      ? []
      : refused('freeze_authority', `${freezeAuthority} can freeze any account of the token`)),
    ...extensions.flatMap((extension) => ofExtension(guards, extension)),
  ]
}

function ofExtension({ maxTransferFeeBps }: Guards, extension: MintExtension): Refusal[] {
  switch (extension.kind) {
    case 'transfer_fee': {
      const { feeBps } = extension
      const detail = `every transfer costs ${feeBps} bps, at most ${maxTransferFeeBps} are allowed`
      return feeBps <= maxTransferFeeBps ? [] : refused('transfer_fee', detail)
    }
    case 'permanent_delegate':
      return refused('permanent_delegate', `${extension.delegate} can take the tokens of any account`)
    case 'transfer_hook':
      return refused('transfer_hook', `the program ${extension.programId} can reject any transfer`)
    case 'unknown':
      return refused('unknown_extension', `extension type ${extension.extensionType} is not known here`)
  }
}

/** Slots since the first pool was opened; null where no opening is known. */
function ageOf({ slot, origins }: Evidence): number | null {
  if (origins.length === 0) return null
  return slot - Math.min(...origins.map(({ firstSlot }) => firstSlot))
}

function ofAge({ minAgeSlots, maxAgeSlots }: Guards, evidence: Evidence): Refusal[] {
  const age = ageOf(evidence)
  if (age === null) return refused('pool_age', 'when its first pool was opened is not known')
  if (age < minAgeSlots) return refused('pool_age', `its first pool is younger than ${minAgeSlots} slots`)
  return age <= maxAgeSlots ? [] : refused('pool_age', `its first pool is older than ${maxAgeSlots} slots`)
}

const mayBeAnyAge = ({ allow }: Guards): boolean => (allow as readonly Consent[]).includes('pool_age')

/** Whether the age of the token matters to the guards, and is not known. */
export const isOfUnknownAge = ({ guards }: SniperSpec, { origins }: Evidence): boolean =>
  !mayBeAnyAge(guards) && origins.length === 0

/** Whether looking on may come to an end by itself: the token becomes too old. */
export const isAgeBound = ({ guards }: SniperSpec, { origins }: Evidence): boolean =>
  !mayBeAnyAge(guards) && origins.length > 0

/** Why the guards can never pass any more; null while they can. */
export function tooLate({ guards }: SniperSpec, evidence: Evidence): Failure | null {
  const age = ageOf(evidence)
  if (mayBeAnyAge(guards) || age === null || age <= guards.maxAgeSlots) return null
  const { maxAgeSlots } = guards
  const detail = `the first pool of ${evidence.token.symbol} is ${age} slots old at slot ${evidence.slot}, at most ${maxAgeSlots} are allowed`
  return { code: 'pool_too_old', detail }
}

/** Of the pools that it would be bought in or, where there is none, of all that are known. */
function ofPools(guards: Guards, { origins, sales }: Evidence): Refusal[] {
  const bought = sales.length === 0 ? origins.map(({ pool }) => pool) : sales.map(({ pool }) => pool)
  return bought.flatMap((pool) => {
    const origin = origins.find((each) => each.pool === pool) ?? null
    return [...ofLiquidity(guards, pool, origin), ...ofCreator(guards, pool, origin)]
  })
}

function ofLiquidity(
  { minLiquidityLamports: least }: Guards,
  pool: string,
  origin: PoolOrigin | null,
): Refusal[] {
  if (least === null) return []
  if (origin === null) return refused('liquidity', `what the pool ${pool} held at first is not known`)
  const { liquidityLamports, liquidityNowLamports } = origin
  if (liquidityLamports >= least && liquidityNowLamports >= least) return []
  const [first, now, wanted] = [liquidityLamports, liquidityNowLamports, least].map(inSol)
  return refused(
    'liquidity',
    `the pool ${pool} held ${first} SOL at first and holds ${now} now, at least ${wanted} are asked for`,
  )
}

const inSol = (lamports: bigint) => formatAmount(lamports, SOL.decimals)

function ofCreator({ allowCreators, denyCreators }: Guards, pool: string, origin: PoolOrigin | null) {
  if (allowCreators === null && denyCreators.length === 0) return []
  if (origin === null) return refused('creator', `which address opened the pool ${pool} is not known`)
  const { creator } = origin
  const isListed = allowCreators?.includes(creator) ?? true
  if (isListed && !denyCreators.includes(creator)) return []
  const list = isListed ? 'which denyCreators holds' : 'which allowCreators does not hold'
  return refused('creator', `the pool ${pool} was opened by ${creator}, ${list}`)
}

function ofPrice(spec: SniperSpec, { token, amountOut }: Evidence): Refusal[] {
  const { limitPrice, tokenIn, amountIn } = spec
  if (limitPrice === null || amountOut === null) return []
  const pair = { tokenIn, tokenOut: token }
  if (paysAtLeast(ratioOf(limitPrice, 'tokenOut', pair), amountIn, amountOut)) return []
  const price = priceText(pair, 'tokenOut', { numerator: amountOut, denominator: amountIn })
  return refused(
    'price',
    `1 ${token.symbol} costs ${price} ${tokenIn.symbol}, at most ${limitPrice} is allowed`,
  )
}

function ofSales({ minSaleBps }: Guards, { amountOut, sales }: Evidence): Refusal[] {
  if (amountOut === null) return refused('sale', 'the amount buys nothing now, so no sale can be tried')
  return sales.flatMap(({ pool, spent, outcome }) => {
    if (outcome === null) return refused('sale', `a sale in the pool ${pool} could not be tried`)
    if (outcome.kind === 'reverted') {
      return refused('sale', `a sale in the pool ${pool} reverts: ${outcome.detail}`)
    }
    const returnedBps = Number((outcome.amountOut * 10_000n) / spent)
    if (returnedBps >= minSaleBps) return []
    return refused(
      'sale',
      `a sale in the pool ${pool} returns ${returnedBps} bps of what is spent, at least ${minSaleBps} are asked for`,
    )
  })
}
