// Owns chaos by hand: seeded runs on real processes and servers, a line for each, and a summary. Exits 1 when a rule broke.
//   npm run chaos:processes -- [--seed 1] [--runs 20] [--fault crash] [--orders 10000]
import { parseArgs } from 'node:util'
import { quantile, type Report, run } from './chaosRun.ts'
import { canMount, type FaultName, faults } from './faults.ts'
import { type Plan, planOf } from './plan.ts'
import { startPostgres } from './servers.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    fault: { type: 'string' },
    orders: { type: 'string' },
  },
})

const say = (line: string) => process.stdout.write(`${line}\n`)

function describe({ seed, fault, runtime, day, seat, takesAll, crashes, afterMs }: Plan): string {
  const whom = runtime === 'embedded' ? '' : takesAll ? ' all' : ` ${['api', 'worker', 'other worker'][seat]}`
  const where = crashes.map(({ point, count }) => `${point}:${count}`).join(' ')
  return `seed ${seed}: ${fault} ${runtime}${whom}, ${day} day, after ${afterMs} ms ${where}`.trimEnd()
}

function tell(report: Report): void {
  const { orders, inFlight, lost, doubled, firstMovedMs, allEndedMs, extraP95Ms, broken } = report
  say(
    `  ${orders} orders, ${inFlight} in flight, lost ${lost}, doubled ${doubled}, first moved ${firstMovedMs} ms, ` +
      `all ended ${allEndedMs} ms, extra p95 ${extraP95Ms} ms`,
  )
  for (const { rule, how } of broken.slice(0, 10)) say(`  BROKEN ${rule}: ${how}`)
}

function summarise(reports: readonly Report[], failed: number): void {
  const sum = (of: (report: Report) => number) => reports.reduce((total, report) => total + of(report), 0)
  say(`\n${reports.length} runs, ${failed} could not be carried out`)
  say(
    '| fault | runs | crashes | orders | in flight | lost | doubled | rules broken | first moved, worst | all ended, worst | extra p95, worst |',
  )
  say('| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |')
  for (const fault of new Set(reports.map(({ plan }) => plan.fault))) {
    const own = reports.filter(({ plan }) => plan.fault === fault)
    const total = (of: (report: Report) => number) => own.reduce((count, report) => count + of(report), 0)
    const worst = (of: (report: Report) => number) => quantile(own.map(of), 1)
    const cells = [
      fault,
      own.length,
      total(({ plan }) => plan.crashes.length),
      total(({ orders }) => orders),
      total(({ inFlight }) => inFlight),
      total(({ lost }) => lost),
      total(({ doubled }) => doubled),
      total(({ broken }) => broken.length),
      `${worst(({ firstMovedMs }) => firstMovedMs)} ms`,
      `${worst(({ allEndedMs }) => allEndedMs)} ms`,
      `${worst(({ extraP95Ms }) => extraP95Ms)} ms`,
    ]
    say(`| ${cells.join(' | ')} |`)
  }
  say(
    `lost ${sum(({ lost }) => lost)}, doubled ${sum(({ doubled }) => doubled)}, broken ${sum(({ broken }) => broken.length)}`,
  )
}

function faultFrom(name: string | undefined): FaultName | undefined {
  if (name === undefined || Object.hasOwn(faults, name)) return name as FaultName | undefined
  throw new Error(`--fault is one of ${Object.keys(faults).join(', ')}`)
}

const fault = faultFrom(values.fault)
const postgres = startPostgres()
process.once('exit', () => postgres.remove())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const reports: Report[] = []
let failed = 0
for (let i = 0; i < Number(values.runs); i++) {
  const plan = planOf(Number(values.seed) + i, fault)
  say(describe(plan))
  if (plan.fault === 'disk-full' && !canMount) {
    say('  NOT RUN: mounting a small disk needs root')
    continue
  }
  try {
    const report = await run(
      plan,
      postgres,
      values.orders === undefined ? {} : { orders: Number(values.orders) },
    )
    reports.push(report)
    tell(report)
  } catch (error) {
    failed += 1
    say(`  COULD NOT BE CARRIED OUT: ${error instanceof Error ? error.message : error}`)
  }
}
summarise(reports, failed)
process.exit(failed > 0 || reports.some(({ broken }) => broken.length > 0) ? 1 : 0)
