// The invariants bite: an engine that breaks one rule is caught, by the rule that it breaks.
import { expect, test } from 'vitest'
import { consents } from '../../src/domain/guards.ts'
import type { EventDraft, Order } from '../../src/domain/order.ts'
import type { Landing } from '../../src/domain/ports/chain.ts'
import { priceText } from '../../src/domain/price.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { soundTables, type TableRules } from '../support/memoryTables.ts'
import type { Ports } from './engine.ts'
import type { Violation } from './invariants.ts'
import type { Plan } from './plan.ts'
import type { Breakage } from './schedule.ts'
import { firstFailure } from './search.ts'

/** Rare breakages show in one schedule of hundreds. */
const RUNS = 5_000

type Broken = readonly [
  name: string,
  caughtAs: Violation,
  breakage: Breakage,
  /** The schedules in which it may show; all when absent. */
  about?: (plan: Plan) => boolean,
]

const isOfMarket = ({ asks, rests }: Plan) => !rests && asks.some(({ type }) => type === 'market')
const isPriced = ({ asks }: Plan) =>
  asks.some((ask) => 'endsAt' in ask && ask.type !== 'bracket' && ask.type !== 'sniper')
const isOfSnipers = ({ asks }: Plan) => asks.some(({ type }) => type === 'sniper')
const isOfFamilies = ({ asks }: Plan) => asks.some(({ type }) => ['oco', 'bracket', 'twap'].includes(type))

const dead: Landing = { kind: 'dropped' }

const withStore = (change: (store: Ports['store']) => Partial<Ports['store']>): Breakage => ({
  ports: (ports) => ({ ...ports, store: { ...ports.store, ...change(ports.store) } }),
})
const withChain = (change: (chain: Ports['chain']) => Partial<Ports['chain']>): Breakage => ({
  ports: (ports) => ({ ...ports, chain: { ...ports.chain, ...change(ports.chain) } }),
})

/** A log in which some appends are others than the engine asked for. */
const rewriting = (change: (draft: EventDraft, order: Order) => EventDraft): Breakage =>
  withStore((store) => ({
    open: async (ids) =>
      (await store.open(ids)).map((log) => ({
        get order() {
          return log.order
        },
        append: (draft) => log.append(change(draft, log.order)),
      })),
  }))

const sendsAsItSigns = withChain((chain) => ({
  sign: async (plan) => {
    const signed = await chain.sign(plan)
    await chain.send(signed.swap).catch(() => {})
    return signed
  },
}))

const sendingOnce = (chain: Ports['chain']): Partial<Ports['chain']> => {
  const sent = new Set<string>()
  return {
    async send(swap) {
      if (sent.has(swap.signature)) return
      sent.add(swap.signature)
      await chain.send(swap)
    },
  }
}

