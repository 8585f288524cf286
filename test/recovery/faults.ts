// Owns the faults of processes and servers: what each does to a running world, and when it is over.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { Settings } from './engineProcess.ts'
import type { Plan, Runtime } from './plan.ts'
import type { Mode } from './tcpProxy.ts'
import { dies, type World, type WorldOptions } from './world.ts'

/** From when on something was wrong, and from when on nothing was in the way of going on. */
export type Window = { readonly faultAt: number; readonly healedAt: number }

type FaultOf = {
  readonly runtimes: readonly Runtime[]
  /** How the world differs from the usual one. */
  readonly world?: (plan: Plan) => WorldOptions
  /** What a process is started with for the first time. */
  readonly settings?: (plan: Plan, seat: number) => Settings
  /** Brings it about and waits until it is over. Throws when it could not be brought about. */
  readonly strike: (world: World, plan: Plan) => Promise<readonly Window[]>
  /** Whatever it has taken from the machine. */
  readonly cleanUp?: () => void
}

/** Longer than the lease of an order (4 s) and than that of a ring (15 s). */
const PAST_EVERY_LEASE_MS = 17_000
/** Longer than the engine's own timeouts: 5 s for Postgres, 1 s for Redis. */
const PAST_TIMEOUTS_MS = 6_500
const CRASH_PATIENCE_MS = 40_000

const DISTRIBUTED: readonly Runtime[] = ['distributed']
const BOTH: readonly Runtime[] = ['embedded', 'distributed']

const lengthOf = ({ length }: Plan, mostMs: number) => mostMs * (0.3 + 0.7 * length)

async function during(hold: () => Promise<void>): Promise<readonly Window[]> {
  const faultAt = Date.now()
  await hold()
  return [{ faultAt, healedAt: Date.now() }]
}

// ---- processes ----------------------------------------------------------------------------------------------------

/** kill -9 for the seats, and a new start for each. */
async function killAndStart(world: World, seats: readonly number[], more: Settings = {}): Promise<Window> {
  await Promise.all(seats.map((seat) => world.seats[seat]?.kill()))
  const at = Date.now()
  await Promise.all(seats.map((seat) => world.start(seat, more)))
  return { faultAt: at, healedAt: at }
}

const seatsOf = (world: World, { seat, takesAll }: Plan) => (takesAll ? [...world.seats.keys()] : [seat])

const crashSetting = (plan: Plan, life: number): Settings => {
  const crash = plan.crashes[life]
  return crash === undefined ? {} : { CRASH_AT: `${crash.point}:${crash.count}` }
}

async function crash(world: World, plan: Plan): Promise<Window[]> {
  const windows: Window[] = []
  for (const [life, { point, count }] of plan.crashes.entries()) {
    const engine = world.seats[plan.seat]
    if (engine === undefined) throw new Error(`there is no seat ${plan.seat}`)
    if (point === 'handing-over' || point === 'closing') {
      await sleep(plan.afterMs)
      engine.child.kill('SIGTERM')
    }
    if (!(await dies(engine, CRASH_PATIENCE_MS))) throw new Error(`${point}:${count} was not passed`)
    const { signalCode } = engine.child
    if (signalCode !== 'SIGKILL')
      throw new Error(`${point}:${count} was not passed: the process ended by ${signalCode}`)
    const others = plan.takesAll ? [...world.seats.keys()].filter((seat) => seat !== plan.seat) : []
    await Promise.all(others.map((seat) => world.seats[seat]?.kill()))
    const at = Date.now()
    await Promise.all([
      world.start(plan.seat, crashSetting(plan, life + 1)),
      ...others.map((seat) => world.start(seat)),
    ])
    windows.push({ faultAt: at, healedAt: at })
  }
  return windows
}

const RESTARTS = 10

/** kill -9 and a start at once, again and again: the new process is there before the old one is gone. */
async function restart(world: World, plan: Plan): Promise<readonly Window[]> {
  const windows: Window[] = []
  for (let round = 0; round < lengthOf(plan, RESTARTS); round++) {
    const acknowledged = world.load.acknowledged.size
    while (world.load.acknowledged.size === acknowledged) await sleep(5)
    await sleep(plan.afterMs / 10)
    const dying = world.seats[plan.seat]
    dying?.child.kill('SIGKILL')
    const at = Date.now()
    await world.start(plan.seat)
    await dying?.exited
    windows.push({ faultAt: at, healedAt: at })
  }
  return windows
}

async function stopAndStart(world: World, plan: Plan): Promise<Window[]> {
  const windows: Window[] = []
  for (const seat of world.seats.keys()) {
    const engine = world.seats[seat]
    const faultAt = Date.now()
    engine?.child.kill('SIGTERM')
    if ((await engine?.exited)?.code !== 0) throw new Error('SIGTERM did not end the process with 0')
    const healedAt = Date.now()
    await world.start(seat)
    windows.push({ faultAt, healedAt })
    await sleep(plan.afterMs / 4)
  }
  return windows
}

