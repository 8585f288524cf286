// Owns one finding of the doctor: what was checked, what was found, and the next step.

export type Status = 'pass' | 'warn' | 'fail'

export type Group = 'machine' | 'settings' | 'network' | 'data' | 'postgres' | 'redis' | 'chain'

export type Check = {
  readonly group: Group
  /** Stable, for programs. */
  readonly name: string
  readonly status: Status
  readonly found: string
  /** What to do about it; null for what passes. */
  readonly next: string | null
}

/** The checks of one group. */
export const checksOf = (group: Group) => ({
  pass: (name: string, found: string): Check => ({ group, name, status: 'pass', found, next: null }),
  warn: (name: string, found: string, next: string): Check => ({ group, name, status: 'warn', found, next }),
  fail: (name: string, found: string, next: string): Check => ({ group, name, status: 'fail', found, next }),
})

/** A sentence of the engine's start, as the fault and, behind its colon, the cure. What stands in parentheses is skipped. */
export function cut(sentence: string, otherwise: string): readonly [found: string, next: string] {
  let depth = 0
  for (const [i, letter] of [...sentence].entries()) {
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    if (depth === 0 && sentence.startsWith(': ', i)) {
      return [sentence.slice(0, i), sentence.slice(i + 2).replace(/\.$/, '')]
    }
  }
  return [sentence.replace(/\.$/, ''), otherwise]
}

const GIBIBYTE = 2 ** 30
const MEBIBYTE = 2 ** 20

export const bytes = (count: number): string =>
  count >= GIBIBYTE ? `${(count / GIBIBYTE).toFixed(1)} GiB` : `${(count / MEBIBYTE).toFixed(0)} MiB`
