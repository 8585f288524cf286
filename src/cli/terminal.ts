// Owns the streams of a command: data on standard output, words on standard error, colors where a person reads them.

import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** The environment of a command. */
export type Env = Readonly<Record<string, string | undefined>>

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

export type Terminal = {
  /** Whether a person reads the data, rather than a file or another program. */
  readonly isTty: boolean
  /** A line of data. */
  print(line: string): void
  /** Redraws the line below the data, for a person alone; null takes it away. */
  redraw(line: string | null): void
  /** A line of words. */
  say(line: string): void
  /** The text in this style on standard output; as it is where colors are not wanted. */
  paint(style: Style, text: string): string
  /** All of standard input. */
  readInput(): string
}

/** Of a terminal that does not say. */
const WIDTH = 80
const ERASE_LINE = '\r\u001b[2K'

const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
}

export function createTerminal(env: Env): Terminal {
  // A reader that has enough, `head` say, closes the pipe: the command has done what was wanted of it.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      throw error
    })
  }
  const isTty = process.stdout.isTTY === true
  let isDrawn = false
  const erase = () => (isDrawn ? ERASE_LINE : '')
  const hasColors = isTty && !env.NO_COLOR && env.TERM !== 'dumb'
  return {
    isTty,
    print: (line) => void process.stdout.write(`${erase()}${line}\n`),
    redraw(line) {
      if (!isTty) return
      process.stdout.write(`${erase()}${(line ?? '').slice(0, (process.stdout.columns || WIDTH) - 1)}`)
      isDrawn = line !== null
    },
    say: (line) => void process.stderr.write(`${erase()}${line}\n`),
    paint(style, text) {
      const [on, off] = CODES[style]
      return hasColors ? `\u001b[${on}m${text}\u001b[${off}m` : text
    },
    readInput: () => readFileSync(0, 'utf8'),
  }
}

/** Columns as wide as their widest cell; the last line break is left out. Numbers, as `right` names them, end together. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const width = (text: string) => stripVTControlCharacters(text).length
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => width(row[i] ?? ''))))
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const pad = ' '.repeat((widths[i] ?? 0) - width(cell))
          return right.includes(i) ? pad + cell : cell + pad
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
