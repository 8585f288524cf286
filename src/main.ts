// Owns the program: the process's arguments, environment, streams and signals, given to the command that they name.

import type { Around } from './around.ts'
import type { Context } from './cli/command.ts'
import { explainEnd } from './cli/faults.ts'
import { runCommand } from './cli/program.ts'
import { createTerminal } from './cli/terminal.ts'
import { systemClock } from './timing/system.ts'

/** As shells report a command that SIGINT has ended. */
const INTERRUPTED = 130

/** The program; with something around its ports where a test starts it. */
export async function main(args: readonly string[], around?: Around): Promise<void> {
  // Node would print every property of an uncaught error, and drivers keep passwords in them.
  process.once('uncaughtException', (error) => {
    process.stderr.write(
      `${error instanceof Error ? explainEnd(error) : 'a value that is not an Error was thrown'}\n`,
    )
    process.exit(1)
  })
  process.once('SIGINT', () => process.exit(INTERRUPTED))
  const context: Context = {
    env: process.env,
    terminal: createTerminal(process.env),
    clock: systemClock,
    // Loaded when it is needed: it is most of the program, and a client needs none of it.
    operator: async () => (await import('./operator.ts')).createOperator(process.env, around),
  }
  const outcome = await runCommand(args, context)
  // What a command leaves open, a kept connection say, must not keep the process from ending.
  if (outcome !== 'running') process.stdout.write('', () => process.exit(outcome))
}
