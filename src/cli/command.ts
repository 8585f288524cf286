// Owns the shape of a command, how its arguments are read, and what every command is given.

import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Config } from '../config.ts'
import type { Survey } from '../domain/ports/survey.ts'
import type { Clock } from '../timing/clock.ts'
import { type ExitCode, UsageError } from './faults.ts'
import type { Env, Terminal } from './terminal.ts'

export type Option = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What a value looks like, as in `<id>`. */
  readonly value?: string
  readonly help: string
}
export type Options = Readonly<Record<string, Option>>

export type Command = {
  /** What it takes, as in `watch <id> [options]`. */
  readonly usage: string
  /** Whole lines of a shell, each with what it does. The first thing that help shows. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  readonly options: Options
  /** What else help has to say. */
  readonly notes?: string
  /** Where they differ from those of all commands. */
  readonly exitCodes?: string
  run(args: readonly string[], context: Context): Promise<Outcome>
}

/** `running`: the process goes on by itself. */
export type Outcome = ExitCode | 'running'

export type Context = {
  readonly env: Env
  readonly terminal: Terminal
  readonly clock: Clock
  operator(): Promise<Operator>
}

/** What the operator's commands do with the engine's own parts. */
export type Operator = {
  /** Throws a ConfigError, as every start does. */
  config(): Config
  /** Resolves once the engine listens. */
  start(): Promise<void>
  changeKeys(args: readonly string[]): Promise<void>
  readonly survey: Survey
}

type Values<O extends Options> = {
  readonly [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : string
}

type Given<O extends Options> = { readonly values: Values<O>; readonly positionals: readonly string[] }

/** The arguments by these options, with exactly these positionals. Throws a UsageError. */
export function read<const O extends Options>(
  options: O,
  args: readonly string[],
  positionals: readonly string[] = [],
): Given<O> {
  const given = parse(options, args)
  const [surplus] = given.positionals.slice(positionals.length)
  if (surplus !== undefined) throw new UsageError('There is one argument too many.')
  const [missing] = positionals.slice(given.positionals.length)
  if (missing !== undefined) throw new UsageError(`Name the ${missing}.`)
  return { values: given.values as Values<O>, positionals: given.positionals }
}

function parse(options: Options, args: readonly string[]) {
  const config = { args: [...args], options, allowPositionals: true } satisfies ParseArgsConfig
  try {
    return parseArgs(config)
  } catch (error) {
    throw new UsageError(faultOf(error as Error & { code?: string }, options, args))
  }
}

/** An option is named only when it is one of ours, or looks like a slip of the pen: an argument may be a key. */
function faultOf({ code }: Error & { code?: string }, options: Options, args: readonly string[]): string {
  const names = args.flatMap((arg) => /^--([a-z-]+)/.exec(arg)?.[1] ?? [])
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const unknown = names.find((name) => options[name] === undefined)
    const meant = unknown === undefined ? null : nearest(unknown, Object.keys(options))
    return `There is no such option${meant === null ? '' : `: is --${meant} meant`}${meant === null ? '.' : '?'}`
  }
  const valued = names.find((name) => options[name] !== undefined && code?.includes('INVALID_OPTION_VALUE'))
  if (valued === undefined) return 'These arguments cannot be read.'
  return options[valued]?.type === 'boolean' ? `--${valued} takes no value.` : `--${valued} needs a value.`
}

/** The candidate that a slip of the pen may have meant; null where none is close. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates
    .map((candidate) => ({ candidate, slips: distance(word, candidate) }))
    .toSorted((one, other) => one.slips - other.slips)
  const [best] = ranked
  return best !== undefined && best.slips <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : null
}

/** How many letters have to be inserted, deleted, replaced or swapped with the next (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    rows.push([i])
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      rows[i]?.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          replaced,
          isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return at(a.length, b.length)
}
