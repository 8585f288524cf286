// Runs simulated schedules from the command line: npm run chaos -- --seed S --runs N, or --minutes M. Each run has the next
// seed. Prints the failing seeds, the broken rules, and reduced traces of the first ones; exits 1 if any seed fails.
import type { Setting } from '../test/chaos/schedule.ts'
import { describe, explain, firstFailure } from '../test/chaos/search.ts'
import { commandLine, flag, wholeNumber } from './commandLine.ts'

const STORIES = 3
const REPORT_EVERY = 10_000

const options = commandLine(
  'Runs simulated schedules; prints those that break a rule, and exits 1 if any does.',
  {
    seed: wholeNumber('of the first schedule; each has the next', Date.now() % 1_000_000_000),
    runs: wholeNumber('how many schedules: 1000, or as many as --minutes allow', null, 1),
    minutes: wholeNumber('how long at most', null, 1),
    planted: flag('breaks the engine first: it signs quotes of any age. To see that it is found'),
  },
)
const { seed: first, minutes, planted } = options
const runs = options.runs ?? (minutes === null ? 1_000 : Number.MAX_SAFE_INTEGER)
const setting: Setting = planted
  ? { breakage: { settings: { quoteMaxAgeMs: Number.POSITIVE_INFINITY } } }
  : {}
const startedAt = performance.now()
const elapsedMs = () => performance.now() - startedAt

let done = 0
const failed: number[] = []
// Findings are printed however the program ends.
process.once('exit', () => {
  report()
  if (failed.length > 0) console.log(`failed seeds: ${failed.join(', ')}`)
})
while (done < runs) {
  const failure = await firstFailure({
    seed: first + done,
    runs: runs - done,
    setting,
    witness: () => {
      done += 1
      if (done % REPORT_EVERY === 0) report()
    },
    goesOn: () => minutes === null || elapsedMs() < minutes * 60_000,
  })
  if (failure === null) break
  failed.push(failure.seed)
  const story = failed.length <= STORIES ? await explain(failure.seed, setting) : null
  console.log(story === null ? `seed ${failure.seed} broke: ${failure.broken.join('; ')}` : describe(story))
}
process.exitCode = failed.length > 0 ? 1 : 0

function report(): void {
  const { user, system } = process.cpuUsage()
  const perSecond = Math.round((done / elapsedMs()) * 1_000)
  // By CPU time: on a shared machine this is what one free core would do.
  const perCpuSecond = Math.round((done / (user + system)) * 1_000_000)
  const seeds = `seeds ${first} to ${first + done - 1}`
  const rate = `${perSecond} a second, ${perCpuSecond} a second of CPU`
  console.log(`${done} schedules, ${seeds}, ${rate}: ${failed.length} failed`)
}
