// Owns what the measurements of a running engine share: a steady rate, and the time of many events.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from './engine.ts'

/** Calls `act` at even distances, with the time at which each call was due; late calls are made up for at once. */
export async function atRate(
  perSecond: number,
  seconds: number,
  act: (dueAt: number) => void,
): Promise<void> {
  const startedAt = performance.now()
  for (let i = 0; i < perSecond * seconds; ) {
    const now = performance.now()
    for (; i < perSecond * seconds; i++) {
      const dueAt = startedAt + (1_000 * i) / perSecond
      if (dueAt > now) break
      act(dueAt)
    }
    await sleep(1)
  }
}

/** Resolves once the engine has made nothing durable for a while. */
export async function untilQuiet(engine: Engine): Promise<void> {
  let last = performance.now()
  engine.onEvent = () => {
    last = performance.now()
  }
  while (performance.now() - last < QUIET_MS) await sleep(QUIET_MS / 10)
}

const QUIET_MS = 1_000

/** Microseconds of CPU that this process, the thread of its database included, has taken since then. */
export function cpuUsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

export type Spread = { readonly p50: number; readonly p99: number }

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const share = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
  return { p50: share(0.5), p99: share(0.99) }
}
