// Owns tokens: what they are and how a request names one.

export type Token = {
  readonly symbol: string
  /** Base58 address of the mint. */
  readonly mint: string
  readonly decimals: number
}

/** Native SOL trades as this mint; wrapping and unwrapping happen inside the swap transaction. */
export const WRAPPED_SOL = 'So11111111111111111111111111111111111111112'
export const SOL: Token = { symbol: 'SOL', mint: WRAPPED_SOL, decimals: 9 }

/** A token that has not been launched: its mint stands for its symbol, and its decimals are not known. */
export const unlaunched = (mint: string): Token => ({ symbol: mint, mint, decimals: 0 })
export const isUnlaunched = ({ symbol, mint, decimals }: Token): boolean => symbol === mint && decimals === 0

/** The tokens this engine knows; a request names one by symbol or by mint, to the byte. The list only grows. */
export class TokenList {
  readonly #all: Token[] = []
  readonly #byName = new Map<string, Token>()

  constructor(tokens: readonly Token[]) {
    for (const token of tokens) this.add(token)
  }

  get all(): readonly Token[] {
    return this.#all
  }

  find(symbolOrMint: string): Token | undefined {
    return this.#byName.get(symbolOrMint)
  }

  /** Throws when another token has this symbol or mint. */
  add(token: Token): void {
    const names = [token.symbol, token.mint]
    for (const name of names) if (this.#byName.has(name)) throw new Error(`two tokens are called ${name}`)
    for (const name of names) this.#byName.set(name, token)
    this.#all.push(token)
  }
}