async function pause(world: World, seats: readonly number[], ms: number): Promise<readonly Window[]> {
  return during(async () => {
    for (const seat of seats) world.seats[seat]?.child.kill('SIGSTOP')
    await sleep(ms)
    for (const seat of seats) world.seats[seat]?.child.kill('SIGCONT')
  })
}

/** Every order of late is rung for again and again, at both workers, which stop by turns for longer than a lease. */
async function ringAndPause(world: World): Promise<readonly Window[]> {
  const { redis, queuePrefix } = world.outside()
  const connection = new Redis(redis.port, '127.0.0.1', { maxRetriesPerRequest: null })
  const queue = new Queue('orders', { connection, prefix: queuePrefix })
  let isOver = false
  const ringing = (async () => {
    while (!isOver) {
      const ids = [...world.load.acknowledged.values()].slice(-200)
      const rings = Array.from({ length: 4 }, (_, i) => ({
        name: 'ring',
        data: { ids: ids.slice(i * 50, i * 50 + 50) },
      }))
      await queue.addBulk([...rings, ...rings, ...rings])
      await sleep(50)
    }
  })()
  const windows: Window[] = []
  void world.load.done.then(() => {
    isOver = true
  })
  for (let turn = 0; !isOver; turn++) {
    windows.push(...(await pause(world, [1 + (turn % 2)], STALL_MS)))
    await Promise.race([sleep(STALL_MS), world.load.done])
  }
  await ringing
  await queue.close()
  connection.disconnect()
  return windows
}

const STALL_MS = 1_500
const SHORT_LEASE: Settings = { ORDER_LEASE_MS: '1000', SWEEP_MS: '200' }
const RUNG_ORDERS = 1_000

// ---- Redis --------------------------------------------------------------------------------------------------------

async function toRedis(world: World, ...command: readonly [string, ...string[]]): Promise<void> {
  const client = new Redis(world.outside().redis.port, '127.0.0.1')
  const [name, ...args] = command
  await client.call(name, ...args)
  client.disconnect()
}

async function restartRedis(world: World, plan: Plan): Promise<readonly Window[]> {
  const { redis } = world.outside()
  return during(async () => {
    await redis.kill()
    await sleep(lengthOf(plan, 2_000))
    await redis.start()
  })
}

// ---- connections --------------------------------------------------------------------------------------------------

/** The proxy before Postgres in this mode for a while. */
const postgresIn = (mode: Mode, mostMs: number) => (world: World, plan: Plan) =>
  through(world, 'toPostgres', mode, lengthOf(plan, mostMs))

const through = (world: World, proxy: 'toPostgres' | 'toRedis', mode: Mode, ms: number) =>
  during(async () => {
    world.outside()[proxy].set(mode)
    await sleep(ms)
    world.outside()[proxy].set({ kind: 'pass' })
  })

/** What was asked is done, and the connection is gone before it is said: after the COMMIT, among others. */
async function cutAfterCommit(world: World, plan: Plan): Promise<readonly Window[]> {
  const { toPostgres } = world.outside()
  return during(async () => {
    for (let round = 0; round < 5; round++) {
      toPostgres.set({ kind: 'drop-replies' })
      await sleep(20 + 60 * plan.length)
      toPostgres.set({ kind: 'pass' })
      await sleep(150)
    }
  })
}

// ---- the machine --------------------------------------------------------------------------------------------------

const MEBIBYTE = 1_048_576
const DISK_MIB = 160
const mounted = new Set<string>()

/** Whether this process may put a small disk somewhere. */
export const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-disk-'))
  const isMounted = mount(folder, 1)
  if (isMounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
  return isMounted
})()

function mount(folder: string, mebibytes: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]).status === 0
}

export function smallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), 'order-engine-disk-'))
  if (!mount(folder, DISK_MIB)) throw new Error('mounting a small disk needs root')
  mounted.add(folder)
  return folder
}

export function removeDisks(): void {
  for (const folder of mounted) {
    spawnSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  }
  mounted.clear()
}

