// `npm run bench:triggers`: what orders at rest cost. A price change that fires nothing, memory, a restart, how soon an order
// fires, thousands that fire at once, and market orders beside them. Each measurement is a process of its own.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLine, someOf, wholeNumber } from '../scripts/commandLine.ts'
import { NODE_FLAGS } from './engine.ts'
import { machineCpuMs, runNode, typescript } from './processes.ts'
import { numberText } from './report.ts'
import type { Book } from './triggers/book.ts'
import type { Burst, BurstRun } from './triggers/burst.ts'
import { createFigures } from './triggers/figures.ts'
import type { Fill, Filled } from './triggers/fill.ts'
import type { MarketOrders, MarketRun } from './triggers/marketOrders.ts'
import type { Promptness, PromptnessRun } from './triggers/promptness.ts'
import type { Restored } from './triggers/restore.ts'
import type { WatchCost } from './triggers/watchCost.ts'

const PARTS = ['changes', 'restart', 'promptness', 'burst', 'market'] as const
type Part = (typeof PARTS)[number]
const WHOLE = { rounds: 3, orders: 100_000 }
const { rounds, orders, only } = commandLine(
  'Measures what orders at rest cost. The whole of it writes TRIGGERS.md.',
  {
    rounds: wholeNumber('rounds, of which the medians count', WHOLE.rounds, 1),
    orders: wholeNumber('orders at rest', WHOLE.orders, 1_000),
    only: someOf('these parts alone', PARTS),
  },
)
const TRIGGERS = new URL('./TRIGGERS.md', import.meta.url)
const FEW = 1_000
const MANY = 10 * orders
const PROMPT_SECONDS = 12
const MARKET_ORDERS = 10_000
const PACED_SECONDS = 30
const PACED_PER_SECOND = 200

const say = (text: string) => process.stdout.write(`${text}\n`)
const figures = createFigures()

const dir = mkdtempSync(join(tmpdir(), 'oee-bench-triggers-'))
process.once('exit', () => rmSync(dir, { recursive: true, force: true }))
const [FULL, EMPTY] = [join(dir, 'full'), join(dir, 'empty')]

function child<Result>(name: string, input: unknown, flags: readonly string[] = []): Promise<Result> {
  const file = new URL(`./triggers/${name}.ts`, import.meta.url)
  return runNode<Result>([...NODE_FLAGS, ...flags, ...typescript(file, JSON.stringify(input))])
}

