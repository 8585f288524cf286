// `npm run bench`: measures the engine, a naive baseline and the parts they stand on, in one run on the same servers.
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { commandLine, flag, someOf, wholeNumber } from '../scripts/commandLine.ts'
import { buildEngine, type Speed, startDistributed, startEmbedded } from './engine.ts'
import { latency, latencyAlone, runLoad, type Target, throughput } from './measure.ts'
import { type Naive, startNaive } from './naive/start.ts'
import { freePort, peakMemoryMb, runNode, startNode, typescript } from './processes.ts'
import { numberText, Table } from './report.ts'
import { type Servers, withServers } from './servers.ts'
import type { Rate } from './yardsticks.ts'

const ALL = ['yardsticks', 'embedded', 'distributed', 'naive', 'slow-commits', 'latency'] as const
const flags = commandLine(
  'Measures the engine, a naive baseline and the parts they stand on. The whole of it writes RESULTS.md.',
  {
    runs: wholeNumber('of each part: 3, or 1 with --quick', null, 1),
    quick: flag('fewer orders'),
    only: someOf('these parts alone', ALL),
    'no-build': flag('measures what is built'),
  },
)
const { only } = flags

const FULL = {
  runs: 3,
  warmUp: 30_000,
  sizes: [2_000, 20_000],
  pacedSeconds: 20,
  alone: 40,
  realisticSeconds: 60,
  jobs: 20_000,
  insertSeconds: 3,
  slowOrders: 6_000,
}
const QUICK = {
  runs: 1,
  warmUp: 1_000,
  sizes: [1_000, 4_000],
  pacedSeconds: 5,
  alone: 8,
  realisticSeconds: 15,
  jobs: 5_000,
  insertSeconds: 1,
  slowOrders: 1_500,
}
const plan = flags.quick ? QUICK : FULL
const runs = flags.runs ?? plan.runs
const LOW_RATE = 10
const WATCH_RATE = 50
/** 10 slots are what such workers usually run with; 100 show what more of them change, and no world what ours costs them. */
const NAIVES: readonly Naive[] = [
  { slots: 10, world: 'simulated' },
  { slots: 100, world: 'simulated' },
  { slots: 100, world: 'none' },
]
/** What network disks and synchronous replicas in reach take to make a commit durable; a local one takes a tenth of it. */
const SLOW_COMMIT_MS = 2
const YARDSTICKS = new URL('./yardsticks.ts', import.meta.url)
const RESULTS = new URL('./RESULTS.md', import.meta.url)

const engines = new Table('Orders, the simulated world without waiting')
const parts = new Table('Yardsticks')
const realistic = new Table('Default latencies of the simulated world')
const faults: string[] = []

const say = (text: string) => process.stdout.write(`${text}\n`)
const ordersRow = (orders: number) => `orders/s, ${numberText(orders)} orders`
const naiveName = ({ slots, world }: Naive) =>
  `naive, ${slots} slots${world === 'none' ? ', quotes and swaps for nothing' : ''}`
const CPU_TOTAL = 'CPU µs/order, all but the load'
const JOBS = 'BullMQ: jobs/s that do nothing, added one by one'
const SLOW = `orders/s, a commit takes ${SLOW_COMMIT_MS} ms more`
const BIGGEST = ordersRow(plan.sizes.at(-1) ?? 0)
const COLD = `orders/s, the first ${numberText(plan.warmUp)} of a process`

/** A part that cannot be measured must not take the others with it, but it fails the run. */
async function attempt(name: string, measure: () => Promise<void>) {
  say(`… ${name}`)
  try {
    await measure()
  } catch (error) {
    const fault = `${name}: ${error instanceof Error ? error.message : error}`
    faults.push(fault)
    say(`✗ ${fault}`)
  }
}

async function withTarget(start: Promise<Target>, measure: (target: Target) => Promise<void>) {
  const target = await start
  try {
    await measure(target)
  } finally {
    await target.stop()
  }
}

