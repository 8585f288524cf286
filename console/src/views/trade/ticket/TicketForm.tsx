// Owns the ticket as a form.

import type { JSX } from 'preact'
import { Actions } from './Actions.tsx'
import { AmountField } from './AmountField.tsx'
import { Outcome } from './Outcome.tsx'
import { Progress } from './Progress.tsx'
import type { Ticket } from './state.ts'
import { Terms } from './Terms.tsx'
import { TypeChoice } from './TypeChoice.tsx'

type Props = {
  readonly ticket: Ticket
  /** The order that was placed last; null before the first. */
  readonly placed: string | null
  readonly onPlaced: (orderId: string) => void
}

export function TicketForm({ ticket, placed, onPlaced }: Props): JSX.Element {
  return (
    <section class="ticket" aria-labelledby="ticket">
      <h2 id="ticket" class="unseen">
        Ticket
      </h2>
      <TypeChoice ticket={ticket} />
      <AmountField ticket={ticket} />
      <Terms ticket={ticket} />
      <Outcome ticket={ticket} />
      <Actions ticket={ticket} onPlaced={onPlaced} />
      {placed === null ? null : <Progress key={placed} orderId={placed} />}
    </section>
  )
}
