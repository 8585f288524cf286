// Runs simulated schedules from the command line: npm run chaos -- --seed S --runs N, or --minutes M. Each run has the
// next seed. Prints the seeds that fail, what they broke and the shortest story of the first ones; exits 1 if any did.
import { parseArgs } from 'node:util'
import { describe, explain, firstFailure } from '../test/chaos/search.ts'

const STORIES = 3
const REPORT_EVERY = 10_000

const { values } = parseArgs({
  options: { seed: { type: 'string' }, runs: { type: 'string' }, minutes: { type: 'string' } },
})

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^\d{1,12}$/.test(text)) throw new Error(`--${name} must be a whole number`)
  return Number(text)
}

const first = wholeNumber('seed', values.seed, Date.now() % 1_000_000_000)
const minutes = wholeNumber('minutes', values.minutes, 0)
const runs = wholeNumber('runs', values.runs, minutes > 0 ? Number.MAX_SAFE_INTEGER : 1_000)
const startedAt = performance.now()
const elapsedMs = () => performance.now() - startedAt

let done = 0
const failed: number[] = []
while (done < runs) {
  const failure = await firstFailure({
    seed: first + done,
    runs: runs - done,
    witness: () => {
      done += 1
      if (done % REPORT_EVERY === 0) report()
    },
    goesOn: () => minutes === 0 || elapsedMs() < minutes * 60_000,
  })
  if (failure === null) break
  failed.push(failure.seed)
  const story = failed.length <= STORIES ? await explain(failure.seed) : null
  console.log(story === null ? `seed ${failure.seed} broke: ${failure.broken.join('; ')}` : describe(story))
}
report()
if (failed.length > 0) console.log(`failed seeds: ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0

function report(): void {
  const { user, system } = process.cpuUsage()
  const perSecond = Math.round((done / elapsedMs()) * 1_000)
  // On a machine that others use as well, this is what one core of our own would do.
  const perCpuSecond = Math.round((done / (user + system)) * 1_000_000)
  const seeds = `seeds ${first} to ${first + done - 1}`
  const rate = `${perSecond} a second, ${perCpuSecond} a second of CPU`
  console.log(`${done} schedules, ${seeds}, ${rate}: ${failed.length} failed`)
}
