// Owns an amount with its token as in a ledger: the token first, the figures under each other by their points.

import type { JSX } from 'preact'
import { amount } from '../format.ts'

type Props = {
  readonly amount: string | null | undefined
  readonly token: string
  /** Places shown, up to 6; the whole amount is in the title. */
  readonly decimals?: number
}

export function TokenAmount({ amount: text, token, decimals = 6 }: Props): JSX.Element {
  const [whole, places] = amount(text, decimals).split('.')
  return (
    <span class="token-amount" title={text === null || text === undefined ? token : `${text} ${token}`}>
      <span class="token-amount-token">{token}</span>
      <span class="token-amount-whole">{whole}</span>
      <span>{places === undefined ? '' : `.${places}`}</span>
    </span>
  )
}

/** Above a column of amounts, over the figures. */
export function AmountHead({ name }: { readonly name: string }): JSX.Element {
  return (
    <span class="token-amount">
      <span />
      <span class="token-amount-whole">{name}</span>
    </span>
  )
}
