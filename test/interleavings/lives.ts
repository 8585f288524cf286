// Owns telling many lives and judging each: the property itself, and how its failure is reported.
import fc from 'fast-check'
import { type Outcome, violations } from './invariants.ts'
import { type Breakage, type Durable, run, type Scenario, scenario } from './scenario.ts'

type Lives = {
  readonly runs: number
  readonly openDurable: (given: Scenario) => Promise<Durable>
  readonly breakage?: Breakage
  /** Which violations count; all when absent, and only then the story is shortened. */
  readonly counts?: (violation: string) => boolean
  /** Told how each life ended. */
  readonly witness?: (outcome: Outcome) => void
}

/** How long a story that breaks a rule is made shorter before it is told as it is. */
const SHRINK_MS = 20_000

/** Null when every life kept the rules; else the shortest story that breaks one, with the seed that repeats it. */
export async function firstBrokenLife({
  runs,
  openDurable,
  breakage,
  counts,
  witness,
}: Lives): Promise<string | null> {
  let found: readonly string[] = []
  let foundAt = Number.POSITIVE_INFINITY
  const property = fc.asyncProperty(scenario, fc.scheduler(), async (given, scheduler) => {
    if (Date.now() - foundAt > SHRINK_MS) return
    const outcome = await run(scheduler, given, await openDurable(given), breakage)
    witness?.(outcome)
    const broken = violations(outcome)
    const counted = counts === undefined ? broken : broken.filter(counts)
    if (counted.length === 0) return
    found = counted
    foundAt = Math.min(foundAt, Date.now())
    throw new Error(found.join('\n'))
  })
  const replayed = JSON.parse(process.env.INTERLEAVING_REPLAY ?? '{}')
  const result = await fc.check(property, { numRuns: runs, endOnFailure: counts !== undefined, ...replayed })
  if (!result.failed) return null
  if (found.length === 0) throw result.errorInstance
  const [given] = result.counterexample ?? []
  const replay = `INTERLEAVING_REPLAY='${JSON.stringify({ seed: result.seed, path: result.counterexamplePath })}'`
  return [
    ...found,
    `after ${result.numRuns} lives, to be repeated with ${replay}`,
    JSON.stringify(given),
  ].join('\n')
}
