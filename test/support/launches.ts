// Owns example evidence about a launched token: 100 A buy 400 B at slot 100, in a pool with nothing wrong.
import type { PoolOrigin } from '../../src/domain/ports/mints.ts'
import type { Evidence } from '../../src/domain/triggers/launch.ts'
import { tokenCalled } from './orders.ts'

export const originOf = (more: Partial<PoolOrigin> = {}): PoolOrigin => ({
  pool: 'pool',
  venue: 'raydium',
  creator: 'creator',
  firstSlot: 90,
  liquidityLamports: 200_000_000_000n,
  liquidityNowLamports: 200_000_000_000n,
  ...more,
})

export function evidenceOf(more: Partial<Evidence> = {}): Evidence {
  const token = tokenCalled('B')
  const { mint, decimals } = token
  return {
    slot: 100,
    token,
    mint: { mint, decimals, mintAuthority: null, freezeAuthority: null, extensions: [] },
    origins: [originOf()],
    amountOut: 400_000_000_000n,
    sales: [{ pool: 'pool', spent: 100_000_000n, outcome: { kind: 'swapped', amountOut: 99_000_000n } }],
    ...more,
  }
}