async function measureOrders(column: string, target: Target) {
  const add = (row: string, value: number) => engines.add(column, row, value)
  add(COLD, (await throughput(target, plan.warmUp)).confirmedPerSecond)
  let most = 0
  for (const orders of plan.sizes) {
    const result = await throughput(target, orders)
    most = result.confirmedPerSecond
    say(`  ${numberText(orders)} orders: ${numberText(most)} a second`)
    add(ordersRow(orders), most)
    if (ordersRow(orders) !== BIGGEST) continue
    add('of them confirmed, %', result.confirmedPercent)
    add('POST answered at that load: p99 ms', result.answerP99Ms)
    let total = 0
    for (const [name, us] of Object.entries(result.cpuUsPerOrder)) {
      add(`CPU µs/order: ${name}`, us)
      if (name !== 'load') total += us
    }
    add(CPU_TOTAL, total)
    add('CPU gone elsewhere meanwhile, % of the machine', result.cpuElsewherePercent)
  }
  for (const process of target.processes) add(`peak memory MB: ${process.name}`, peakMemoryMb(process))

  const { pacedSeconds } = plan
  const quiet = await latency(target, { rate: LOW_RATE, seconds: pacedSeconds, watchRate: LOW_RATE })
  add(`POST → confirmed ms at ${LOW_RATE} orders/s: p50`, quiet.p50)
  add(`POST → confirmed ms at ${LOW_RATE} orders/s: p99`, quiet.p99)
  const busy = await latency(target, { rate: most / 2, seconds: pacedSeconds / 2, watchRate: WATCH_RATE })
  add('POST → confirmed ms at half of its most: p50', busy.p50)
  add('POST → confirmed ms at half of its most: p99', busy.p99)
}

async function measureSlowCommits(column: string, target: Target) {
  await throughput(target, plan.warmUp)
  engines.add(column, SLOW, (await throughput(target, plan.slowOrders)).confirmedPerSecond)
}

async function measureParts(servers: Servers) {
  const add = (row: string, value: number) => parts.add('measured', row, value)
  const { pgConn, redisUrl } = await servers.empty()
  const env = { PG_CONN: pgConn, REDIS_URL: redisUrl }
  const rate = async (part: string, count: number) =>
    (await runNode<Rate>(typescript(YARDSTICKS, part, String(count)), env)).perSecond

  const PORT = String(await freePort())
  const url = `http://127.0.0.1:${PORT}`
  const ready = new URL('/readyz', url)
  const http = await startNode({ name: 'http', args: typescript(YARDSTICKS, 'http'), env: { PORT }, ready })
  try {
    await runLoad({ kind: 'burst', url, orders: plan.warmUp, connections: 64 })
    const load = await runLoad({ kind: 'burst', url, orders: plan.sizes.at(-1) ?? 0, connections: 64 })
    const seconds = (load.endedAtMs - load.startedAtMs) / 1000
    add('Fastify alone: POSTs answered/s', load.orderIds.length / seconds)
    add('CPU µs/request of the load generator there', load.cpuUsPerRequest)
    const paced = { rate: LOW_RATE, seconds: plan.pacedSeconds, watchRate: LOW_RATE }
    const { confirmedMs } = await runLoad({ kind: 'paced', url, ...paced })
    add(`Fastify and a socket alone: POST → last status told, ms at ${LOW_RATE}/s: p50`, confirmedMs.p50)
  } finally {
    await http.stop()
  }

  const args = typescript(YARDSTICKS, 'jobs-work')
  const worker = await startNode({ name: 'jobs-work', args, env, ready: 'ready' })
  try {
    add(JOBS, await rate('jobs-add', plan.jobs))
  } finally {
    await worker.stop()
  }
  add('Postgres: durable rows/s, 100 to a statement', await rate('rows-batched', plan.insertSeconds))
  add('Postgres: durable rows/s, one by one', await rate('rows-single', plan.insertSeconds))
}

async function measureRealistic(column: string, target: Target) {
  await latencyAlone(target, 1)
  const alone = await latencyAlone(target, plan.alone)
  const steady = { rate: LOW_RATE, seconds: plan.realisticSeconds, watchRate: LOW_RATE }
  const together = await latency(target, steady)
  for (const [load, spread] of Object.entries({ 'one order alone': alone, '10 orders/s': together })) {
    realistic.add(column, `POST → confirmed ms, ${load}: p50`, spread.p50)
    realistic.add(column, `POST → confirmed ms, ${load}: p99`, spread.p99)
    realistic.add(column, `POST → confirmed ms, ${load}: max`, spread.max)
  }
}