/** Takes all that is free under the folder for a while. An engine whose database has stopped by it is started again. */
async function fillDisk(world: World, plan: Plan): Promise<readonly Window[]> {
  const ballast = join(world.folder, '../ballast')
  const faultAt = Date.now()
  fill(ballast)
  await sleep(lengthOf(plan, 4_000))
  rmSync(ballast)
  const healedAt = Date.now()
  await sleep(500)
  const isReady = await fetch(`${world.url()}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isReady) await killAndStart(world, [0])
  return [{ faultAt, healedAt }]
}

/** In pieces, because the engine writes at the same time; ever smaller ones, because the last bytes count. */
export function fill(path: string): void {
  for (let bytes = MEBIBYTE; bytes >= 4_096; bytes /= 4) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}

const SKEWED_CLOCK = new URL('skewedClock.mjs', import.meta.url).href
/** An hour ahead, two back, and right again. */
const JUMPS = [3_600_000, -7_200_000, 3_600_000]

/** No windows: what events say of the time is what the fault was to change. */
async function jumpClock(world: World, { seat }: Plan): Promise<readonly Window[]> {
  for (const _ of JUMPS) {
    world.seats[seat]?.child.kill('SIGUSR2')
    await sleep(1_000)
  }
  return []
}

export const faults = {
  crash: {
    runtimes: BOTH,
    settings: (plan, seat) => (seat === plan.seat ? crashSetting(plan, 0) : {}),
    strike: crash,
  },
  kill: {
    runtimes: BOTH,
    strike: async (world, plan) => [await killAndStart(world, seatsOf(world, plan))],
  },
  restart: { runtimes: ['embedded'], strike: restart },
  stop: { runtimes: BOTH, strike: stopAndStart },
  pause: {
    runtimes: DISTRIBUTED,
    strike: (world, plan) => pause(world, seatsOf(world, plan), PAST_EVERY_LEASE_MS),
  },
  rings: {
    runtimes: DISTRIBUTED,
    world: () => ({ more: SHORT_LEASE, clients: 32, pauseMs: 0, orders: RUNG_ORDERS }),
    strike: ringAndPause,
  },
  'redis-flush': {
    runtimes: DISTRIBUTED,
    strike: (world) => during(() => toRedis(world, 'flushall')),
  },
  'redis-kill': { runtimes: DISTRIBUTED, strike: restartRedis },
  'redis-kill-aof': { runtimes: DISTRIBUTED, world: () => ({ redisMemory: 'aof' }), strike: restartRedis },
  'redis-pause': {
    runtimes: DISTRIBUTED,
    strike: (world, plan) =>
      during(async () => {
        world.outside().redis.child.kill('SIGSTOP')
        await sleep(lengthOf(plan, 4_000))
        world.outside().redis.child.kill('SIGCONT')
      }),
  },
  'redis-read-only': {
    runtimes: DISTRIBUTED,
    strike: (world, plan) =>
      during(async () => {
        await toRedis(world, 'replicaof', '127.0.0.1', '1')
        await sleep(lengthOf(plan, 4_000))
        await toRedis(world, 'replicaof', 'no', 'one')
      }),
  },
  'redis-evicts': {
    runtimes: DISTRIBUTED,
    strike: (world, plan) =>
      during(async () => {
        await toRedis(world, 'config', 'set', 'maxmemory-policy', 'allkeys-random')
        await toRedis(world, 'config', 'set', 'maxmemory', '1mb')
        await sleep(lengthOf(plan, 4_000))
        await toRedis(world, 'config', 'set', 'maxmemory', '0')
      }),
  },
  'redis-black-hole': {
    runtimes: DISTRIBUTED,
    strike: (world, plan) => through(world, 'toRedis', { kind: 'black-hole' }, lengthOf(plan, 4_000)),
  },
  'postgres-restart': {
    runtimes: DISTRIBUTED,
    strike: (world) => during(async () => world.outside().postgres.restartAtOnce()),
  },
  'postgres-pause': {
    runtimes: DISTRIBUTED,
    strike: (world) =>
      during(async () => {
        world.outside().postgres.signal('SIGSTOP')
        await sleep(PAST_TIMEOUTS_MS)
        world.outside().postgres.signal('SIGCONT')
      }),
  },
  'postgres-slow': { runtimes: DISTRIBUTED, strike: postgresIn({ kind: 'delay', ms: 500 }, 6_000) },
  'postgres-cut-after-commit': { runtimes: DISTRIBUTED, strike: cutAfterCommit },
  'postgres-silent': {
    runtimes: DISTRIBUTED,
    strike: (world) => through(world, 'toPostgres', { kind: 'drop-replies' }, PAST_TIMEOUTS_MS),
  },
  'postgres-black-hole': {
    runtimes: DISTRIBUTED,
    strike: (world) => through(world, 'toPostgres', { kind: 'black-hole' }, PAST_TIMEOUTS_MS),
  },
  'postgres-reset': { runtimes: DISTRIBUTED, strike: postgresIn({ kind: 'reset' }, 3_000) },
  'postgres-cut': { runtimes: DISTRIBUTED, strike: postgresIn({ kind: 'cut', afterBytes: 3_000 }, 3_000) },
  'postgres-trickle': {
    runtimes: DISTRIBUTED,
    strike: postgresIn({ kind: 'trickle', bytes: 50, everyMs: 5 }, 4_000),
  },
  'disk-full': {
    runtimes: ['embedded'],
    world: () => ({ under: smallDisk() }),
    strike: fillDisk,
    cleanUp: removeDisks,
  },
  clock: {
    runtimes: BOTH,
    settings: (plan, seat) =>
      seat === plan.seat ? { NODE_OPTIONS: `--import ${SKEWED_CLOCK}`, CLOCK_JUMPS_MS: JUMPS.join() } : {},
    strike: jumpClock,
  },
} as const satisfies Record<string, FaultOf>

export type FaultName = keyof typeof faults

/** The same, seen alike. */
export const faultNamed = (name: FaultName): FaultOf => faults[name]
