// The audit of exactly-once: which orders count as lost, as doubled, and as neither.
import { describe, expect, test } from 'vitest'
import { audited, nothingAudited } from '../../src/domain/audit.ts'
import type { OrderStatus } from '../../src/domain/order.ts'
import { newId } from '../support/orders.ts'

const SETTLED = 1_000

/** One order, closed when no fork could undo its fill any more, or later. */
function auditOf(status: OrderStatus, swaps: number, updatedAt = SETTLED - 1) {
  const id = newId()
  return audited(nothingAudited, [{ id, status, updatedAt }], new Map([[id, swaps]]), SETTLED)
}

const SOUND = { orders: 1, underWay: 0, lost: 0, doubled: 0 }

describe('the audit', () => {
  test.each([
    ['confirmed', 1, { confirmed: 1, swaps: 1 }],
    ['failed', 0, { confirmed: 0, swaps: 0 }],
    ['canceled', 0, {}],
    ['expired', 0, {}],
  ] as const)('finds a %s order with %i landed swaps sound', (status, swaps, more) => {
    expect(auditOf(status, swaps)).toMatchObject({ ...SOUND, ...more })
  })

  test.each([
    ['confirmed', 0],
    ['failed', 1],
    ['canceled', 1],
    ['expired', 1],
  ] as const)('finds a %s order with %i landed swaps lost', (status, swaps) => {
    expect(auditOf(status, swaps)).toMatchObject({ ...SOUND, lost: 1 })
  })

  test.each(['pending', 'routing', 'building', 'submitted'] as const)(
    'finds neither in an order that is %s, whether or not its swap has landed',
    (status) => {
      for (const swaps of [0, 1]) expect(auditOf(status, swaps)).toMatchObject({ ...SOUND, underWay: 1 })
    },
  )

  test('waits with a confirmed order whose fill a fork has undone', () => {
    expect(auditOf('confirmed', 0, SETTLED)).toMatchObject({ ...SOUND, underWay: 1, confirmed: 1 })
  })

  test.each(['submitted', 'confirmed', 'failed'] as const)(
    'finds two swaps of a %s order doubled',
    (status) => {
      expect(auditOf(status, 2)).toMatchObject({ doubled: 1, swaps: 2 })
    },
  )

  test('adds pages up', () => {
    const [first, second] = [newId(), newId()]
    const page = (id: typeof first) => [{ id, status: 'confirmed' as const, updatedAt: 0 }]
    const one = audited(nothingAudited, page(first), new Map([[first, 1]]), SETTLED)
    expect(audited(one, page(second), new Map(), SETTLED)).toEqual({
      orders: 2,
      underWay: 0,
      confirmed: 2,
      swaps: 1,
      lost: 1,
      doubled: 0,
    })
  })
})
