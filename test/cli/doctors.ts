// Owns how tests consult the doctor: as a program, in its form for programs.
import { expect } from 'vitest'
import type { Check, Status } from '../../src/cli/doctor/check.ts'
import { launch, type Settings, type Way } from '../recovery/engineProcess.ts'

const EXIT_CODES: Readonly<Record<Status, number>> = { pass: 0, warn: 1, fail: 2 }

/** The checks of a doctor with these settings and no others. */
export async function consult(settings: Settings, way: Way = {}): Promise<readonly Check[]> {
  const { code, stdout, stderr } = await launch(settings, ['doctor', '--json'], way).exited
  expect(stderr).toBe('')
  const { status, checks } = JSON.parse(stdout) as { status: Status; checks: readonly Check[] }
  expect(code).toBe(EXIT_CODES[status])
  const worst = (['fail', 'warn', 'pass'] as const).find((each) => checks.some((one) => one.status === each))
  expect(status).toBe(worst)
  for (const check of checks) expect(check.next === null).toBe(check.status === 'pass')
  return checks
}

/** What does not pass, as `group.name status: found -> next`. */
export const faultsIn = (checks: readonly Check[]): readonly string[] =>
  checks.flatMap(({ group, name, status, found, next }) =>
    status === 'pass' ? [] : [`${group}.${name} ${status}: ${found} -> ${next}`],
  )

/** Loaded before the program: a clock that is off by so much. */
export const clockOff = (ms: number): Settings => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`const now=Date.now;Date.now=()=>now()+${ms}`)}`,
})
