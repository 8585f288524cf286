// Owns an amount with its token: figures to the right, symbols in a column of their own.

import type { JSX } from 'preact'
import { amount } from '../format.ts'

type Props = {
  readonly amount: string | null | undefined
  readonly token: string
  /** Places shown; the whole amount is in the title. */
  readonly decimals?: number
}

export function TokenAmount({ amount: text, token, decimals = 6 }: Props): JSX.Element {
  return (
    <span class="token-amount" title={text === null || text === undefined ? token : `${text} ${token}`}>
      <span class="token-amount-figure">{amount(text, decimals)}</span>
      <span class="token-amount-token">{token.length > 8 ? `${token.slice(0, 4)}…` : token}</span>
    </span>
  )
}