const broken: readonly Broken[] = [
  [
    'an append that does not ask what came before',
    'landed twice',
    { tables: { ...soundTables, versioned: false } },
  ],
  ['a batch that is written in part', 'gap in the log', { tables: { ...soundTables, whole: false } }],
  ['a projection that misses a write', 'replay differs', { tables: { ...soundTables, projected: false } }],
  ['a key that is not unique', 'two orders under one key', { tables: { ...soundTables, keyed: false } }],
  ['events dated by a clock that is behind', 'time goes back', { tables: { ...soundTables, timed: false } }],
  ['a fourth attempt', 'too many attempts', { settings: { maxAttempts: 4 } }, isOfMarket],
  ['a log that is tidied up', 'closed and changed', { tables: { ...soundTables, kept: false } }],
  [
    'a writer that goes on where another left off',
    'illegal history',
    { tables: { ...soundTables, versioned: false } },
  ],
  [
    'a step that throws',
    'defect reported',
    {
      ports: (ports) => ({
        ...ports,
        venues: ports.venues.map((venue) => ({
          ...venue,
          swapInstruction: () => {
            throw new Error('no such program')
          },
        })),
      }),
    },
  ],
  ['sending before the signature is durable', 'sent before durable', sendsAsItSigns],
  ['sending before the signature is durable', 'landed twice', sendsAsItSigns],
  [
    'rebuilding a swap of which nobody knows',
    'landed twice',
    withChain((chain) => ({
      landings: async (watched) =>
        (await chain.landings(watched)).map((landing) => (landing.kind === 'unknown' ? dead : landing)),
    })),
  ],
  [
    'reading a node that does not answer as absence',
    'landed twice',
    withChain((chain) => ({
      landings: (watched) => chain.landings(watched).catch(() => watched.map(() => dead)),
    })),
  ],
  [
    'rebuilding after a revert that a fork may undo',
    'landed twice',
    { chain: { revertsAreFinal: false } },
    isOfMarket,
  ],
  [
    'taking a fill for final as soon as it is seen',
    'rolled back in silence',
    withChain((chain) => ({
      finality: async (swaps) =>
        (await chain.finality(swaps)).map((answer, i) =>
          answer.kind === 'dropped' ? { kind: 'landed', slot: slotOf(swaps[i]), isFinal: true } : answer,
        ),
    })),
  ],
  [
    'reading a fill that is not seen as undone',
    'false alarm',
    withChain((chain) => ({
      finality: async (swaps) =>
        (await chain.finality(swaps)).map((answer) =>
          answer.kind === 'unknown' ? { kind: 'dropped' } : answer,
        ),
    })),
  ],
  [
    'an answer before the order is durable',
    'acknowledged and lost',
    withStore((store) => ({
      create: async (order) => {
        store.create(order).catch(() => {})
        return { outcome: { kind: 'created', order: { ...order, status: 'pending' } as never }, rate: null }
      },
    })),
  ],
  ['a sweep that finds nothing', 'never ended', withStore(() => ({ overdue: async () => [] }))],
  [
    'a resting order whose time does not wake it',
    'never ended',
    { tables: { ...soundTables, wakes: false } },
  ],
  [
    'a cancel that does not wait for its write',
    'canceled and not',
    withStore((store) => ({
      open: async (ids) =>
        (await store.open(ids)).map((log) => ({
          get order() {
            return log.order
          },
          append: (draft) => {
            const written = log.append(draft)
            return draft.kind === 'canceled' ? Promise.resolve() : written
          },
        })),
    })),
  ],
  [
    'a stream that loses an event',
    'heard something else',
    withStore((store) => ({
      follow: (wanted, onEvent, onEnd) =>
        store.follow(wanted, (event) => event.kind !== 'triggered' && onEvent(event), onEnd),
    })),
  ],
  [
    'a stream that tells an event twice',
    'heard something else',
    withStore((store) => ({
      follow: ({ after, ...wanted }, onEvent, onEnd) =>
        store.follow({ ...wanted, after: Math.max(0, after - 1) }, onEvent, onEnd),
    })),
  ],
  [
    'reads from a copy that lags',
    'reads go back',
    {
      ports: (ports, { name }) => {
        let copy: ReturnType<Ports['store']['load']> | null = null
        const load: Ports['store']['load'] = (id) => {
          copy ??= ports.store.load(id)
          return copy
        }
        return name.startsWith('process 1') ? { ...ports, store: { ...ports.store, load } } : ports
      },
    },
  ],
  [
    'a minimum that is not told to the chain',
    'below the minimum',
    withChain((chain) => ({ sign: (plan) => chain.sign({ ...plan, minAmountOut: 0n }) })),
  ],
  ['a worker that heeds no halt', 'submitted while halted', { settings: { heedsHalts: false } }],
  ['a quote of any age', 'signed an old quote', { settings: { quoteMaxAgeMs: Number.POSITIVE_INFINITY } }],
  ['sending a swap once and for all', 'not sent again', withChain(sendingOnce)],
  [
    'waiting for a fill that is not there',
    'undone and not sent again',
    withChain((chain) => ({
      finality: async (swaps) =>
        (await chain.finality(swaps)).map((answer, i) =>
          answer.kind === 'unknown' ? { kind: 'landed', slot: slotOf(swaps[i]), isFinal: false } : answer,
        ),
    })),
  ],
  ['limits that count nothing', 'beyond a limit', { tables: { ...soundTables, counts: 0 } }],
  ['limits that count twice', 'refused without need', { tables: { ...soundTables, counts: 2 } }],
  [
    'a refusal by another limit than the one that is reached',
    'refused otherwise',
    withStore((store) => ({
      create: async (order) => {
        const { outcome, rate } = await store.create(order)
        return { outcome: outcome.kind === 'exceeded' ? { ...outcome, limit: 'perDay' } : outcome, rate }
      },
    })),
  ],
  [
    'an order that is refused and made all the same',
    'refused otherwise',
    withStore((store) => ({
      create: async (order) => {
        const answer = await store.create(order)
        if (answer.outcome.kind === 'exceeded') await store.create({ ...order, isLimited: false })
        return answer
      },
    })),
  ],
  [
    'a fill that is not what the chain says',
    'ledger disagrees',
    withChain((chain) => ({
      landings: async (watched) =>
        (await chain.landings(watched)).map((landing) =>
          landing.kind === 'landed'
            ? { ...landing, fill: { ...landing.fill, amountIn: landing.fill.amountOut } }
            : landing,
        ),
    })),
  ],
  [
    'a market that is not watched',
    'missed',
    { ports: (ports) => ({ ...ports, marketData: { ...ports.marketData, onChange: () => () => {} } }) },
  ],
  [
    'a share of the market that is not taken over from the dead',
    'missed',
    {
      ports: (ports) => {
        const { watchers } = ports
        if (watchers === null) return ports
        let known: readonly string[] | null = null
        return {
          ...ports,
          watchers: {
            ...watchers,
            // What was once known stays: neither silence nor a store that is away changes it.
            async report() {
              const answer = watchers.report(Number.POSITIVE_INFINITY)
              const learnt = answer.then((ids) => {
                known = ids
                return ids
              })
              if (known === null) return learnt
              learnt.catch(() => {})
              return known
            },
          },
        }
      },
    },
    isPriced,
  ],
  [
    'an order that fires at any price',
    'fired without its price',
    {
      trigger: (order, market) =>
        order.spec.type !== 'market' && market.sight?.kind === 'seen'
          ? { kind: 'fire', observations: [market.sight.observation] }
          : trigger(order, market),
    },
  ],
  [
    'a stop that takes one slot for two',
    'fired without its price',
    {
      trigger(order, market) {
        const { sight } = market
        const isAnew = market.held.length === 0 && sight?.kind === 'seen'
        const before = isAnew ? [{ ...sight.observation, slot: sight.observation.slot - 1 }] : market.held
        const verdict = trigger(order, { ...market, held: before })
        if (verdict.kind !== 'fire' || !isAnew) return verdict
        return { ...verdict, observations: [sight.observation, sight.observation] }
      },
    },
  ],
  [
    'a watermark that follows the price down',
    'watermark moved back',
    {
      trigger(order, market) {
        const verdict = trigger(order, market)
        const { spec, memory } = order
        if (verdict.kind !== 'rest' || market.sight?.kind !== 'seen' || memory.watermark === undefined) {
          return verdict
        }
        const ratio = {
          numerator: market.sight.observation.amountOut as bigint,
          denominator: spec.amountIn as bigint,
        }
        return { ...verdict, memory: { ...memory, watermark: priceText(spec, 'tokenIn', ratio) } }
      },
    },
  ],
  [
    'a limit that is not told to the chain',
    'past its limit',
    withChain((chain) => ({ sign: (plan) => chain.sign({ ...plan, minAmountOut: 0n }) })),
  ],
  [
    'a process that ends orders by its own clock',
    'expired early',
    withStore(() => ({ now: async () => Number.POSITIVE_INFINITY })),
  ],
  [
    'an exit that is given up',
    'exit given up',
    rewriting((draft, { spec }) =>
      draft.kind === 'retried' && 'slippageLadderBps' in spec
        ? { kind: 'failed', failure: draft.failure }
        : draft,
    ),
  ],
  [
    'a sniper that consents to whatever its guards refuse',
    'bought against a guard',
    {
      trigger(order, market) {
        const { spec } = order
        if (spec.type !== 'sniper') return trigger(order, market)
        return trigger({ ...order, spec: { ...spec, guards: { ...spec.guards, allow: consents } } }, market)
      },
    },
    isOfSnipers,
  ],
  [
    'a chain that has every trial sale succeed',
    'bought against a guard',
    {
      ports: (ports) => ({
        ...ports,
        mints: {
          ...ports.mints,
          trySale: async (_mint, _pool, amountIn) => ({ kind: 'swapped', amountOut: amountIn }),
        },
      }),
    },
    isOfSnipers,
  ],
  [
    'launches that nothing rings for',
    'missed',
    {
      ports: (ports) => ({
        ...ports,
        marketData: {
          ...ports.marketData,
          onChange: (listener) =>
            ports.marketData.onChange(({ slot, pools }) =>
              listener({ slot, pools: pools.map(({ pool, mints }) => ({ pool, mints })) }),
            ),
        },
      }),
    },
    isOfSnipers,
  ],
  ...families().map(([name, caughtAs, breakage]): Broken => [name, caughtAs, breakage, isOfFamilies]),
]

