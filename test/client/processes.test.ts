// A client whose API process changes under it: another process of the same engine goes on where the first one was.
import { createClient } from 'oee-client'
import { expect, test } from 'vitest'
import { startDistributed } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

const RESTING = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '1', limitPrice: '60' } as const

describeDistributed('with two API processes', () => {
  test('watch goes on at the other one when the first is stopped, without a gap or a repeat', async () => {
    const engines = await startDistributed(['api', 'worker'])
    try {
      const [first] = engines.engines
      if (first === undefined) throw new Error('no engine')
      const second = await engines.add('api')
      let current = first.url
      // As behind a load balancer: one address, and the process behind it changes.
      const balanced: typeof fetch = (input, init) => fetch(String(input).replace(first.url, current), init)
      const oee = createClient({ url: first.url, fetch: balanced })
      const { orderId } = await oee.place(RESTING)
      const seqs: number[] = []
      for await (const { seq, kind } of oee.watch(orderId)) {
        seqs.push(seq)
        if (kind === 'accepted') {
          current = second.url
          await oee.amend(orderId, { limitPrice: '61' })
          await first.stop('the test changes processes')
          await oee.amend(orderId, { limitPrice: '62' })
          await oee.cancel(orderId)
        }
      }
      const { events } = await oee.order(orderId)
      expect(seqs).toEqual(events.map(({ seq }) => seq))
      expect(events.filter(({ kind }) => kind === 'amended')).toHaveLength(2)
    } finally {
      await engines.stop()
    }
  }, 120_000)
})