async function measureAll(servers: Servers) {
  const embedded = (speed: Speed) => ({ name: 'embedded', start: () => startEmbedded(speed) })
  const distributed = (speed: Speed, on = servers) => ({
    name: 'distributed',
    start: () => startDistributed(on, speed),
  })
  const naive = (on = servers) =>
    NAIVES.map((which) => ({ name: naiveName(which), start: () => startNaive(on, which) }))
  const targets = [embedded('instant'), distributed('instant'), ...naive()].filter(({ name }) =>
    only.some((part) => name.startsWith(part)),
  )
  const slow = servers.withSlowCommits(SLOW_COMMIT_MS)
  const slowTargets = only.includes('slow-commits') ? [distributed('instant', slow), ...naive(slow)] : []
  // Every run goes through all targets, so that a machine that slows down meanwhile slows all of them.
  for (let run = 1; run <= runs; run += 1) {
    if (only.includes('yardsticks')) await attempt(`run ${run}: yardsticks`, () => measureParts(servers))
    for (const { name, start } of targets)
      await attempt(`run ${run}: ${name}`, () => withTarget(start(), (target) => measureOrders(name, target)))
    for (const { name, start } of slowTargets)
      await attempt(`run ${run}: ${name}, slow commits`, () =>
        withTarget(start(), (target) => measureSlowCommits(name, target)),
      )
  }
  if (!only.includes('latency')) return
  for (const { name, start } of [embedded('realistic'), distributed('realistic')])
    await attempt(`default latencies: ${name}`, () =>
      withTarget(start(), (target) => measureRealistic(name, target)),
    )
}

/** What the figures come to when divided by each other; pairs of which one was not measured are left out. */
function ratios(): string {
  const orders = (column: string) => engines.median(column, BIGGEST)
  const cpu = (column: string) => engines.median(column, CPU_TOTAL)
  const naive = NAIVES.map(naiveName)
  const slow = (column: string) => engines.median(column, SLOW)
  const pairs: readonly (readonly [name: string, times: number])[] = [
    ...['distributed', 'embedded'].flatMap((engine) => [
      ...naive.map((name) => [`orders/s: ${engine} / ${name}`, orders(engine) / orders(name)] as const),
      ...naive.map((name) => [`CPU per order: ${name} / ${engine}`, cpu(name) / cpu(engine)] as const),
      [`orders/s: ${engine} / ${JOBS}`, orders(engine) / parts.median('measured', JOBS)] as const,
    ]),
    ...naive.map((name) => [`${SLOW}: distributed / ${name}`, slow('distributed') / slow(name)] as const),
  ]
  const lines = pairs.filter(([, value]) => Number.isFinite(value))
  if (lines.length === 0) return ''
  const text = lines.map(([name, value]) => `| ${name} | ${numberText(value)} |`).join('\n')
  return `## Ratios\n\n|  | times |\n| --- | ---: |\n${text}\n`
}

function report(servers: Servers): string {
  const [cpu] = cpus()
  const machine = `${availableParallelism()} cores (${cpu?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB`
  const head = `# Benchmark

${new Date().toISOString().slice(0, 10)}; ${machine}; Node ${process.versions.node}; ${servers.description}.
Everything ran on this one machine, the load included. Medians of ${runs} run${runs === 1 ? '' : 's'} (min–max).
`
  const notes = `## How to read it

- An order counts from the first byte of the first POST until the store calls it confirmed; 64 keep-alive connections.
- The first ${numberText(plan.warmUp)} orders of a process, of which much is run before it is compiled, are measured by themselves; all else
  comes after them.
- Distributed: one API process, one worker process. Naive (\`bench/naive/\`): the same split, a BullMQ job per order that
  keeps its slot until its swap has landed, a statement for each status and one for its history, a PUBLISH. It trades on the
  same simulated world: venues, pools, chain and its ledger are the engine's. Its blocks are smaller, and cost it more; the
  last column has neither quotes nor swaps nor blocks to pay for, which the engine does all the same.
- POST → confirmed runs from when the POST was due until the message was read from a WebSocket opened after the answer. At
  ${LOW_RATE} orders/s every order is watched, at half load ${WATCH_RATE} a second of them. Half load is
  half of what each managed above: several times as many orders a second for the engine as for the baseline.
- A commit takes ${SLOW_COMMIT_MS} ms more: the same servers with Postgres' \`commit_delay\`, as if its log lay on a network disk.
- CPU is user + system time from \`/proc\`, Postgres with all its backends; memory is the peak resident size.
`
  const broken =
    faults.length > 0
      ? `## Not measured\n\n${faults.map((fault) => `- ${fault.split('\n')[0]}`).join('\n')}\n`
      : ''
  const sections = [head, engines.markdown(), ratios(), realistic.markdown(), parts.markdown(), notes, broken]
  return sections.filter(Boolean).join('\n')
}

const usesEngine = only.some((part) => !['naive', 'yardsticks'].includes(part))
if (!flags['no-build'] && usesEngine) buildEngine()
await withServers(async (servers) => {
  await measureAll(servers)
  const text = report(servers)
  say(`\n${text}`)
  const isWhole = !flags.quick && only.length === ALL.length && faults.length === 0
  if (isWhole) writeFileSync(RESULTS, text)
  else say('RESULTS.md is left as it is: this was not the whole benchmark.')
})
process.exitCode = faults.length > 0 ? 1 : 0
