// Any interleaving of workers, crashes, pauses, cancels, lost rings, lagging nodes and failing writes must keep the rules.
import { expect, test } from 'vitest'
import { LEASE_MS } from './engine.ts'
import type { Outcome } from './invariants.ts'
import { firstBrokenLife } from './lives.ts'
import { memoryDurable } from './memoryStore.ts'

const RUNS = Number(process.env.INTERLEAVING_RUNS ?? 1_000)
const ENOUGH_RUNS = 500

test(`every order ends once and agrees with the ledger, in ${RUNS} random lives`, async () => {
  const openDurable = async () => memoryDurable({ leaseMs: LEASE_MS, versioned: true })
  const seen = new Set<string>()
  const witness = (outcome: Outcome) => {
    for (const what of happened(outcome)) seen.add(what)
  }
  expect(await firstBrokenLife({ runs: RUNS, openDurable, witness })).toBeNull()
  // Lives in which nothing happens would prove nothing.
  if (RUNS >= ENOUGH_RUNS) expect([...seen]).toEqual(expect.arrayContaining(eventful))
}, 600_000)

const eventful = [
  'confirmed',
  'failed',
  'canceled',
  'reverted on the chain',
  'expired and built again',
  'sent again',
  'sent and never landed',
  'durable, though nobody was told',
  'third attempt',
]

function happened({ stored, ledger, sent, acknowledged }: Outcome): string[] {
  const orders = [...stored.values()]
  const landed = new Set(ledger.map(({ signature }) => signature))
  const signatures = new Set(sent.map(({ signature }) => signature))
  const events = orders.flatMap((order) => order.events)
  const all: readonly (readonly [boolean, string])[] = [
    [ledger.some(({ isReverted }) => isReverted), 'reverted on the chain'],
    [
      events.some(({ kind, data }) => kind === 'retried' && data.includes('swap_expired')),
      'expired and built again',
    ],
    [signatures.size < sent.length, 'sent again'],
    [[...signatures].some((signature) => !landed.has(signature)), 'sent and never landed'],
    [stored.size > acknowledged.length, 'durable, though nobody was told'],
    [orders.some(({ projection }) => projection.attempt === 3), 'third attempt'],
  ]
  return [
    ...orders.map(({ projection }) => projection.status),
    ...all.flatMap(([is, name]) => (is ? [name] : [])),
  ]
}
