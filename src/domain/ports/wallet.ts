// Owns the port of the wallet from which all orders trade.

import type { OrderSpec } from '../spec.ts'

export interface Wallet {
  /** The account that owns it, in base58. */
  readonly address: string
  /** Base units of the token in the wallet, as this process last saw it. Rejects when it cannot be read. */
  holds(mint: string): Promise<bigint>
}

/** Whether the wallet holds what the order sells. One that cannot be read is no reason to hold anything back. */
export const isFunded = (
  { tokenIn, amountIn }: Pick<OrderSpec, 'tokenIn' | 'amountIn'>,
  wallet: Pick<Wallet, 'holds'>,
): Promise<boolean> =>
  wallet.holds(tokenIn.mint).then(
    (held) => held >= amountIn,
    () => true,
  )
