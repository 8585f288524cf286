// Owns one schedule from its first order to the end of the last: starts the engine's processes, lets the plan's incidents
// befall them, and waits for what must come of it.

import { isOpenStatus } from '../../src/domain/lifecycle.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import type { Trigger } from '../../src/domain/triggers/trigger.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createWatchers } from '../../src/store/marketWatchers.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { openTradingSwitch } from '../../src/store/tradingSwitch.ts'
import type { TableRules } from '../support/memoryTables.ts'
import { openActs } from './acts.ts'
import { openBell, openHints } from './bell.ts'
import { type ChainRules, openFakeChain } from './chain.ts'
import { openClients } from './clients.ts'
import {
  type Durable,
  type Effects,
  memoryDurable,
  type StatementFate,
  type StatementKind,
} from './durable.ts'
import { type EngineProcess, LEASE_MS, type Ports, type Settings, startProcess } from './engine.ts'
import { readFamilies } from './familyReads.ts'
import { isSettled, type Outcome } from './invariants.ts'
import { openLaunches } from './launches.ts'
import { openLimitsJudge } from './limits.ts'
import { fakeMarketData } from './marketData.ts'
import { nameOf, orderId } from './names.ts'
import { openOperator } from './operator.ts'
import { EVENTFUL_MS, fatesIn, type Incident, type Plan } from './plan.ts'
import { fakeVenue, type VenueTerms } from './venues.ts'
import { type Life, openWorld, START, startLife, type World } from './world.ts'

/** What no schedule may need: far beyond every lease, backoff and expiry. */
const LONGEST_MS = 600_000
/** How long nothing may change any more, and how long followers and fills may take to settle. */
const AFTERLIFE_MS = 6_000
const LONGEST_AFTERLIFE_MS = 60_000
const LOOK_MS = 1_000
const RESTART_MS = 500
/** How long what a dead process had sent off may still be on its way. */
const UNDER_WAY_MS = 4_500

/** What a broken engine does to its ports and rules; the real one leaves them as they are. */
export type Breakage = {
  readonly tables?: TableRules
  readonly chain?: ChainRules
  readonly settings?: Partial<Settings>
  readonly ports?: (ports: Ports, life: Life) => Ports
  readonly trigger?: Trigger
}

export type Setting = {
  /** Where orders are kept; in memory when absent. */
  readonly openDurable?: (world: World, effects: Effects, limits: KeyQuotas | null) => Promise<Durable>
  readonly quiet?: () => Promise<void>
  readonly breakage?: Breakage
  /** Given each line of the trace. */
  readonly trace?: (line: string) => void
}

/** Orders that wait: each looks three times, a while apart, before it starts. */
const patient: Trigger = ({ resting, memory }, { now }) => {
  const looks = Number(memory.looks ?? 0)
  if (resting?.wakeAt != null && now < resting.wakeAt) return { kind: 'rest', ...resting, memory, held: [] }
  if (looks === 3) return { kind: 'fire', observations: [] }
  const wakeAt = now + 300 + 400 * looks
  return { kind: 'rest', wakeAt, memory: { looks: String(looks + 1) }, held: [] }
}

const terms: readonly VenueTerms[] = [
  { name: 'raydium', shortBps: 10n },
  { name: 'meteora', shortBps: 30n },
]

const keyOf = (order: number) => `order ${order}`

