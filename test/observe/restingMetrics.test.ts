// What the metrics say of orders that wait: bounded labels, and exits that keep failing.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { encodeEvent } from '../../src/domain/eventCodec.ts'
import { evolve } from '../../src/domain/lifecycle.ts'
import type { EventDraft, Order } from '../../src/domain/order.ts'
import { createObserve } from '../../src/observe.ts'
import { manualClock } from '../support/manualClock.ts'
import { drafts, stopOf } from '../support/orders.ts'

const openObserve = () => createObserve(pino({ level: 'silent' }), manualClock())

test('fifty pairs have a label of their own, the longest first; the others share the longest of theirs', async () => {
  const observe = openObserve()
  observe.unevaluated(new Map([['gone', 1]]))
  observe.unevaluated(new Map(Array.from({ length: 60 }, (_, i) => [`pair ${i}`, i * 1_000])))
  const { values = [] } =
    (await observe.registry.getSingleMetric('oee_resting_unevaluated_seconds')?.get()) ?? {}
  expect(values).toHaveLength(51)
  expect(values[0]).toMatchObject({ labels: { pair: 'pair 59' }, value: 59 })
  expect(values.at(-1)).toMatchObject({ labels: { pair: 'others' }, value: 9 })
})

test('a stalled attempt of an exit is counted, any other retry is not', async () => {
  const observe = openObserve()
  const spec = stopOf()
  const at = Date.UTC(2026, 0, 1)
  const life: readonly EventDraft[] = [
    { kind: 'accepted', spec },
    drafts.triggered,
    drafts.retried,
    { ...drafts.retried, isStalled: true, failure: { code: 'price_moved', detail: '"stalled":true' } },
    { ...drafts.retried, failure: { code: 'price_moved', detail: '"stalled":true' } },
  ]
  let order: Order | null = null
  for (const [i, draft] of life.entries()) {
    const event = { ...draft, orderId: spec.orderId, seq: i + 1, attempt: 1, at }
    const before: Order | null = order
    order = evolve(before, event)
    observe.event(encodeEvent(before, event), order)
  }
  const { values = [] } = (await observe.registry.getSingleMetric('oee_stalled_exits_total')?.get()) ?? {}
  expect(values).toMatchObject([{ value: 1 }])
})
