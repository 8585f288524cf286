// Any interleaving of workers, crashes, pauses, cancels, lost rings, lagging nodes and failing writes must keep the rules.
import { expect, test } from 'vitest'
import { LEASE_MS } from './engine.ts'
import { firstBrokenLife } from './lives.ts'
import { memoryDurable } from './memoryStore.ts'

const RUNS = Number(process.env.INTERLEAVING_RUNS ?? 1_000)

test(`every order ends once and agrees with the ledger, in ${RUNS} random lives`, async () => {
  const openDurable = async () => memoryDurable({ leaseMs: LEASE_MS, versioned: true })
  expect(await firstBrokenLife({ runs: RUNS, openDurable })).toBeNull()
}, 600_000)
