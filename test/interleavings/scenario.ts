// Owns the stories that are told: how many orders and processes, what befalls them, and how a run goes from the first
// order to the end of the last.
import fc, { type Scheduler } from 'fast-check'
import { isOpenStatus } from '../../src/domain/lifecycle.ts'
import type { OrderId } from '../../src/domain/order.ts'
import { type ChainFates, openFakeChain } from './chain.ts'
import { openClients } from './clients.ts'
import { type EngineProcess, type Ports, startProcess } from './engine.ts'
import type { Outcome, Stored } from './invariants.ts'
import { fakeVenue, openDoorbell, type QuoteFate, type RingFate } from './market.ts'
import type { WriteFate } from './memoryStore.ts'
import { fates, type Life, openWorld, startLife, type World } from './world.ts'

type Mishap = {
  readonly process: number
  readonly at: number
  readonly for: number
  readonly ghosts: boolean
}

export type Scenario = ChainFates & {
  readonly orders: number
  /** How often each order is placed, under one idempotency key where there are keys. */
  readonly repeats: number
  readonly processes: number
  readonly crashes: readonly Mishap[]
  readonly pauses: readonly Mishap[]
  readonly cancels: readonly { readonly order: number; readonly at: number }[]
  readonly rings: readonly RingFate[]
  readonly quotes: readonly QuoteFate[]
  readonly writes: readonly WriteFate[]
  /** Whether each hint from one process to another is heard. */
  readonly hints: readonly boolean[]
  /** By how much each process sees another time than the world. */
  readonly skewsMs: readonly number[]
}

/** Steps after the start within which something may befall a run. */
const EVENTFUL_STEPS = 250
/** What no run may need: far beyond every lease, backoff and expiry of these scenarios. */
const LONGEST_LIFE_MS = 600_000
const AFTERLIFE_MS = 5_000
const MAX_PROCESSES = 3

const listOf = <T>(item: fc.Arbitrary<T>, maxLength = 24) => fc.array(item, { maxLength, size: 'max' })
const mostly = <T>(good: T, ...bad: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(good), weight: 2 }, { arbitrary: fc.constantFrom(...bad), weight: 1 })
const step = fc.integer({ min: 1, max: EVENTFUL_STEPS })
const mishap = (least: number, most: number): fc.Arbitrary<Mishap> =>
  fc.record({
    process: fc.nat({ max: MAX_PROCESSES - 1 }),
    at: step,
    for: fc.integer({ min: least, max: most }),
    ghosts: fc.boolean(),
  })

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  orders: fc.integer({ min: 1, max: 3 }),
  repeats: fc.integer({ min: 1, max: 2 }),
  processes: fc.integer({ min: 1, max: MAX_PROCESSES }),
  crashes: listOf(mishap(1, 120), 5),
  pauses: listOf(mishap(500, 12_000), 3),
  cancels: listOf(fc.record({ order: fc.nat({ max: 2 }), at: step }), 3),
  rings: listOf(
    mostly<RingFate>('once', 'twice', 'everybody', 'late', 'lost', 'refused', 'taken, but reports an error'),
  ),
  quotes: listOf(mostly<QuoteFate>('quotes', 'refuses', 'is down', 'is silent')),
  writes: listOf(mostly<WriteFate>('written', 'written', 'refused', 'unanswered')),
  sends: listOf(fc.constantFrom('lands', 'is late', 'vanishes', 'lands, but reports an error', 'fails')),
  nodes: listOf(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant('no answer' as const))),
  moves: listOf(fc.integer({ min: -150, max: 150 }), 60),
  hints: listOf(fc.boolean()),
  skewsMs: fc.array(fc.integer({ min: -5_000, max: 5_000 }), {
    minLength: MAX_PROCESSES,
    maxLength: MAX_PROCESSES,
  }),
})

/** What outlives every process: where orders are kept, and how a process gets at it. */
export type Durable = {
  /** Whether the store knows idempotency keys and can be followed. */
  readonly hasKeysAndFollowers: boolean
  openStore(life: Life, world: World, writes: () => WriteFate): Promise<Ports['store']>
  read(): Promise<ReadonlyMap<OrderId, Stored>>
  isDurable(orderId: OrderId, signature: string): Promise<boolean>
  quiet(): Promise<void>
}

