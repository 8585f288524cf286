// Owns guards: what an order asks of a token before it buys it at its launch, and their written form.

import { type BaseUnits, type Bps, bps, formatAmount, parseAmount } from './amount.ts'
import { SOL } from './token.ts'

/** What a token or its pool can be refused for. */
export const guardNames = [
  'mint_authority',
  'freeze_authority',
  'permanent_delegate',
  'transfer_hook',
  'transfer_fee',
  'unknown_extension',
  'pool_age',
  'sale',
  'liquidity',
  'price',
  'creator',
  'positions',
] as const
export type GuardName = (typeof guardNames)[number]

/** Guards that refuse unless an order says otherwise; naming one in `allow` consents to whatever it would refuse. */
export const consents = [
  'mint_authority',
  'freeze_authority',
  'permanent_delegate',
  'transfer_hook',
  'transfer_fee',
  'unknown_extension',
  'pool_age',
  'sale',
] as const satisfies readonly GuardName[]
export type Consent = (typeof consents)[number]

/** What is not known is refused, as if it were the worst. */
export type Guards = {
  /** SOL in each pool that is bought in, when it was opened and now; null: any. */
  readonly minLiquidityLamports: BaseUnits | null
  readonly maxTransferFeeBps: Bps
  /** How old the first pool of the token may be. */
  readonly minAgeSlots: number
  readonly maxAgeSlots: number
  /** Addresses that may have opened the pools that are bought in; null: any. */
  readonly allowCreators: readonly string[] | null
  readonly denyCreators: readonly string[]
  /** The least share of what is spent that a sale of what is bought must return, tried before the purchase. */
  readonly minSaleBps: Bps
  readonly allow: readonly Consent[]
}

export const guardDefaults = {
  maxTransferFeeBps: bps(0),
  minAgeSlots: 0,
  maxAgeSlots: 1_500,
  minSaleBps: bps(8_000),
  passes: 3,
} as const

/** Why a guard refuses; `detail` is its evidence, for people. */
export type Refusal = { readonly guard: GuardName; readonly detail: string }

/** What the guards have found at a slot; no refusals: all pass. */
export type GuardReport = { readonly slot: number; readonly refusals: readonly Refusal[] }

/** Guards with what an order keeps elsewhere: its limit, and how often its condition must be seen. */
export type AllGuards = {
  readonly guards: Guards
  readonly maxPrice: string | null
  readonly passes: number
}

/** Guards in the words of requests, views and the log. */
export function guardsData({ guards, maxPrice, passes }: AllGuards) {
  const { minLiquidityLamports, allowCreators, denyCreators, allow, ...bounds } = guards
  return {
    ...(minLiquidityLamports === null
      ? {}
      : { minLiquidity: formatAmount(minLiquidityLamports, SOL.decimals) }),
    ...(maxPrice === null ? {} : { maxPrice }),
    maxTransferFeeBps: bounds.maxTransferFeeBps as number,
    minAgeSlots: bounds.minAgeSlots,
    maxAgeSlots: bounds.maxAgeSlots,
    minSaleBps: bounds.minSaleBps as number,
    passes,
    ...(allowCreators === null ? {} : { allowCreators }),
    ...(denyCreators.length === 0 ? {} : { denyCreators }),
    ...(allow.length === 0 ? {} : { allow }),
  }
}

export type GuardsData = ReturnType<typeof guardsData>

/** The guards that `guardsData` wrote. */
export function decodeGuards(data: GuardsData): AllGuards {
  return {
    maxPrice: data.maxPrice ?? null,
    passes: data.passes,
    guards: {
      minLiquidityLamports: data.minLiquidity === undefined ? null : lamports(data.minLiquidity),
      maxTransferFeeBps: bps(data.maxTransferFeeBps),
      minAgeSlots: data.minAgeSlots,
      maxAgeSlots: data.maxAgeSlots,
      minSaleBps: bps(data.minSaleBps),
      allowCreators: data.allowCreators ?? null,
      denyCreators: data.denyCreators ?? [],
      allow: data.allow ?? [],
    },
  }
}

function lamports(text: string): BaseUnits {
  const read = parseAmount(text, SOL.decimals)
  if (typeof read !== 'bigint') throw new Error(`the log holds ${text}, which is no amount of SOL`)
  return read
}
