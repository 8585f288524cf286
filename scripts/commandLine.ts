// Owns the command lines of all programs besides the engine. `--help` prints usage and exits 0. Wrong usage is one sentence and
// exit 2, a failure one sentence and exit 1. A signal ends the program with 128 plus its number.
import { constants } from 'node:os'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'

/** One option: its value and meaning in `--help`, and the reader of its text. */
type Option<T> = {
  /** Absent for a switch, which takes no value. */
  readonly value?: string
  readonly help: string
  readonly otherwise: T
  /** Throws with the expected form of the value. */
  readonly read: (text: string) => T
}
type Options = Readonly<Record<string, Option<unknown>>>
type Values<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never }

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const SHOWN_AT_MOST = 40

const program = basename(process.argv[1] ?? '')

/** An integer of at least `from`. */
export function wholeNumber<T>(help: string, otherwise: T, from = 0): Option<number | T> {
  return {
    value: 'N',
    help,
    otherwise,
    read(text) {
      const number = Number(text)
      if (!/^\d{1,15}$/.test(text) || number < from) throw new Error(`a whole number from ${from}`)
      return number
    },
  }
}

/** One of a few names. */
export function oneOf<T extends string>(help: string, names: readonly T[]): Option<T | undefined> {
  return {
    value: 'NAME',
    help: `${help}: ${names.join(', ')}`,
    otherwise: undefined,
    read(text) {
      const name = names.find((each) => each === text)
      if (name === undefined) throw new Error(`one of ${names.join(', ')}`)
      return name
    },
  }
}

/** Some of a few names, with commas between them; all when absent. */
export function someOf<T extends string>(help: string, names: readonly T[]): Option<readonly T[]> {
  const { read } = oneOf('', names)
  return {
    value: 'NAMES',
    help: `${help}, of ${names.join(',')}`,
    otherwise: names,
    read: (text) => text.split(',').flatMap((name) => read(name) ?? []),
  }
}

/** The address of an HTTP server. */
export function httpUrl(help: string): Option<string | undefined> {
  return {
    value: 'URL',
    help,
    otherwise: undefined,
    read(text) {
      const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
      if (!isHttp) throw new Error('an address that begins with http:// or https://')
      return text.replace(/\/+$/, '')
    },
  }
}

/** Off unless it is named. */
export function flag(help: string): Option<boolean> {
  return { help, otherwise: false, read: () => true }
}

/** What `about` does, and the values of its options. Ends the program for `--help` and for wrong usage. */
export function commandLine<O extends Options>(about: string, options: O): Values<O> {
  return parsed(about, options, null).values
}

/** The same for a program with one or more `operands`, such as files. */
export function commandLineWith<O extends Options>(operands: string, about: string, options: O) {
  const { values, positionals } = parsed(about, options, operands)
  if (positionals.length === 0) refuse(`give one ${operands} or more`)
  return { ...values, operands: positionals }
}

function parsed<O extends Options>(about: string, options: O, operands: string | null) {
  endClearly()
  const types = Object.entries(options).map(([name, { value }]) => {
    return [name, { type: value === undefined ? 'boolean' : 'string' }] as const
  })
  const given = parse(
    Object.fromEntries([...types, ['help', { type: 'boolean' } as const]]),
    operands !== null,
  )
  if (given.values.help === true) {
    process.stdout.write(usageOf(about, options, operands))
    process.exit(0)
  }
  const values = Object.entries(options).map(([name, option]) => [
    name,
    readOption(name, option, given.values[name]),
  ])
  return { values: Object.fromEntries(values) as Values<O>, positionals: given.positionals }
}

function parse(
  options: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>>,
  allowPositionals: boolean,
) {
  try {
    return parseArgs({ options, strict: true, allowPositionals })
  } catch (error) {
    // The first sentence only: Node's messages continue with advice.
    return refuse(String((error as Error).message).split(/\.\s/)[0] ?? '')
  }
}

function readOption(name: string, { otherwise, read }: Option<unknown>, text: unknown): unknown {
  if (text === undefined) return otherwise
  try {
    return read(String(text))
  } catch (error) {
    const shown = JSON.stringify(String(text).slice(0, SHOWN_AT_MOST))
    return refuse(`--${name} must be ${(error as Error).message}, not ${shown}`)
  }
}

function usageOf(about: string, options: Options, operands: string | null): string {
  const rows = Object.entries(options).map(([name, { value, help, otherwise }]) => {
    const isShown = ['number', 'string'].includes(typeof otherwise)
    return [`--${name}${value === undefined ? '' : ` ${value}`}`, isShown ? `${help} (${otherwise})` : help]
  })
  const width = Math.max(...[...rows, ['--help']].map(([name = '']) => name.length))
  const lines = [...rows, ['--help', 'this']].map(([name = '', help]) => `  ${name.padEnd(width)}  ${help}`)
  const given = operands === null ? '' : ` <${operands}>…`
  return `usage: ${program}${given} [options]\n${about}\n\n${lines.join('\n')}\n`
}

function refuse(why: string): never {
  process.stderr.write(`${program}: ${why}; --help shows what it takes.\n`)
  process.exit(2)
}

/** Handles every end of a program: its `exit` handlers run, and the last line is for its user. */
function endClearly(): void {
  process.once('uncaughtException', (error) => {
    process.stderr.write(`${program}: ${lastWordsOf(error)}\n`)
    process.exit(1)
  })
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      // A program that cleans up asynchronously has its own listener, and ends itself.
      if (process.listenerCount(signal) > 0) return
      process.stderr.write(`${program}: ended by ${signal} before it was done.\n`)
      process.exit(128 + constants.signals[signal])
    })
  }
}

/** An `Error` of our own or of the system becomes a sentence. A TypeError and its like are defects, printed with their stack. */
function lastWordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isSentence = Object.getPrototypeOf(error) === Error.prototype || 'code' in error
  if (!isSentence) return error.stack ?? String(error)
  const words = error.message || String('code' in error ? error.code : error)
  return error.cause instanceof Error ? `${words}\n${error.cause.message}` : words
}
