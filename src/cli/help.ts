// Owns the help: the list of commands, and the page of each, examples first.

import type { Command, Options } from './command.ts'
import { table } from './terminal.ts'

const EXIT_CODES = `Exit codes: 0 done, 1 denied or failed, 2 wrong usage, 3 engine not reachable, 130 interrupted.`

const SETTINGS = `Settings, from the environment:
  OEE_URL           the engine; default http://127.0.0.1:<PORT of the environment or .env, or 3000>
  OEE_API_KEY       its key, where it asks for one
  OEE_API_KEY_FILE  a file that holds the key
  NO_COLOR          no colors`

export function overview(commands: readonly (readonly [name: string, summary: string])[]): string {
  const indent = (text: string) => text.replace(/^(?=.)/gm, '  ')
  return `The order execution engine, from a terminal.

Examples:
  oee start                                                    start the engine
  oee place --type market --in SOL --out USDC --amount 1 --watch   place an order and follow it
  oee ls --open                                                list the open orders
  oee doctor                                                   check what the engine stands on

Commands:
${indent(table(commands))}

Run "oee <command> --help" for its examples and options.

${SETTINGS}

${EXIT_CODES}`
}

export function page(command: Command): string {
  const examples = command.examples.map(([line, does]) => `  ${line}\n      ${does}`)
  const options = optionRows({ ...command.options, help: HELP })
  return [
    `Examples:\n${examples.join('\n')}`,
    `Usage: oee ${command.usage}`,
    `Options:\n${table(options)}`,
    ...(command.notes === undefined ? [] : [command.notes]),
    command.exitCodes ?? EXIT_CODES,
  ].join('\n\n')
}

const HELP = { type: 'boolean', short: 'h', help: 'show this' } as const

function optionRows(options: Options): string[][] {
  return Object.entries(options).map(([name, { short, value, help }]) => {
    const shortly = short === undefined ? '' : `-${short}, `
    return [`  ${shortly}--${name}${value === undefined ? '' : ` ${value}`}`, help]
  })
}
