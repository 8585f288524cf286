// Owns the schema of what may be changed of an order.

import Type from 'typebox'
import { closed, ExpiresAt, Price, SlippageBps } from './fieldSchemas.ts'
import { AmendGuards } from './guardSchemas.ts'

/** What may be changed of an order that has not been submitted; `state` alone pauses or resumes it. */
export const AmendRequest = Type.Object(
  {
    limitPrice: Type.Optional(Price('In the token that the order prices.')),
    trigger: Type.Optional(
      Type.Object(
        {
          price: Type.Optional(Price('The price at which it fires.')),
          trailingBps: Type.Optional(Type.Integer({ minimum: 1, maximum: 9_000 })),
          activationPrice: Type.Optional(Price('The price from which it follows.')),
        },
        closed,
      ),
    ),
    amountIn: Type.Optional(Price('A smaller amount of tokenIn.')),
    slippageBps: Type.Optional(SlippageBps),
    expiresAt: Type.Optional(ExpiresAt),
    guards: Type.Optional(AmendGuards),
    state: Type.Optional(Type.Enum(['paused', 'active'])),
  },
  closed,
)
export type AmendRequest = Type.Static<typeof AmendRequest>
