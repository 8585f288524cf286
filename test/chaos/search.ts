// Owns telling many schedules and judging each: which seeds fail, the shortest story of a failure, and its trace.
import { type Outcome, violations } from './invariants.ts'
import { type Incident, type Plan, planOf } from './plan.ts'
import { runSchedule, type Setting } from './schedule.ts'

/** Events are long. */
const MAX_LINE = 160

export type Failure = {
  readonly seed: number
  /** What was broken, as it shows in the whole schedule. */
  readonly broken: readonly string[]
  /** The incidents that are enough to break it. */
  readonly incidents: readonly Incident[]
  readonly trace: readonly string[]
}

type Search = {
  readonly seed: number
  readonly runs: number
  readonly setting?: Setting
  /** Which plans are run; all when absent. */
  readonly about?: ((plan: Plan) => boolean) | undefined
  /** Which violations count; all when absent. */
  readonly counts?: (violation: string) => boolean
  /** Told how each schedule ended. */
  readonly witness?: (outcome: Outcome, run: number) => void
  readonly goesOn?: () => boolean
}

/** Runs the schedules of these seeds until one fails; null when none does. */
export async function firstFailure(
  search: Search,
): Promise<{ seed: number; broken: readonly string[] } | null> {
  for (let run = 0; run < search.runs && search.goesOn?.() !== false; run++) {
    const seed = search.seed + run
    const plan = planOf(seed)
    if (search.about?.(plan) === false) continue
    const outcome = await runSchedule(plan, search.setting)
    search.witness?.(outcome, run)
    const broken = violations(outcome).filter((violation) => search.counts?.(violation) ?? true)
    if (broken.length > 0) return { seed, broken }
  }
  return null
}

/** The failure of one seed with its shortest story; null when it does not fail. */
export async function explain(seed: number, setting: Setting = {}): Promise<Failure | null> {
  const plan = planOf(seed)
  const broken = violations(await runSchedule(plan, setting))
  if (broken.length === 0) return null
  const kinds = new Set(broken.map(kindOf))
  const incidents = await shrink(plan.incidents, async (fewer) => {
    const outcome = await runSchedule({ ...plan, incidents: fewer }, setting)
    return violations(outcome).some((violation) => kinds.has(kindOf(violation)))
  })
  return { seed, broken, incidents, trace: await traceOf({ ...plan, incidents }, setting) }
}

const kindOf = (violation: string) => violation.split(':')[0]

/** What happens in a schedule, line by line: the same for the same plan. */
export async function traceOf(plan: Plan, setting: Setting = {}): Promise<string[]> {
  const lines: string[] = []
  const outcome = await runSchedule(plan, { ...setting, trace: (line) => lines.push(line) })
  for (const [id, { events }] of outcome.later) {
    for (const { seq, kind, at, data } of events) lines.push(`${id} ${seq} ${kind} ${at} ${data}`)
  }
  return [...lines, ...violations(outcome)]
}

/**
 * Leaves out what is not needed for `fails` to hold: halves, then quarters, down to single items, until every item left
 * is needed (delta debugging, Zeller 1999).
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (fewer: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = items
  let parts = 2
  while (left.length > 0) {
    const size = Math.ceil(left.length / parts)
    let isShorter = false
    for (let from = 0; from < left.length; ) {
      const fewer = [...left.slice(0, from), ...left.slice(from + size)]
      if (await fails(fewer)) {
        left = fewer
        isShorter = true
      } else from += size
    }
    if (size === 1 && !isShorter) break
    parts =
      isShorter && size > 1 ? Math.max(2, Math.ceil(left.length / size)) : Math.min(left.length, parts * 2)
  }
  return left
}

/** A failure for people. */
export function describe({ seed, broken, incidents, trace }: Failure): string {
  return [
    `seed ${seed} broke:`,
    ...broken.map((line) => `  ${line}`),
    `These ${incidents.length} incidents are enough:`,
    ...incidents.map((incident) => `  ${JSON.stringify(incident)}`),
    'What happens then:',
    ...trace.map((line) => `  ${line.slice(0, MAX_LINE)}`),
    `Again: npm run chaos -- --seed ${seed} --runs 1`,
  ].join('\n')
}
