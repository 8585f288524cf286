// Owns triggers: when an order starts. An order type is a trigger and nothing else.

import type { Millis } from '../../timing/clock.ts'
import type { OrderSpec } from '../order.ts'

/** What a trigger may look at. */
export type Market = { readonly now: Millis }

export type Verdict =
  | { readonly kind: 'fire' }
  /** Not yet; look again at `until` at the latest. */
  | { readonly kind: 'wait'; readonly until: Millis }
  | { readonly kind: 'expire' }

/** Whether the order starts now. A new order type is a new case here; everything after the trigger is one path. */
export function trigger(spec: OrderSpec, _market: Market): Verdict {
  switch (spec.type) {
    case 'market':
      return { kind: 'fire' }
  }
}