export async function runSchedule(plan: Plan, setting: Setting = {}): Promise<Outcome> {
  const { breakage = {} } = setting
  const world = openWorld(plan.seed, setting.quiet ?? null, setting.trace ?? null)
  const { acts, watch, switched, committed } = openActs(world)
  const { limited, inserted } = openLimitsJudge(plan.limits ?? {}, () => durable.read())
  const effects = { inserted, switched, committed }
  const durable: Durable = setting.openDurable
    ? await setting.openDurable(world, effects, plan.limits)
    : memoryDurable(world.clock, effects, plan.limits, breakage.tables)
  const fateOf = fatesIn(plan)
  const chain = openFakeChain(world, fateOf, durable.holds, breakage.chain)
  const launches = openLaunches(world, chain)
  let ids = 0
  const everything = () => [
    ...Array.from({ length: ids }, (_, i) => orderId(i + 1)),
    ...acts.commits.flatMap(({ event: { orderId, seq, data } }) =>
      seq === 1 && data.includes('"parentId"') ? orderId : [],
    ),
  ]
  const bell = openBell(world, fateOf, everything)
  const hintsOf = openHints(world, fateOf)
  const seats: (EngineProcess | null)[] = plan.skewsMs.map(() => null)
  const processVia = (number: number) => {
    const running = seats.filter((seat) => seat !== null)
    return running[number % running.length]
  }
  const isSoleProcess = seats.length === 1
  const keepsRecent = plan.seed % 2 === 0
  const clients = openClients(world, processVia, () => orderId(++ids), {
    hasLimits: plan.limits !== null,
    askOf: (key) => plan.asks[Number(key.split(' ')[1])] ?? { type: 'market' },
  })
  const operator = plan.halts
    ? openOperator(world, processVia, () => acts.switched.at(-1)?.state ?? 'active')
    : null
  const defects: string[] = []
  const rolledBack: Outcome['rolledBack'][number][] = []
  let lives = 0
  let awayUntil = 0

  function statementFate(kind: StatementKind): StatementFate {
    const fate = fateOf(kind)
    if (world.clock.now() < awayUntil) return 'refused'
    if (fate !== null) world.note(() => `the statement is ${fate}`)
    return fate
  }

  /** As a supervisor does: a process that cannot start is started again. */
  function startIn(seat: number): void {
    lives += 1
    const life = startLife(world, `process ${seat + 1}.${lives}`, plan.skewsMs[seat] ?? 0)
    start(seat, life).catch((error) => {
      world.note(() => `${life.name} cannot start: ${error}`)
      life.kill(false)
      world.clock.after(RESTART_MS, () => startIn(seat))
    })
  }

  async function start(seat: number, life: Life): Promise<void> {
    const [tables, hints] = [durable.tablesOf(life, statementFate), hintsOf(life)]
    const switchOptions = { onChange: () => {}, onFault: () => {} }
    const trading = plan.halts ? await openTradingSwitch(tables, hints, life.clock, switchOptions) : null
    const ports: Ports = {
      store: openOrderStore(tables, hints, life.clock, {
        leaseMs: LEASE_MS,
        isSoleProcess,
        keepRecent: keepsRecent ? 100 : 0,
        onEvent: (event) =>
          world.note(() => `${life.name}: ${nameOf(event.orderId)} has ${event.seq} ${event.kind}`),
      }),
      queue: bell.queueOf(life),
      chain: chain.clientOf(life),
      venues: terms.map((each) => fakeVenue(each, life, chain.worth, fateOf, launches.poolsFor)),
      marketData: fakeMarketData(terms, life, chain, launches),
      mints: launches.mintsOf(life, fateOf),
      watchers: isSoleProcess ? null : createWatchers(tables, life.name),
    }
    const conditions = {
      isSoleProcess,
      trading,
      trigger: plan.rests ? patient : (breakage.trigger ?? trigger),
      settings: breakage.settings,
    }
    const watched = watch(ports, life)
    world.note(() => `${life.name} starts`)
    seats[seat] = startProcess(life, breakage.ports?.(watched, life) ?? watched, conditions, {
      defect: (id, error) => defects.push(`${id}: ${error}`),
      rolledBack: (fill, landedAgain) => rolledBack.push({ ...fill, landedAgain }),
    })
  }

  function befall(incident: Incident): void {
    if ('fate' in incident) return
    switch (incident.kind) {
      case 'place':
        clients.place(keyOf(incident.order), incident.via, incident.tries)
        break
      case 'cancel':
        void clients.cancel(keyOf(incident.order), incident)
        break
      case 'pause order':
        void clients.pause(keyOf(incident.order), incident, incident.forMs)
        break
      case 'amend':
        void clients.amend(keyOf(incident.order), incident, incident.bps)
        break
      case 'crash':
        crash(incident.process, incident.forMs, incident.ghosts)
        break
      case 'pause':
        seats[incident.process]?.life.pause(incident.forMs)
        break
      case 'jump':
        seats[incident.process]?.life.jump(incident.byMs)
        break
      case 'outage':
        world.note(() => `the store is away for ${incident.forMs} ms`)
        awayUntil = Math.max(awayUntil, world.clock.now() + incident.forMs)
        break
      case 'fork':
        launches.undo(incident.blocks)
        chain.fork(incident.blocks, incident.again)
        break
      case 'launch':
        launches.launch(incident.token, incident.fault)
        break
      case 'price':
        chain.movePrice(incident.bps)
        break
      case 'halt':
        operator?.want('halted')
        world.clock.after(incident.forMs, () => operator?.want('active'))
    }
  }

  function crash(seat: number, forMs: number, ghosts: boolean): void {
    if (seats[seat] === null) return
    seats[seat]?.life.kill(ghosts)
    seats[seat] = null
    world.clock.after(forMs, () => startIn(seat))
  }

  const passed = (ms: number) => new Promise<void>((resolve) => world.clock.after(ms, resolve))

  /** Until every order has ended, and for so long that nothing under way can bring another. */
  async function untilAllEnd(): Promise<void> {
    await passed(EVENTFUL_MS)
    let calmSince = world.clock.now()
    let known = 0
    while (world.clock.now() - START < LONGEST_MS) {
      const orders = [...(await durable.read()).values()]
      const isOpen = orders.some(({ projection }) => isOpenStatus(projection.status))
      if (isOpen || orders.length !== known || clients.isPlacing()) calmSince = world.clock.now()
      else if (world.clock.now() - calmSince >= UNDER_WAY_MS) return
      known = orders.length
      await passed(LOOK_MS)
    }
  }

  async function story(): Promise<Outcome> {
    for (const seat of seats.keys()) startIn(seat)
    for (const incident of plan.incidents) if ('at' in incident) world.at(incident.at, () => befall(incident))
    await untilAllEnd()
    const stored = await durable.read()
    const reads = await readFamilies(durable.tables, stored)
    const outcome = (later: Outcome['later']): Outcome => {
      const { ledger, doubled, sent, undone } = chain
      const seen = {
        asks: plan.asks,
        prices: chain.prices,
        launches: launches.all,
        ...clients.told,
        ...acts,
        ...limited,
        reads,
        defects: [...defects, ...durable.faults],
        rolledBack,
        endedAt: world.clock.now(),
      }
      return { ...seen, stored, later, ledger, doubled, sent, undone }
    }
    const closedAt = world.clock.now()
    const age = () => world.clock.now() - closedAt
    while (age() < AFTERLIFE_MS || (age() < LONGEST_AFTERLIFE_MS && !isSettled(outcome(stored))))
      await passed(LOOK_MS)
    return outcome(await durable.read())
  }

  return world.live(story())
}
