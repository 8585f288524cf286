// Owns the choice of the order type.

import type { JSX } from 'preact'
import { orderTypes, typeHints, typeLabels } from '../model/fields.ts'
import { typeOf, withType } from '../model/form.ts'
import type { Ticket } from './state.ts'

export function TypeChoice({ ticket }: { readonly ticket: Ticket }): JSX.Element {
  const current = typeOf(ticket.form.value)
  return (
    <fieldset class="ticket-types">
      <legend class="unseen">Order type</legend>
      {orderTypes.map((type) => (
        <label key={type} class={type === current ? 'ticket-type chosen' : 'ticket-type'}>
          <input
            type="radio"
            name="order-type"
            value={type}
            checked={type === current}
            onChange={() => ticket.edit(withType(ticket.form.peek(), type))}
          />
          {typeLabels[type]}
        </label>
      ))}
      <p class="soft ticket-type-hint">{typeHints[current]}.</p>
    </fieldset>
  )
}
