// Raydium AMM v4 in particular: what its account may say, and how it takes its fee.

import { describe, expect, test } from 'vitest'
import type { SwapInput } from '../../src/dex/pools/pool.ts'
import { AMM_V4, changed, firstPool } from './poolFixtures.ts'

const LATER: SwapInput = { aToB: true, amountIn: 1_000_000n, slot: 0n, unixTimestamp: 1_800_000_000n }
const disabled = { kind: 'refused', reason: 'pool_disabled' }
const malformed = { kind: 'refused', reason: 'malformed_account' }
const unsupported = (about: string) => ({
  kind: 'refused',
  reason: 'unsupported_pool',
  detail: expect.stringContaining(about),
})

describe('a Raydium AMM v4 account', () => {
  const { address, decodeWith, pool } = firstPool('raydium-ammv4', AMM_V4)
  const withStatus = (status: number) => decodeWith(address, (data) => changed(data, 0, status))

  test.each([2, 3, 4, 5])('of status %i may not swap', (status) => {
    const decoded = withStatus(status)
    if (decoded.kind === 'refused') throw new Error(decoded.detail)
    expect(AMM_V4.quoteExactIn(decoded.pool, LATER)).toMatchObject(disabled)
  })

  test('that waits for its opening trades from that second on', () => {
    const waiting = decodeWith(address, (data) => changed(changed(data, 0, 7), 224, 0xe8, 3))
    if (waiting.kind === 'refused') throw new Error(waiting.detail)
    expect(AMM_V4.quoteExactIn(waiting.pool, { ...LATER, unixTimestamp: 999n })).toMatchObject(disabled)
    expect(AMM_V4.quoteExactIn(waiting.pool, { ...LATER, unixTimestamp: 1_000n }).kind).toBe('quoted')
  })

  test('whose reserves lie in an order book is refused by name', () => {
    expect(withStatus(1)).toMatchObject(unsupported('order book'))
  })

  test('with an impossible status, nonce or fee is malformed', () => {
    expect(withStatus(0)).toMatchObject(malformed)
    expect(withStatus(8)).toMatchObject(malformed)
    expect(decodeWith(address, (data) => changed(data, 8, 253))).toMatchObject(malformed)
    expect(decodeWith(address, (data) => changed(data, 184, 25, 0))).toMatchObject(malformed)
    expect(decodeWith(address, (data) => changed(data, 744, 1))).toMatchObject(unsupported('reserved'))
  })

  test('keeps what it owes out of its reserves', () => {
    const decoded = decodeWith(address, (data) => changed(changed(data, 192, 7), 200, 9))
    expect(decoded).toMatchObject({ pool: { reserveA: pool.reserveA - 7n, reserveB: pool.reserveB - 9n } })
  })

  test('takes its own fee, none of an amount whose fee is less than half a unit', () => {
    const even = { ...pool, reserveA: 10n ** 15n, reserveB: 10n ** 15n, feeNumerator: 30n }
    const feeOf = (amountIn: bigint) => AMM_V4.quoteExactIn(even, { ...LATER, amountIn })
    expect(feeOf(166n)).toMatchObject({ fee: 0n })
    expect(feeOf(167n)).toMatchObject({ fee: 1n })
    expect(feeOf(1_000_001n)).toMatchObject({ fee: 3_001n })
  })

  test('keeps the whole fee: a swap moves the reserves by what was paid and got', () => {
    const swap = AMM_V4.swap(pool, LATER)
    if (swap.kind === 'refused') throw new Error(swap.detail)
    expect(swap.pool).toEqual({
      ...pool,
      reserveA: pool.reserveA + LATER.amountIn,
      reserveB: pool.reserveB - swap.amountOut,
    })
  })

  // Why the property of splitting is not claimed for this program: the fee that stays makes the next part cheaper.
  test('may pay more for two swaps than for one', () => {
    const even = { ...pool, reserveA: 10n ** 12n, reserveB: 10n ** 15n }
    const part = AMM_V4.swap(even, { ...LATER, amountIn: 199n })
    if (part.kind === 'refused') throw new Error(part.detail)
    const rest = AMM_V4.quoteExactIn(part.pool, { ...LATER, amountIn: 199n })
    const whole = AMM_V4.quoteExactIn(even, { ...LATER, amountIn: 398n })
    if (rest.kind === 'refused' || whole.kind === 'refused') throw new Error('refused')
    expect(part.amountOut + rest.amountOut).toBeGreaterThan(whole.amountOut)
  })
})
