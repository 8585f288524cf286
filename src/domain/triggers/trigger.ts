// Owns triggers: when an order starts. An order type is a trigger and nothing else.

import type { Millis } from '../../timing/clock.ts'
import type { OrderIn, Resting } from '../order.ts'

/** What a trigger may look at. */
export type Market = { readonly now: Millis }

export type Verdict =
  | { readonly kind: 'fire' }
  /** Not yet. A `wakeAt` lies after the market's `now`. */
  | ({ readonly kind: 'rest' } & Resting)
  | { readonly kind: 'expire' }

/** Whether the order starts now, by what it asks for and what its trigger remembers. */
export type Trigger = (order: OrderIn<'pending'>, market: Market) => Verdict

/** A new order type is a new case here; everything after the trigger is one path. */
export const trigger: Trigger = ({ spec }) => {
  switch (spec.type) {
    case 'market':
      return { kind: 'fire' }
  }
}
