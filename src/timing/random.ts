// Owns the shape of randomness, which everything else receives as an argument.

export interface Random {
  /** A number in [0, 1). */
  next(): number
  bytes(length: number): Uint8Array
}
