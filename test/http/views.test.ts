// Orders as clients read them: why a canceled one has ended.
import { expect, test } from 'vitest'
import type { Order } from '../../src/domain/order.ts'
import { orderView } from '../../src/http/views.ts'
import { limitOf, pendingOf } from '../support/restingSpecs.ts'

const canceledBy = (by: string, owner = 'local'): Order => {
  const pending = pendingOf(limitOf({ owner }))
  return { ...pending, status: 'canceled', by, reachedChain: false } as Order
}

test.each([
  ['group', 'group_filled'],
  ['oco', 'group_canceled'],
  ['parent', 'parent_not_filled'],
  ['plan', 'plan_canceled'],
  ['local', 'canceled'],
])('canceled by %s: %s', (by, endReason) => {
  expect(orderView(canceledBy(by))).toMatchObject({ status: 'canceled', endReason })
})

test.each(['group', 'oco', 'parent', 'plan', 'constructor'])(
  'an owner called %s cancels like any other',
  (owner) => {
    expect(orderView(canceledBy(owner, owner))).toMatchObject({ endReason: 'canceled' })
  },
)
