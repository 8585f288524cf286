// Owns the world of one run: the scheduler decides what happens next, and time passes only when it says so.
import type { Scheduler } from 'fast-check'
import type { Millis } from '../../src/domain/order.ts'
import type { Clock, Stop } from '../../src/domain/ports.ts'

export type World = {
  /** Time as the world has it; processes may see it skewed. */
  readonly clock: Clock
  /** Resolves when the scheduler picks this step. */
  step(label: string): Promise<void>
  /** One step of time: the clock goes to the next timer and runs it. */
  pass(): Promise<void>
  /** Does something when so many steps have been taken. */
  atStep(step: number, fn: () => void): void
  /** Lives the story to its end, one scheduled step after the other. */
  run<T>(story: Promise<T>): Promise<T>
}

type Timer = { readonly at: Millis; readonly fn: () => void }

const START = Date.UTC(2026, 0, 1)

/** `quiet` resolves when no real work is under way; only then the next step is picked, so that a seed repeats a run. */
export function openWorld(scheduler: Scheduler, quiet: () => Promise<void>): World {
  const timers = new Set<Timer>()
  const planned = new Map<number, (() => void)[]>()
  let now = START
  let steps = 0

  const step = (label: string) => scheduler.schedule(Promise.resolve(), label)

  function nextTimer(): Timer | undefined {
    let next: Timer | undefined
    for (const timer of timers) if (next === undefined || timer.at < next.at) next = timer
    return next
  }

  return {
    clock: {
      now: () => now,
      after(ms, fn) {
        const timer = { at: now + Math.max(0, ms), fn }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    },
    step,
    async pass() {
      await step('time passes')
      const timer = nextTimer()
      if (timer === undefined) return
      timers.delete(timer)
      now = Math.max(now, timer.at)
      timer.fn()
    },
    atStep(at, fn) {
      planned.set(at, [...(planned.get(at) ?? []), fn])
    },
    run: (story) =>
      scheduler.waitFor(story, async (release) => {
        steps += 1
        for (const fn of planned.get(steps) ?? []) fn()
        await release()
        await quiet()
      }),
  }
}

/** What chance has in store, in order; afterwards all goes well. */
export function fates<T>(given: readonly T[], otherwise: T): () => T {
  let taken = 0
  return () => given[taken++] ?? otherwise
}

// ---- processes ----------------------------------------------------------------------------------------------------

/** A call that leaves the process: when it arrives and when its answer is back is the scheduler's choice. */
export type Call = <T>(label: string, effect: () => T | Promise<T>) => Promise<T>

export type Life = {
  readonly name: string
  /** The clock of this process: it may be skewed, and stands still for a process that is stopped or dead. */
  readonly clock: Clock
  readonly call: Call
  isAlive(): boolean
  /** Ends it between two steps, as kill -9 does. With `ghosts`, calls that had left it still arrive. */
  kill(ghosts: boolean): void
  /** Stops it for a while, as SIGSTOP does; then it goes on as if nothing had been. */
  pause(ms: number): void
}

const never = new Promise<never>(() => {})

export function startLife(world: World, name: string, skewMs: number): Life {
  let state: 'alive' | 'dead' | 'ghost' = 'alive'
  let pausedUntil = 0

  const remainingPause = () => pausedUntil - world.clock.now()

  async function wake(): Promise<void> {
    while (state === 'alive' && remainingPause() > 0) {
      await new Promise<void>((resolve) => world.clock.after(remainingPause(), resolve))
    }
  }

  function onTime(fn: () => void): void {
    if (state !== 'alive') return
    if (remainingPause() > 0) world.clock.after(remainingPause(), () => onTime(fn))
    else fn()
  }

  return {
    name,
    clock: {
      now: () => world.clock.now() + skewMs,
      after: (ms, fn): Stop => world.clock.after(ms, () => onTime(fn)),
    },
    async call<T>(label: string, effect: () => T | Promise<T>): Promise<T> {
      await world.step(`${name}: ${label}`)
      if (state === 'dead') return never
      const answer = await Promise.resolve()
        .then(effect)
        .then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        )
      await world.step(`${name}: answer to ${label}`)
      await wake()
      if (state !== 'alive') return never
      if ('error' in answer) throw answer.error
      return answer.value
    },
    isAlive: () => state === 'alive',
    kill(ghosts) {
      state = ghosts ? 'ghost' : 'dead'
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, world.clock.now() + ms)
    },
  }
}