/** Breakages of orders that have children. */
function families(): readonly Broken[] {
  const tables = (rules: Partial<TableRules>): Breakage => ({ tables: { ...soundTables, ...rules } })
  return [
    ['claims that nothing limits', 'group over-trades', tables({ claimed: false })],
    ['claims that nothing limits', 'two legs for one', tables({ claimed: false })],
    ['claims that are not given back', 'reads disagree', tables({ released: false })],
    ['legs that do not go on with their parent', 'leg not started', tables({ coupled: false })],
    ['legs that start with another amount', 'leg not started', tables({ sized: false })],
    [
      'slices that heed no cancel of their plan',
      'canceled and not',
      {
        ...tables({ planned: false }),
        // Workers look after the plan by its log.
        ...withStore((store) => ({
          load: async (id) => {
            const found = await store.load(id)
            return found?.order.spec.type === 'twap' ? null : found
          },
        })),
      },
    ],
    [
      'a leg that makes way for another before that has sold',
      'exit given up',
      withStore((store) => ({
        group: async (id) => {
          const { claimed } = await store.group(id)
          return { claimed, spent: claimed }
        },
      })),
    ],
    [
      'groups whose end is noticed by chance',
      'never ended',
      withStore(() => ({ leftovers: async () => [], onRelated: () => () => {} })),
    ],
    [
      'totals of what was not traded',
      'family left open',
      rewriting((draft) =>
        draft.kind === 'completed'
          ? { ...draft, totals: { ...draft.totals, amountOut: draft.totals.amountIn } }
          : draft,
      ),
    ],
    [
      'a plan that places a slice before it has decided',
      'slice twice',
      withStore((store) => ({
        open: async (ids) =>
          (await store.open(ids)).map((log) => ({
            get order() {
              return log.order
            },
            append: (draft) => {
              const written = log.append(draft)
              return draft.kind === 'rested' && draft.memory.slice !== undefined ? Promise.resolve() : written
            },
          })),
      })),
    ],
    [
      'slices that outlive their plan',
      'slice late',
      withStore((store) => ({
        create: (order) => {
          const { spec } = order
          const { parent } = spec
          if (parent?.kind !== 'slice') return store.create(order)
          return store.create({
            ...order,
            spec: { ...spec, parent: { ...parent, endsAt: null } },
          })
        },
      })),
    ],
    [
      'a plan by a clock that runs ahead',
      'slice twice',
      withStore((store) => ({ now: async () => (await store.now()) + 2_000 })),
    ],
  ]
}

const slotOf = (swap: object | undefined) => (swap !== undefined && 'slot' in swap ? Number(swap.slot) : 0)

for (const [name, caughtAs, breakage, about] of broken) {
  test(`the invariants catch ${name}: ${caughtAs}`, async () => {
    const caught = await firstFailure({
      seed: 1,
      runs: RUNS,
      setting: { breakage },
      about,
      counts: (violation) => violation.startsWith(caughtAs),
    })
    expect(caught?.broken.join()).toContain(caughtAs)
  }, 120_000)
}
