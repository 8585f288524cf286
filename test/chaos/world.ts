// Owns the world of one schedule: virtual time, chance, and the processes that live in it. Nothing here waits: time jumps
// from one thing that happens to the next, and of several at one moment chance picks the first.
import type { Clock, Millis, Stop } from '../../src/timing/clock.ts'
import { type Chance, seeded } from './chance.ts'

export type World = {
  /** Time as the world has it; processes may see it skewed. */
  readonly clock: Clock
  readonly chance: Chance
  /** Writes a line of the trace, where one is kept. */
  note(line: () => string): void
  /** Does something at so many milliseconds after the start. */
  at(ms: number, fn: () => void): void
  /** Lives until `story` has been told. */
  live<T>(story: Promise<T>): Promise<T>
}

/** Noon, so that clocks that differ agree on the day. */
export const START: Millis = Date.UTC(2026, 0, 1, 12)

const soon = Promise.resolve()

type Happening = { readonly at: Millis; readonly tie: number; fn: (() => void) | null }

/**
 * `quiet` resolves when no real work is under way, for a world on a real database; a world of its own needs none.
 * `trace` is given each line.
 */
export function openWorld(
  seed: number,
  quiet: (() => Promise<void>) | null,
  trace: ((line: string) => void) | null,
): World {
  const chance = seeded(seed, 'world')
  const agenda = openAgenda()
  let now = START

  function after(ms: number, fn: () => void): Stop {
    const happening: Happening = { at: now + Math.max(0, ms), tie: chance.next(), fn }
    agenda.add(happening)
    return () => {
      happening.fn = null
    }
  }

  return {
    clock: { now: () => now, after },
    chance,
    note(line) {
      trace?.(`${String(now - START).padStart(7)} ms  ${line()}`)
    },
    at: (ms, fn) => void after(START + ms - now, fn),
    live: (story) =>
      new Promise((resolve, reject) => {
        let isOver = false
        const end = () => {
          isOver = true
        }
        story.then(resolve, reject).then(end)
        // What one thing sets off in its moment comes before what happens next.
        const turn = () => process.nextTick(setImmediate, next)
        const next = () => {
          if (isOver) return
          const happening = agenda.take()
          if (happening === null) return reject(new Error('nothing happens any more'))
          now = Math.max(now, happening.at)
          happening.fn?.()
          if (quiet !== null) quiet().then(next, reject)
          else soon.then(turn)
        }
        next()
      }),
  }
}

/** A heap of what is to happen, the earliest first. */
function openAgenda() {
  const heap: Happening[] = []
  const isEarlier = (a: Happening, b: Happening) => a.at < b.at || (a.at === b.at && a.tie < b.tie)

  function add(happening: Happening): void {
    let place = heap.length
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || !isEarlier(happening, parent)) break
      heap[place] = parent
      place = above
    }
    heap[place] = happening
  }

  function sink(happening: Happening): void {
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      const [left, right] = [heap[below], heap[below + 1]]
      if (left === undefined) break
      if (right !== undefined && isEarlier(right, left)) below += 1
      const child = heap[below]
      if (child === undefined || !isEarlier(child, happening)) break
      heap[place] = child
      place = below
    }
    heap[place] = happening
  }

  return {
    add,
    /** The next that was not called off, or null. */
    take(): Happening | null {
      for (;;) {
        const first = heap[0]
        const last = heap.pop()
        if (first === undefined || last === undefined) return null
        if (heap.length > 0) sink(last)
        if (first.fn !== null) return first
      }
    },
  }
}

// ---- processes ----------------------------------------------------------------------------------------------------

/** A call that leaves the process: chance says when it arrives and when its answer is back. */
export type Call = <T>(label: string, effect: () => T | Promise<T>, lateMs?: number) => Promise<T>

export type Life = {
  readonly name: string
  /** The clock of this process: it may be skewed, and stands still for a process that is stopped or dead. */
  readonly clock: Clock
  readonly call: Call
  isAlive(): boolean
  /** Ends it at once, as kill -9 does. With `ghosts`, calls that had left it still arrive. */
  kill(ghosts: boolean): void
  /** Stops it for a while, as SIGSTOP does; then it goes on as if nothing had been. */
  pause(ms: number): void
  /** Sets its clock forward or back. */
  jump(ms: number): void
  /** Whether it lived all that time, with nothing of this happening to it. */
  wasCalm(from: Millis, to: Millis): boolean
  /** By how much its clock was set back, all in all. */
  setBackMs(): number
}

/** Most calls take a few milliseconds, some hundreds, and a few are overtaken by everything else. */
const QUICK_MS = 12
const SLOW_MS = 300
const VERY_SLOW_MS = 2_500
const SLOW_SHARE = 0.06
const VERY_SLOW_SHARE = 0.01

function latencyMs(chance: Chance): number {
  const kind = chance.next()
  if (kind < VERY_SLOW_SHARE) return chance.below(VERY_SLOW_MS)
  return kind < VERY_SLOW_SHARE + SLOW_SHARE ? chance.below(SLOW_MS) : chance.below(QUICK_MS)
}

export function startLife(world: World, name: string, skewMs: number): Life {
  const { clock, chance } = world
  let skew = skewMs
  let state: 'alive' | 'dead' | 'ghost' = 'alive'
  let pausedUntil = 0
  let setBackMs = 0
  const disturbances: { readonly from: Millis; readonly to: Millis }[] = []

  /** Runs it in this process: after a pause, and not at all once it is dead. */
  function run(fn: () => void): void {
    if (state !== 'alive') return
    const pause = pausedUntil - clock.now()
    if (pause > 0) clock.after(pause, () => run(fn))
    else fn()
  }

  return {
    name,
    clock: { now: () => clock.now() + skew, after: (ms, fn) => clock.after(ms, () => run(fn)) },
    call: <T>(label: string, effect: () => T | Promise<T>, lateMs = 0) =>
      new Promise<T>((resolve, reject) => {
        const answer = (give: () => void) => clock.after(latencyMs(chance), () => run(give))
        clock.after(latencyMs(chance) + lateMs, () => {
          if (state === 'dead') return
          world.note(() => `${name}: ${label}`)
          try {
            const result = effect()
            if (!(result instanceof Promise)) return answer(() => resolve(result))
            result.then(
              (value) => answer(() => resolve(value)),
              (error) => answer(() => reject(error)),
            )
          } catch (error) {
            world.note(() => `${name}: ${label} fails: ${error}`)
            answer(() => reject(error))
          }
        })
      }),
    isAlive: () => state === 'alive',
    kill(ghosts) {
      world.note(() => `${name} dies${ghosts ? ', its calls still under way' : ''}`)
      disturbances.push({ from: clock.now(), to: Number.POSITIVE_INFINITY })
      state = ghosts ? 'ghost' : 'dead'
    },
    pause(ms) {
      world.note(() => `${name} stands still for ${ms} ms`)
      pausedUntil = Math.max(pausedUntil, clock.now() + ms)
      disturbances.push({ from: clock.now(), to: pausedUntil })
    },
    jump(ms) {
      world.note(() => `the clock of ${name} jumps by ${ms} ms`)
      skew += ms
      setBackMs += Math.max(0, -ms)
      disturbances.push({ from: clock.now(), to: clock.now() })
    },
    wasCalm: (from, to) => !disturbances.some((one) => one.from <= to && one.to >= from),
    setBackMs: () => setBackMs,
  }
}
