// The invariants bite: an engine that breaks one rule is caught, by the rule that it breaks.
import { expect, test } from 'vitest'
import type { Landing } from '../../src/domain/ports.ts'
import { LEASE_MS } from './engine.ts'
import type { Violation } from './invariants.ts'
import { firstBrokenLife } from './lives.ts'
import { memoryDurable, type StoreRules } from './memoryStore.ts'
import type { Breakage } from './scenario.ts'

/** Rare breakages show in one life of dozens. */
const RUNS = 1_000
const sound: StoreRules = { leaseMs: LEASE_MS, versioned: true }

type Broken = {
  readonly name: string
  readonly caughtAs: Violation
  readonly breakage?: Breakage
  readonly rules?: StoreRules
}

const dead: Landing = { kind: 'dropped' }

const broken: readonly Broken[] = [
  {
    name: 'an append that does not ask what came before',
    caughtAs: 'landed twice',
    rules: { ...sound, versioned: false },
  },
  {
    name: 'sending before the signature is durable',
    caughtAs: 'sent before durable',
    breakage: sendsAsItSigns,
  },
  { name: 'sending before the signature is durable', caughtAs: 'landed twice', breakage: sendsAsItSigns },
  {
    name: 'rebuilding a swap of which nobody knows',
    caughtAs: 'landed twice',
    breakage: (ports) => ({
      ...ports,
      chain: {
        ...ports.chain,
        landings: async (watched) => {
          const landings = await ports.chain.landings(watched)
          return landings.map((landing) => (landing.kind === 'unknown' ? dead : landing))
        },
      },
    }),
  },
  {
    name: 'reading a node that does not answer as absence',
    caughtAs: 'landed twice',
    breakage: (ports) => ({
      ...ports,
      chain: {
        ...ports.chain,
        landings: (watched) => ports.chain.landings(watched).catch(() => watched.map(() => dead)),
      },
    }),
  },
  {
    name: 'an answer before the order is durable',
    caughtAs: 'acknowledged and lost',
    breakage: (ports) => ({
      ...ports,
      store: {
        ...ports.store,
        create: async (order) => {
          ports.store.create(order).catch(() => {})
          return { kind: 'created', order: { ...order, status: 'pending' } as never }
        },
      },
    }),
  },
  {
    name: 'a sweep that finds nothing',
    caughtAs: 'never ended',
    breakage: (ports) => ({ ...ports, store: { ...ports.store, overdue: async () => [] } }),
  },
  {
    name: 'a minimum that is not told to the chain',
    caughtAs: 'below the minimum',
    breakage: (ports) => ({
      ...ports,
      chain: { ...ports.chain, sign: (plan) => ports.chain.sign({ ...plan, minAmountOut: 0n }) },
    }),
  },
  {
    name: 'a fill that is not what the chain says',
    caughtAs: 'ledger disagrees',
    breakage: (ports) => ({
      ...ports,
      chain: {
        ...ports.chain,
        landings: async (watched) =>
          (await ports.chain.landings(watched)).map((landing) =>
            landing.kind === 'landed'
              ? { kind: 'landed', fill: { ...landing.fill, amountIn: landing.fill.amountOut } }
              : landing,
          ),
      },
    }),
  },
]

function sendsAsItSigns(ports: Parameters<Breakage>[0]): ReturnType<Breakage> {
  const sign: typeof ports.chain.sign = async (plan) => {
    const signed = await ports.chain.sign(plan)
    await ports.chain.send(signed.swap).catch(() => {})
    return signed
  }
  return { ...ports, chain: { ...ports.chain, sign } }
}

for (const { name, caughtAs, breakage, rules = sound } of broken) {
  test(`the invariants catch ${name}: ${caughtAs}`, async () => {
    const caught = await firstBrokenLife({
      runs: RUNS,
      openDurable: async () => memoryDurable(rules),
      counts: (violation) => violation.startsWith(caughtAs),
      ...(breakage && { breakage }),
    })
    expect(caught).toContain(caughtAs)
  })
}
