// Owns a store in memory for the tests of commands: the real one, over the tables without SQL.
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables, soundTables } from '../support/memoryTables.ts'

export function openMemoryStore(quotas: KeyQuotas = {}) {
  const { tables } = openMemoryTables(soundTables, () => quotas)
  const options = { leaseMs: 4_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  return openOrderStore(answering(tables), noBroadcast, manualClock(), options)
}
