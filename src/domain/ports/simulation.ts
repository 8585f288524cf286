// Owns the port of a simulated world's ledger: what landed there, whatever the engine's own tables hold.

/** A transaction that landed, filled or reverted. Amounts are base units as text. */
export type LedgerEntry = {
  readonly signature: string
  readonly orderId: string
  readonly slot: number
  readonly at: number
  readonly mintIn: string
  readonly mintOut: string
  readonly amountIn: string
  readonly amountOut: string
  readonly networkFeeLamports: string
  readonly poolFees: readonly { readonly pool: string; readonly mint: string; readonly amount: string }[]
  readonly error: { readonly code: string; readonly detail: string } | null
}

export type NumberedEntry = { readonly number: number; readonly entry: LedgerEntry }

export interface Simulation {
  /** At most `limit` entries in the order they landed, of one order or of all (null), after entry number `after`. */
  swaps(orderId: string | null, after: number, limit: number): Promise<readonly NumberedEntry[]>
}
