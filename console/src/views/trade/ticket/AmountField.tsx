// Owns the amount that the order sells, beside what the wallet holds of it.

import type { JSX } from 'preact'
import { amount } from '../../../format.ts'
import { shareOf } from '../model/decimal.ts'
import { orderFields } from '../model/fields.ts'
import { pairOf, withFields } from '../model/form.ts'
import { balanceOf } from '../wallet.ts'
import type { Ticket } from './state.ts'
import { Fields } from './Terms.tsx'

const SHARES = [2_500, 5_000, 7_500, 10_000] as const
/** They stand side by side above all others. */
const terms = orderFields('market').filter(({ name }) => name === 'amountIn' || name === 'slippageBps')

export function AmountField({ ticket }: { readonly ticket: Ticket }): JSX.Element {
  const { tokenIn } = pairOf(ticket.form.value)
  const balance = balanceOf(tokenIn)
  return (
    <div class="ticket-amount">
      <Fields ticket={ticket} terms={terms} />
      {balance === null ? null : (
        <div class="ticket-balance">
          <span class="soft">
            {amount(balance.free, 6)} {tokenIn} free
          </span>
          {SHARES.map((shareBps) => (
            <button
              key={shareBps}
              type="button"
              class="bare ticket-share"
              aria-label={`Sell ${shareBps / 100} % of what is free`}
              onClick={() => {
                const text = shareOf(balance.freeBase, shareBps, balance.decimals)
                ticket.edit(withFields(ticket.form.peek(), { amountIn: text }))
              }}
            >
              {shareBps / 100} %
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
