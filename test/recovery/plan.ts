// Owns the plans of chaos runs: what happens to which processes, drawn from a seed and nothing else.

import { chanceFrom } from './crashes.ts'
import { type CrashAt, type CrashPoint, crashPoints } from './crashPoints.ts'
import { type FaultName, faults } from './faults.ts'

export type Runtime = 'embedded' | 'distributed'

export type Plan = {
  readonly seed: number
  readonly fault: FaultName
  readonly runtime: Runtime
  /** Whether others trade in the market and its chain misbehaves, or nothing happens but our swaps. */
  readonly day: 'bad' | 'still'
  /** From the first acknowledged orders to the fault. */
  readonly afterMs: number
  /** How long it lasts, as a share of the longest that the fault may. */
  readonly length: number
  /** For crashes: where the process dies, life after life. */
  readonly crashes: readonly CrashAt[]
  /** Which process the fault is for: 0 is the api, or the only one; the others are workers. */
  readonly seat: number
  /** Whether all other processes die at the same moment. */
  readonly takesAll: boolean
}

/** Points that a process which only takes orders passes. */
const OF_API: readonly CrashPoint[] = [
  'received',
  'inserted',
  'committed',
  'rung',
  'appending',
  'appended',
  'before-canceled',
  'after-canceled',
  'closing',
]
const ONLY_OF_API: readonly CrashPoint[] = [
  'received',
  'inserted',
  'committed',
  'before-canceled',
  'after-canceled',
]
const OF_WORKER = crashPoints.filter((point) => !ONLY_OF_API.includes(point))
const OF_ALL = crashPoints

/** Passed by few orders, or once. */
const RARE = /retried|failed|canceled|completed/
const ONCE: readonly CrashPoint[] = ['handing-over', 'closing']
/** In an api only cancellations append, and a worker rings only for retries. */
const RARE_SOMEWHERE: readonly CrashPoint[] = ['appending', 'appended', 'rung']

type Victims = Pick<Plan, 'runtime' | 'seat' | 'takesAll'> & { readonly points: readonly CrashPoint[] }

const LIVES = 3
const EMBEDDED = { runtime: 'embedded', seat: 0, takesAll: false } as const
const API = { runtime: 'distributed', seat: 0 } as const
const WORKER = { runtime: 'distributed', seat: 1 } as const

/** Every point at which any process can die, alone and with all others, a few lives to a run. */
export const crashMatrix: readonly Victims[] = [
  ...inLives(OF_ALL).map((points) => ({ ...EMBEDDED, points })),
  ...inLives(OF_API).map((points) => ({ ...API, takesAll: false, points })),
  ...inLives(OF_API).map((points) => ({ ...API, takesAll: true, points })),
  ...inLives(OF_WORKER).map((points) => ({ ...WORKER, takesAll: false, points })),
  ...inLives(OF_WORKER).map((points) => ({ ...WORKER, takesAll: true, points })),
]

function inLives(points: readonly CrashPoint[]): CrashPoint[][] {
  const lives: CrashPoint[][] = []
  for (let i = 0; i < points.length; i += LIVES) lives.push(points.slice(i, i + LIVES))
  return lives
}

const FAULTS = Object.keys(faults) as FaultName[]

/** The same plan for the same seed. Without a fault named, seeds go through all of them by turns. */
export function planOf(seed: number, fault = at(FAULTS, seed)): Plan {
  const chance = chanceFrom(seed)
  // The first draws of neighboring seeds are alike.
  for (let i = 0; i < 5; i++) chance()
  const { runtimes } = faults[fault]
  const runtime = at(runtimes, Math.floor(chance() * runtimes.length))
  const plan: Plan = {
    seed,
    fault,
    runtime,
    day: 'bad',
    afterMs: Math.round(300 + chance() * 1_200),
    length: chance(),
    crashes: [],
    seat: runtime === 'embedded' ? 0 : Math.floor(chance() * 3),
    takesAll: chance() < 0.25,
  }
  if (fault !== 'crash') return plan
  const { points, ...victims } = at(crashMatrix, seed)
  const isStill =
    victims.runtime === 'embedded' &&
    chance() < 0.5 &&
    !points.some((point) => /retried|canceled/.test(point))
  const crashes = points.map((point) => ({
    point,
    count: 1 + Math.floor(chance() * mostPasses(point, victims)),
  }))
  return { ...plan, ...victims, crashes, day: isStill ? 'still' : 'bad' }
}

function mostPasses(point: CrashPoint, { runtime }: Pick<Plan, 'runtime'>): number {
  if (ONCE.includes(point)) return 1
  if (RARE.test(point) || (runtime === 'distributed' && RARE_SOMEWHERE.includes(point))) return 2
  return 20
}

function at<T>(items: readonly T[], i: number): T {
  const item = items[i % items.length]
  if (item === undefined) throw new Error('nothing to choose from')
  return item
}
