// `npm run bench:overload`: a burst, and three times the capacity, in either runtime. Measures how fast orders are denied, the
// latency of accepted ones, the cost, and the time to recover. Writes OVERLOAD.md.
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { commandLine, flag, someOf, wholeNumber } from '../scripts/commandLine.ts'
import { buildEngine, startDistributed, startEmbedded } from './engine.ts'
import type { Flood, FloodResult, PhaseResult } from './flood.ts'
import { runLoad, type Target } from './measure.ts'
import { cpuMs, machineCpuMs, peakMemoryMb, runNode, typescript } from './processes.ts'
import { numberText, Table } from './report.ts'
import { withServers } from './servers.ts'

const ALL = ['embedded', 'distributed'] as const
const flags = commandLine(
  'Sends more orders than can be done and measures the outcome. A complete run writes OVERLOAD.md.',
  {
    only: someOf('these runtimes alone', ALL),
    seconds: wholeNumber('of each flood', 15, 1),
    'no-build': flag('measures what is built'),
  },
)
const SECONDS = flags.seconds
const WARM_UP = 4_000
const CAPACITY = 12_000
/** As many as all orders of half a second: a load that waits for a free connection would be no open loop. */
const CONNECTIONS = 3_000
const PROBES_PER_SECOND = 20
const AFTER_SECONDS = 15
/** As before: what an order took at rest, three times over. */
const NORMAL = 3
const CONFIRMED_LIMIT_MS = 60_000
const OVERLOAD = new URL('./OVERLOAD.md', import.meta.url)

const table = new Table('Seen')
const faults: string[] = []
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Orders a second that are accepted and done, from the first byte to the last answer, by clients that wait for answers. */
async function capacityOf(target: Target): Promise<number> {
  await runLoad({ kind: 'burst', url: target.url, orders: WARM_UP, connections: 64 })
  const { startedAtMs, orderIds } = await runLoad({
    kind: 'burst',
    url: target.url,
    orders: CAPACITY,
    connections: 64,
  })
  const deadline = Date.now() + CONFIRMED_LIMIT_MS
  for (;;) {
    const { count, lastAtMs } = await target.confirmedAmong(orderIds)
    if (count >= CAPACITY * 0.99) return Math.round((1_000 * count) / (lastAtMs - startedAtMs))
    if (Date.now() > deadline)
      throw new Error(`${count} of ${CAPACITY} orders were confirmed within ${CONFIRMED_LIMIT_MS / 1_000} s`)
  }
}

const runFlood = (flood: Flood) =>
  runNode<FloodResult>(typescript(new URL('./flood.ts', import.meta.url), JSON.stringify(flood)))

