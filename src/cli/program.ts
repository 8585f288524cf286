// Owns the table of commands: finds the one that is meant, runs it, and turns every fault into one sentence and an exit code.

import type { OeeError } from 'oee-client'
import { type Command, type Context, nearest, type Outcome } from './command.ts'
import { CommandFault, EXIT, UsageError } from './faults.ts'
import type { Env } from './terminal.ts'

type Row = { readonly summary: string; load(): Promise<Command> }

/** Each is loaded when it is run: none costs the others time. */
const commands: Readonly<Record<string, Row>> = {
  place: {
    summary: 'place an order',
    load: async () => (await import('./orders/place.ts')).place,
  },
  preview: {
    summary: 'what an order would get now; places nothing',
    load: async () => (await import('./orders/place.ts')).preview,
  },
  watch: {
    summary: 'follow an order, or all orders, as it happens',
    load: async () => (await import('./orders/watch.ts')).watch,
  },
  ls: {
    summary: 'list orders, the newest first',
    load: async () => (await import('./orders/list.ts')).ls,
  },
  show: {
    summary: 'show an order with its timeline',
    load: async () => (await import('./orders/list.ts')).show,
  },
  cancel: {
    summary: 'cancel an order, or all that fit a filter',
    load: async () => (await import('./orders/change.ts')).cancel,
  },
  amend: {
    summary: 'change, pause or resume an order that waits',
    load: async () => (await import('./orders/change.ts')).amend,
  },
  quote: {
    summary: 'what every pool would pay, side by side',
    load: async () => (await import('./quote.ts')).quote,
  },
  export: {
    summary: 'write fills as CSV or JSON lines',
    load: async () => (await import('./orders/export.ts')).exportFills,
  },
  bench: {
    summary: 'put a small load on a running engine',
    load: async () => (await import('./bench.ts')).bench,
  },
  halt: {
    summary: 'halt trading, or only entries',
    load: async () => (await import('./trading.ts')).halt,
  },
  resume: {
    summary: 'let trading go on',
    load: async () => (await import('./trading.ts')).resume,
  },
  mcp: {
    summary: 'serve the engine to an agent, over the Model Context Protocol',
    load: async () => (await import('./mcpCommand.ts')).mcp,
  },
  start: {
    summary: 'start the engine, with the settings of the environment and .env',
    load: async () => (await import('./start.ts')).start,
  },
  doctor: {
    summary: 'check what the engine stands on, and name what to do about each fault',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  keys: {
    summary: 'make, list and revoke API keys',
    load: async () => (await import('./keysCommand.ts')).keys,
  },
}

/** Never rejects. Without a command it is `start`. */
export async function runCommand(args: readonly string[], context: Context): Promise<Outcome> {
  const [name = 'start', ...rest] = args
  try {
    if (name === '--help' || name === '-h' || name === 'help') return await help(rest, context)
    if (name === '--version') return await printVersion(context)
    const command = await find(name)
    return wantsHelp(rest) ? await help([name], context) : await command.run(rest, context)
  } catch (error) {
    const { exitCode, sentence } = await endOf(error as Error, name, context)
    context.terminal.say(sentence)
    return exitCode
  }
}

const wantsHelp = (args: readonly string[]) =>
  args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).some((arg) => /^(--help|-h)$/.test(arg))

async function find(name: string): Promise<Command> {
  const row = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (row !== undefined) return row.load()
  const meant = nearest(name, Object.keys(commands))
  const hint = meant === null ? '' : `Is "oee ${meant}" meant? `
  throw new CommandFault(EXIT.usage, null, `There is no such command. ${hint}"oee --help" lists all.`)
}

async function help([name]: readonly string[], { terminal }: Context): Promise<Outcome> {
  const { overview, page } = await import('./help.ts')
  const rows = Object.entries(commands).map(([each, { summary }]) => [each, summary] as const)
  terminal.print(name === undefined ? overview(rows) : page(await find(name)))
  return EXIT.ok
}

async function printVersion({ terminal }: Context): Promise<Outcome> {
  const { engineVersion } = await import('./version.ts')
  terminal.print(engineVersion())
  return EXIT.ok
}

/** A denial, and a fault of arguments, as one sentence; faults of the engine's own parts are explained as at its start. */
async function endOf(reason: Error, name: string, { env }: Context) {
  const error = await explained(reason, env)
  if (!(error instanceof CommandFault)) {
    const { explainStartFault } = await import('./startup.ts')
    return { exitCode: EXIT.failed, sentence: explainStartFault(error) }
  }
  const help = error instanceof UsageError ? ` "oee ${name} --help" shows what it takes.` : ''
  const code = error.code === null ? '' : ` [${error.code}]`
  return { exitCode: error.exitCode, sentence: `${error.message}${code}${help}` }
}

async function explained(error: Error, env: Env): Promise<Error> {
  if (error.name !== 'OeeError') return error
  const { faultOf } = await import('./engineClient.ts')
  return faultOf(error as OeeError, env)
}
