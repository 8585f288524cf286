// Owns what the faults of a launched token do to its transfers, and so to swaps. The other faults show in the mint alone.

import type { SimulatedPool } from './market.ts'

/** What `transfer_fee` withholds of every transfer. */
export const TRANSFER_FEE_BPS = 500
/** Slots from the launch until a creator with the `freeze_authority` freezes the accounts of buyers. */
export const FREEZE_SLOTS = 25

const BPS_ONE = 10_000n

/** Why the token program reverts a swap of `mintIn` in this pool; null when it does not. */
export function transferRefusal({ launch }: SimulatedPool, mintIn: string, slot: bigint): string | null {
  if (launch === undefined) return null
  const { mint, faults } = launch
  if (faults.includes('no_sell') && mintIn === mint) return `the token ${mint} takes no transfer to its pool`
  const isFrozen = faults.includes('freeze_authority') && slot >= BigInt(launch.slot + FREEZE_SLOTS)
  return isFrozen ? `the token account of ${mint} is frozen` : null
}

/** What arrives of a transfer: the fee is rounded up, as Token-2022 does. */
export function received({ launch }: SimulatedPool, mint: string, amount: bigint): bigint {
  if (launch?.mint !== mint || !launch.faults.includes('transfer_fee')) return amount
  return amount - (amount * BigInt(TRANSFER_FEE_BPS) + BPS_ONE - 1n) / BPS_ONE
}
