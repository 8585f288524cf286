// Owns the amount that the order sells.

import type { JSX } from 'preact'
import { orderFields } from '../model/fields.ts'
import type { Ticket } from './state.ts'
import { Fields } from './Terms.tsx'

/** They stand side by side above all others. */
const terms = orderFields('market').filter(({ name }) => name === 'amountIn' || name === 'slippageBps')

export function AmountField({ ticket }: { readonly ticket: Ticket }): JSX.Element {
  return (
    <div class="ticket-amount">
      <Fields ticket={ticket} terms={terms} />
    </div>
  )
}
