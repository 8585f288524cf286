// Owns tokens: what they are and how a request names one.

export type Token = {
  readonly symbol: string
  /** Base58 address of the mint. */
  readonly mint: string
  readonly decimals: number
}

/** Native SOL trades as this mint; wrapping and unwrapping happen inside the swap transaction. */
export const WRAPPED_SOL = 'So11111111111111111111111111111111111111112'

/** The tokens this engine knows; a request names one by symbol or by mint, to the byte. */
export class TokenList {
  readonly all: readonly Token[]
  readonly #byName = new Map<string, Token>()

  constructor(tokens: readonly Token[]) {
    this.all = tokens
    for (const token of tokens) {
      for (const name of [token.symbol, token.mint]) {
        if (this.#byName.has(name)) throw new Error(`two tokens are called ${name}`)
        this.#byName.set(name, token)
      }
    }
  }

  find(symbolOrMint: string): Token | undefined {
    return this.#byName.get(symbolOrMint)
  }
}