async function measure(name: string, target: Target): Promise<void> {
  const add = (row: string, value: number) => table.add(name, row, value)
  const capacity = await capacityOf(target)
  say(`  ${numberText(capacity)} orders a second are done at most`)
  add('orders/s done at most, by clients that wait', capacity)
  for (const times of [1, 3]) {
    const processes = [...target.processes, ...target.servers]
    const [cpuBefore, machineBefore, startedAt] = [processes.map(cpuMs), machineCpuMs(), Date.now()]
    const { phases, cpuUsPerRequest } = await runFlood({
      url: target.url,
      connections: CONNECTIONS,
      watchPerSecond: PROBES_PER_SECOND,
      phases: [
        { name: 'before', rate: PROBES_PER_SECOND, seconds: 5 },
        { name: 'flood', rate: capacity * times, seconds: SECONDS },
        { name: 'after', rate: PROBES_PER_SECOND, seconds: AFTER_SECONDS },
      ],
    })
    const [before, during, after] = phases as [PhaseResult, PhaseResult, PhaseResult]
    const at = `${times}x`
    const sent = Object.values(during.answers).reduce((sum, count) => sum + count, 0)
    add(`${at}: orders/s sent`, sent / SECONDS)
    add(`${at}: accepted/s`, during.acceptedMs.count / SECONDS)
    add(`${at}: refused/s`, during.refusedMs.count / SECONDS)
    add(`${at}: neither (broken connections)`, sent - during.acceptedMs.count - during.refusedMs.count)
    add(`${at}: refusal ms: p50`, during.refusedMs.p50)
    add(`${at}: refusal ms: p99`, during.refusedMs.p99)
    add(`${at}: accepted answer ms: p50`, during.acceptedMs.p50)
    add(`${at}: accepted answer ms: p99`, during.acceptedMs.p99)
    add(`${at}: accepted order, POST → confirmed ms: p50`, during.confirmedMs.p50)
    add(`${at}: accepted order, POST → confirmed ms: p99`, during.confirmedMs.p99)
    add(`${at}: s until as before`, recovery(before, after))
    add(`${at}: CPU µs of the load per request`, cpuUsPerRequest)
    const spentMs = processes.map((process, index) => cpuMs(process) - (cpuBefore[index] ?? 0))
    const oursMs = spentMs.reduce((sum, ms) => sum + ms, 0) + (cpuUsPerRequest * sent) / 1_000
    const machineMs = availableParallelism() * (Date.now() - startedAt)
    add(
      `${at}: CPU gone elsewhere, % of the machine`,
      Math.max(0, (100 * (machineCpuMs() - machineBefore - oursMs)) / machineMs),
    )
    const broken = sent - during.acceptedMs.count - during.refusedMs.count
    if (broken > 0) faults.push(`${name}, ${at}: ${broken} orders were neither accepted nor refused`)
    if (during.withoutRetryAfter > 0)
      faults.push(`${name}, ${at}: ${during.withoutRetryAfter} denials had no Retry-After`)
    say(`  ${at}: ${JSON.stringify({ ...during, confirmed: undefined })}`)
  }
  for (const process of target.processes) add(`peak memory MB: ${process.name}`, peakMemoryMb(process))
}

/** Seconds from the end of the flood until every order sent later was taken, and confirmed as fast as one at rest, or nearly. */
function recovery(before: PhaseResult, after: PhaseResult): number {
  const normalMs = Math.max(100, NORMAL * before.confirmedMs.p99)
  const slow = after.confirmed.filter(({ tookMs }) => tookMs > normalMs)
  const slowUntilMs = slow.map(({ dueMs, tookMs }) => dueMs + tookMs)
  return Math.max(0, after.lastRefusedMs ?? 0, ...slowUntilMs) / 1_000
}

const text = () => `# Overload

${new Date().toISOString().slice(0, 10)}; ${availableParallelism()} cores (${cpus()[0]?.model.trim()}); Node ${process.versions.node}; load average ${loadavg()[0]?.toFixed(1)} at the end. Engine, servers and
load on this one machine; the load is a process of its own. The simulated world without waiting. \`npm run bench:overload\`.

${table.markdown()}
- 1x is what 64 clients that wait for their answers get done; the load does not wait: orders are due at even distances over
  ${numberText(CONNECTIONS)} connections for ${SECONDS} s, and every time is taken from when an order was due.
- As before: every order that was sent later was taken, and confirmed within ${NORMAL} times the slowest of before, or 100 ms.
- POST → confirmed: of ${PROBES_PER_SECOND} accepted orders a second, from when the POST was due until a socket said so.
`

if (!flags['no-build']) buildEngine()
await withServers(async (servers) => {
  for (const name of flags.only) {
    say(`… ${name}`)
    const target = await (name === 'embedded'
      ? startEmbedded('instant')
      : startDistributed(servers, 'instant'))
    await measure(name, target).finally(target.stop)
  }
})
say(`\n${text()}`)
for (const fault of faults) say(`✗ ${fault}`)
if (faults.length === 0 && ALL.every((name) => flags.only.includes(name))) writeFileSync(OVERLOAD, text())
else say('OVERLOAD.md is left as it is: this was not the whole benchmark, or something was wrong.')
process.exitCode = faults.length > 0 ? 1 : 0