/** What a broken engine does to its ports; the real one leaves them as they are. */
export type Breakage = (ports: Ports, life: Life) => Ports

const orderId = (number: number) => `01890000-0000-7000-8000-${String(number).padStart(12, '0')}` as OrderId

export async function run(
  scheduler: Scheduler,
  given: Scenario,
  durable: Durable,
  breakage: Breakage = (ports) => ports,
): Promise<Outcome> {
  const world = openWorld(scheduler, durable.quiet)
  const chain = openFakeChain(world, given, durable.isDurable)
  const ids = Array.from({ length: given.orders * given.repeats }, (_, i) => orderId(i + 1))
  const bell = openDoorbell(world, fates(given.rings, 'once'), () => ids)
  const [quotes, writes] = [fates(given.quotes, 'quotes'), fates(given.writes, 'written')]
  const seats: (EngineProcess | null)[] = Array.from({ length: given.processes }, () => null)
  const defects: string[] = []
  const someProcess = (number: number) => seats.filter((seat) => seat !== null).at(number % seats.length)
  const clients = openClients(world, someProcess)
  let lives = 0

  async function startIn(seat: number): Promise<void> {
    lives += 1
    const life = startLife(world, `process ${seat + 1}, life ${lives}`, given.skewsMs[seat] ?? 0)
    const { worth } = chain
    const ports: Ports = {
      store: await durable.openStore(life, world, writes),
      queue: bell.queueOf(life),
      chain: chain.clientOf(life),
      venues: [
        fakeVenue('raydium', 10n, life, worth, quotes),
        fakeVenue('meteora', 30n, life, worth, quotes),
      ],
    }
    seats[seat] = startProcess(life, breakage(ports, life), given.processes === 1, (id, error) => {
      defects.push(`${id}: ${error}`)
    })
  }

  function crash({ process, at, for: downFor, ghosts }: Mishap): void {
    const seat = process % seats.length
    world.atStep(at, () => {
      if (seats[seat] === null) return
      seats[seat]?.life.kill(ghosts)
      seats[seat] = null
      world.atStep(at + downFor, () => void startIn(seat))
    })
  }

  function befall(): void {
    given.crashes.forEach(crash)
    for (const { process, at, for: ms } of given.pauses) {
      world.atStep(at, () => seats[process % seats.length]?.life.pause(ms))
    }
    for (const { order, at } of given.cancels) {
      world.atStep(at, () => void clients.cancel(ids[order % ids.length] ?? orderId(1), order))
    }
  }

  async function story(): Promise<Outcome> {
    await Promise.all(seats.map((_, seat) => startIn(seat)))
    befall()
    ids.forEach((id, i) => {
      const key = durable.hasKeysAndFollowers ? `order ${i % given.orders}` : null
      void clients.place(id, key, i)
      if (durable.hasKeysAndFollowers) clients.follow(id)
    })
    const startedAt = world.clock.now()
    await passUntilAllEnd(world, durable, clients.isPlacing)
    const lastedMs = world.clock.now() - startedAt
    const stored = await durable.read()
    await passAfterlife(world, () => clients.haveHeard(stored))
    const later = await durable.read()
    const { ledger, sent } = chain
    return { ...clients.told, defects, stored, later, ledger, sent, lastedMs }
  }

  return world.run(story())
}

async function passUntilAllEnd(world: World, durable: Durable, isPlacing: () => boolean): Promise<void> {
  const deadline = world.clock.now() + LONGEST_LIFE_MS
  for (let passed = 1; world.clock.now() < deadline; passed++) {
    await world.pass()
    // What a dead process had sent off may still be on its way into the store at the beginning.
    if (passed < EVENTFUL_STEPS / 4 || passed % 10 !== 0 || isPlacing()) continue
    const all = [...(await durable.read()).values()]
    if (all.every(({ projection }) => !isOpenStatus(projection.status))) return
  }
}

/** Time in which nothing may change any more, and followers hear the rest. */
async function passAfterlife(world: World, isOver: () => boolean): Promise<void> {
  const diedAt = world.clock.now()
  const age = () => world.clock.now() - diedAt
  while (age() < AFTERLIFE_MS || (age() < 10 * AFTERLIFE_MS && !isOver())) await world.pass()
}
