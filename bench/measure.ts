// The measurements, each over any running target.
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Load, LoadResult } from './load.ts'
import { cpuMs, type Measured, machineCpuMs, runNode, typescript } from './processes.ts'

export type Counts = Readonly<Record<string, number>>

/** A target of measurement: it takes orders over HTTP, streams them on sockets and keeps them in a store. */
export type Target = {
  readonly url: string
  readonly processes: readonly Measured[]
  /** Servers it works with; they serve others before and after. */
  readonly servers: readonly Measured[]
  /** Orders in the store by status; at least the closed ones. */
  readonly counts: () => Promise<Counts>
  /** How many of these orders the store itself calls confirmed, and when by its own account the last became so. */
  readonly confirmedAmong: (orderIds: readonly string[]) => Promise<Confirmed>
  readonly stop: () => Promise<void>
}

export type Confirmed = { readonly count: number; readonly lastAtMs: number }

type Window = { readonly notBeforeMs: number; readonly notAfterMs: number }

export type Throughput = {
  readonly confirmedPerSecond: number
  readonly confirmedPercent: number
  readonly answerP99Ms: number
  /** Microseconds of user + system time per order, by process; the load's own among them. */
  readonly cpuUsPerOrder: Readonly<Record<string, number>>
  /** Share of the machine used by other programs meanwhile. Far from 0, the figure is not reliable. */
  readonly cpuElsewherePercent: number
}

const CONNECTIONS = 64
/** The simulated market may move past a limit now and then; more than this means that something is broken. */
const NOT_CONFIRMED_LIMIT = 0.01
const STALL_LIMIT_MS = 60_000
/** Rare enough to cost the store nothing worth counting. */
const POLL_MS = 250

export const runLoad = (load: Load) =>
  runNode<LoadResult>(typescript(new URL('./load.ts', import.meta.url), JSON.stringify(load)))

/** Orders a second from the first byte of the first POST until the store has closed the last one. */
export async function throughput(target: Target, orders: number): Promise<Throughput> {
  const already = closed(await target.counts())
  const processes = [...target.processes, ...target.servers]
  const cpuBefore = processes.map(cpuMs)
  const [machineBefore, startedAtMs] = [machineCpuMs(), Date.now()]
  const load = await runLoad({ kind: 'burst', url: target.url, orders, connections: CONNECTIONS })
  // Not before: counting while orders come in would cost the store the more the fuller it is.
  const window = await untilClosed(target, already + orders)
  const machineMs = availableParallelism() * (Date.now() - startedAtMs)
  const machineSpentMs = machineCpuMs() - machineBefore
  const spentMs = processes.map((process, index) => cpuMs(process) - (cpuBefore[index] ?? 0))
  const oursMs = spentMs.reduce((sum, ms) => sum + ms, load.cpuTotalMs)
  const cpu = processes.map(({ name }, index) => [name, (1000 * (spentMs[index] ?? 0)) / orders])
  const { count: confirmed, lastAtMs } = await target.confirmedAmong(load.orderIds)
  // The store's own time is finer than our polls, but they have the last word.
  const closedAtMs = Math.min(window.notAfterMs, Math.max(window.notBeforeMs, lastAtMs))
  const isDistinct = new Set(load.orderIds).size === orders
  if (!isDistinct || confirmed < orders * (1 - NOT_CONFIRMED_LIMIT))
    throw new Error(
      `${confirmed} of ${orders} orders were confirmed; answers ${JSON.stringify(load.answers)}`,
    )
  return {
    confirmedPerSecond: (1000 * confirmed) / (closedAtMs - load.startedAtMs),
    confirmedPercent: (100 * confirmed) / orders,
    answerP99Ms: load.answerMs.p99,
    cpuUsPerOrder: { ...Object.fromEntries(cpu), load: load.cpuUsPerRequest },
    cpuElsewherePercent: (100 * Math.max(0, machineSpentMs - oursMs)) / machineMs,
  }
}

const closed = (counts: Counts) =>
  ['confirmed', 'failed', 'canceled', 'expired'].reduce((sum, status) => sum + (counts[status] ?? 0), 0)

/** Between which two instants the store came to hold `goal` closed orders: one poll before, one poll after. */
async function untilClosed(target: Target, goal: number): Promise<Window> {
  let [last, lastMoveMs, notBeforeMs] = [-1, Date.now(), 0]
  while (true) {
    const askedAtMs = Date.now()
    const counts = await target.counts()
    const done = closed(counts)
    if (done >= goal) return { notBeforeMs, notAfterMs: Date.now() }
    notBeforeMs = askedAtMs
    if (done !== last) lastMoveMs = askedAtMs
    if (askedAtMs - lastMoveMs > STALL_LIMIT_MS)
      throw new Error(
        `No order closed for ${STALL_LIMIT_MS / 1000} s; the store has ${JSON.stringify(counts)}`,
      )
    last = done
    await sleep(POLL_MS)
  }
}

/** POST until `confirmed` was read from a socket, at a steady rate. */
export async function latency(target: Target, load: Omit<Load & { kind: 'paced' }, 'kind' | 'url'>) {
  return checked(await runLoad({ kind: 'paced', url: target.url, ...load }))
}

/** The same for one order after the other. */
export async function latencyAlone(target: Target, orders: number) {
  return checked(await runLoad({ kind: 'alone', url: target.url, orders }))
}

function checked({ answers, watched, confirmedMs }: LoadResult) {
  const sum = (counts: Counts) => Object.values(counts).reduce((total, count) => total + count, 0)
  const [sent, seen] = [sum(answers), sum(watched)]
  const odd = sent - (answers[201] ?? 0) + seen - confirmedMs.count
  if (seen === 0 || odd > sent * NOT_CONFIRMED_LIMIT)
    throw new Error(`Not every order was confirmed: ${JSON.stringify({ answers, watched })}`)
  return confirmedMs
}
