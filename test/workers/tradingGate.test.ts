// While the trading switch cannot be read every swap is held, and yet no order is reported as halted.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createObserve } from '../../src/observe.ts'
import { createTradingGate } from '../../src/workers/tradingGate.ts'
import { manualClock } from '../support/manualClock.ts'
import { specOf } from '../support/orders.ts'

const unused = () => {
  throw new Error('not part of this test')
}

test.each([
  { state: 'active', mayTrade: true, gate: { isHeld: false, isHalted: false } },
  { state: 'active', mayTrade: false, gate: { isHeld: true, isHalted: false } },
  { state: 'halted', mayTrade: false, gate: { isHeld: true, isHalted: true } },
] as const)('$state, a swap may be signed: $mayTrade', ({ state, mayTrade, gate }) => {
  const { hold, isHalted } = createTradingGate({
    trading: {
      state: () => ({ state, changedAt: null, changedBy: null }),
      mayTrade: () => mayTrade,
      set: unused,
      onResume: () => unused,
    },
    queue: { ring: unused, work: unused, isAvailable: unused, ping: unused },
    observe: createObserve(pino({ level: 'silent' }), manualClock()),
  })
  const spec = specOf()
  expect({ isHeld: hold(spec), isHalted: isHalted(spec) }).toEqual(gate)
})
