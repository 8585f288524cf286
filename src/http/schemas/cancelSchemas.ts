// Owns the schemas of the bulk cancel.

import Type from 'typebox'
import { filterFields } from './apiSchemas.ts'
import { open, Timestamp, Uuid } from './eventSchemas.ts'
import { closed, described } from './fieldSchemas.ts'

export const CancelQuery = Type.Object(
  {
    ...filterFields,
    all: Type.Optional(Type.Enum(['true'], described('Every open order of the key; instead of a filter.'))),
    confirm: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_-]{1,400}$',
        description: 'The token of the answer to the same filter; cancels. Without it nothing is canceled.',
      }),
    ),
  },
  closed,
)
export type CancelQuery = Type.Static<typeof CancelQuery>

const CancelFilter = Type.Object({}, { ...open, description: 'The filter, as it was sent.' })

export const OrdersCanceled = Type.Union([
  Type.Object(
    {
      count: Type.Integer(described('Open orders that fit now.')),
      token: Type.String(described('Send it as confirm, with the same filter.')),
      filter: CancelFilter,
      expiresAt: Timestamp,
    },
    { ...closed, description: 'Without confirm: nothing was canceled.' },
  ),
  Type.Object(
    {
      canceled: Type.Integer(),
      tooLate: Type.Integer(
        described('Orders that are past canceling: their swap was submitted, or they ended otherwise.'),
      ),
      tooLateIds: Type.Array(Uuid),
      remaining: Type.Integer(
        described('Orders that fit and were not tried yet, beyond 10,000: the same token cancels them too.'),
      ),
      filter: CancelFilter,
    },
    { ...closed, description: 'With confirm.' },
  ),
])