/** Gives a copy of a filled folder, which is removed afterwards: every measurement finds the same one. */
async function withCopy<Result>(of: string, measure: (dataDir: string) => Promise<Result>): Promise<Result> {
  const dataDir = join(dir, 'copy')
  cpSync(of, dataDir, { recursive: true })
  try {
    return await measure(dataDir)
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

async function changes(): Promise<void> {
  const cost = async (book: Omit<Book, 'seed'>) =>
    (await child<WatchCost>('watchCost', { ...book, seed: 1 } satisfies Book)).usPerChange
  const few = await cost({ orders: FEW, kind: 'limit', near: 0 })
  figures.add(`CPU of a change that fires nothing, ${numberText(FEW)} limits`, 'µs', few)
  for (const [count, most] of [
    [orders, 2],
    [MANY, 3],
  ] as const) {
    const much = await cost({ orders: count, kind: 'limit', near: 0 })
    figures.add(`… with ${numberText(count)}`, 'µs', much)
    figures.add(`… ${numberText(count)} / ${numberText(FEW)}`, 'x', much / few, { most })
  }
  figures.add(`… with ${numberText(orders)} stops`, 'µs', await cost({ orders, kind: 'stop', near: 0 }))
  const near = await cost({ orders, kind: 'limit', near: 0.25 })
  figures.add(`… with ${numberText(orders)} limits, a quarter within 10 bps`, 'µs', near)
}

async function restart(): Promise<void> {
  const restore = (folder: string) =>
    withCopy(folder, (dataDir) => child<Restored>('restore', { dataDir }, ['--expose-gc']))
  const [empty, full] = [await restore(EMPTY), await restore(FULL)]
  const heldMb = (full.heldBytes - empty.heldBytes) / 1e6
  figures.add(`Memory for ${numberText(orders)} at rest`, 'MB', heldMb, { most: 120 })
  figures.add('From opening the store until all are watched', 's', full.ms / 1_000, { most: 5 })
  figures.add('… with none at rest', 's', empty.ms / 1_000)
  figures.add('… CPU of the process', 's', full.cpuMs / 1_000)
}

async function promptness(): Promise<void> {
  const { announced, due } = await withCopy(FULL, (dataDir) =>
    child<Promptness>('promptness', { dataDir, orders, seconds: PROMPT_SECONDS } satisfies PromptnessRun),
  )
  figures.add('Change announced → `triggered` durable, 1,000 changes a second: p50', 'ms', announced.p50)
  figures.add('… p99', 'ms', announced.p99, { most: 20 })
  figures.add('… from when the change was due: p99', 'ms', due.p99)
}

async function burst(): Promise<void> {
  const {
    orders: count,
    market,
    fired,
  } = await withCopy(FULL, (dataDir) => child<Burst>('burst', { dataDir, orders } satisfies BurstRun))
  const each = numberText(count)
  figures.add(`${each} market orders at once, until submitted`, 'orders/s', market.perSecond)
  figures.add(`${each} limits that one change fires`, 'orders/s', fired.perSecond)
  figures.add('… fired / market', 'x', fired.perSecond / market.perSecond, { least: 0.7 })
  figures.add('… CPU per order, fired / market', 'x', fired.cpuUsPerOrder / market.cpuUsPerOrder)
}

async function market(): Promise<void> {
  const measure = (folder: string) =>
    withCopy(folder, (dataDir) => {
      const run: MarketRun = {
        dataDir,
        orders: Math.min(MARKET_ORDERS, orders),
        seconds: PACED_SECONDS,
        pacedPerSecond: PACED_PER_SECOND,
      }
      return child<MarketOrders>('marketOrders', run)
    })
  const [none, beside] = [await measure(EMPTY), await measure(FULL)]
  figures.add('Market orders, none at rest', 'orders/s', none.perSecond)
  figures.add(`… beside ${numberText(orders)} at rest`, 'orders/s', beside.perSecond)
  figures.add('… beside them / alone', 'x', beside.perSecond / none.perSecond, { least: 0.95 })
  figures.add('… CPU per order, beside them / alone', 'x', beside.cpuUsPerOrder / none.cpuUsPerOrder)
  figures.add(
    `Market orders at ${PACED_PER_SECOND} a second until confirmed, none at rest: p99`,
    'ms',
    none.p99,
  )
  figures.add(`… beside ${numberText(orders)}: p99`, 'ms', beside.p99)
  figures.add('… p99 beside them / alone', 'x', beside.p99 / none.p99, { most: 1.1 })
}

const parts: Readonly<Record<Part, () => Promise<void>>> = { changes, restart, promptness, burst, market }

const startedAt = { ms: Date.now(), machineMs: machineCpuMs() }
if (only.some((part) => part !== 'changes')) {
  say(`… ${numberText(orders)} orders come to rest`)
  const filled = await child<Filled>('fill', { dataDir: FULL, orders } satisfies Fill)
  if (filled.orders !== orders) throw new Error(`${filled.orders} of ${orders} orders came to rest`)
  await child<Filled>('fill', { dataDir: EMPTY, orders: 0 } satisfies Fill)
}
for (let round = 1; round <= rounds; round += 1) {
  for (const part of PARTS.filter((each) => only.includes(each))) {
    say(`… round ${round}: ${part}`)
    await parts[part]()
  }
}

const busyPercent =
  (100 * (machineCpuMs() - startedAt.machineMs)) / ((Date.now() - startedAt.ms) * availableParallelism())
const text = `# Orders at rest

${new Date().toISOString().slice(0, 10)}; ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), shared with other work: ${Math.round(busyPercent)} % of the machine was busy;
Node ${process.versions.node}; medians of ${rounds} round${rounds === 1 ? '' : 's'} (min–max) of \`npm run bench:triggers\`. Ratios are of one round each.

${figures.markdown()}
- 50 pairs with two constant-product pools each, watched both ways. Prices move a few bps; limits and stops lie 0.5 to 30 %
  from what the market pays for the order's own amount; amounts are log-uniform over four decades.
- A change moves one pair; its CPU is that of the whole process, prices of both directions included.
- Everything but the first part: the embedded store, the queue, the router and the workers as the engine puts them together,
  without HTTP; swaps land at once. Memory is heap and external after a collection, without the database's thread.
- ${numberText(20)} of the 1,000 changes a second cross one order's limit each. The rate of market orders is that of 256 clients that wait
  for each confirmation, while every slot changes all prices.
`
say(`\n${text}`)
for (const miss of figures.misses()) say(`✗ ${miss}`)
const isWhole = rounds >= WHOLE.rounds && orders === WHOLE.orders && only.length === PARTS.length
if (isWhole) writeFileSync(TRIGGERS, text)
else say('TRIGGERS.md is left as it is: this was not the whole benchmark.')
process.exitCode = figures.misses().length > 0 ? 1 : 0
