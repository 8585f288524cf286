// Owns chaos by hand: seeded runs on real processes and servers, a line for each, and a summary. Exits 1 when a rule broke,
// a run could not be carried out, or there was none: npm run chaos:processes.
import { commandLine, flag, oneOf, wholeNumber } from '../../scripts/commandLine.ts'
import { quantile, type Report, run } from './chaosRun.ts'
import type { Settings } from './engineProcess.ts'
import { canMount, type FaultName, faults } from './faults.ts'
import { type Plan, planOf } from './plan.ts'
import { startPostgres } from './servers.ts'

const options = commandLine(
  'Runs faults on real processes and servers; prints the rules that broke, and exits 1 if any did.',
  {
    seed: wholeNumber('of the first run; each has the next', 1),
    runs: wholeNumber('how many', 1, 1),
    fault: oneOf('this fault alone', Object.keys(faults) as FaultName[]),
    orders: wholeNumber('in each run', null, 1),
    planted: flag('breaks the engine first: it answers every cancel with 500. To see that it is found'),
  },
)

const say = (line: string) => process.stdout.write(`${line}\n`)

function describe({ seed, fault, runtime, day, seat, takesAll, crashes, afterMs }: Plan): string {
  const whom = runtime === 'embedded' ? '' : takesAll ? ' all' : ` ${['api', 'worker', 'other worker'][seat]}`
  const where = crashes.map(({ point, count }) => `${point}:${count}`).join(' ')
  return `seed ${seed}: ${fault} ${runtime}${whom}, ${day} day, after ${afterMs} ms ${where}`.trimEnd()
}

function tell(report: Report): void {
  const { orders, inFlight, lost, doubled, firstMovedMs, allEndedMs, extraP95Ms, broken, traded } = report
  say(
    `  ${orders} orders, ${inFlight} in flight, lost ${lost}, doubled ${doubled}, first moved ${firstMovedMs} ms, ` +
      `all ended ${allEndedMs} ms, extra p95 ${extraP95Ms} ms`,
  )
  const types = Object.entries(traded).map(([type, count]) => `${count} ${type}`)
  say(`  traded: ${types.join(', ')}`)
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

/** Loaded into every engine: what a defect looks like to its clients. */
const DEFECT = `import { ServerResponse } from 'node:http'
const { writeHead } = ServerResponse.prototype
ServerResponse.prototype.writeHead = function (status, ...rest) {
  return writeHead.call(this, this.req.method === 'DELETE' ? 500 : status, ...rest)
}`
const planted: Settings = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(DEFECT)}`,
}

const reports: Report[] = []
let failed = 0
// Whatever ends it, what was found is said.
process.once('exit', () => summarise(reports, failed))
const postgres = startPostgres()
process.once('exit', () => postgres.remove())
for (let i = 0; i < options.runs; i++) {
  const plan = planOf(options.seed + i, options.fault)
  say(describe(plan))
  if (plan.fault === 'disk-full' && !canMount) {
    say('  NOT RUN: mounting a small disk needs root')
    continue
  }
  try {
    const report = await run(plan, postgres, {
      ...(options.orders === null ? {} : { orders: options.orders }),
      ...(options.planted ? { more: planted } : {}),
    })
    reports.push(report)
    tell(report)
  } catch (error) {
    failed += 1
    say(`  COULD NOT BE CARRIED OUT: ${error instanceof Error ? error.message : error}`)
  }
}
const isClean = failed === 0 && reports.length > 0 && reports.every(({ broken }) => broken.length === 0)
process.exit(isClean ? 0 : 1)
