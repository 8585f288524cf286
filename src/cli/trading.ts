// Owns `oee halt` and `oee resume`: the trading switch, for an operator.

import type { Trading } from 'oee-client'
import { type Command, type Context, read } from './command.ts'
import { connect } from './engineClient.ts'
import { EXIT, type ExitCode } from './faults.ts'

const json = { type: 'boolean', help: 'the new state as JSON' } as const
const haltOptions = { entries: { type: 'boolean', help: 'only entries: exits go on' }, json } as const

export const halt: Command = {
  usage: 'halt [options]',
  examples: [
    ['oee halt', 'sign no new swap, in any process, within a second'],
    ['oee halt --entries', 'let exits go on'],
  ],
  options: haltOptions,
  notes:
    'It takes a key with the scope admin where the engine asks for keys. Submitted swaps are followed to their end.',
  async run(args, context) {
    const { values } = read(haltOptions, args)
    return set(values.entries === true ? 'entries_halted' : 'halted', values.json === true, context)
  },
}

const resumeOptions = { json } as const

export const resume: Command = {
  usage: 'resume [options]',
  examples: [['oee resume', 'let trading go on']],
  options: resumeOptions,
  async run(args, context) {
    const { values } = read(resumeOptions, args)
    return set('active', values.json === true, context)
  },
}

const WORDS: Readonly<Record<Trading['state'], string>> = {
  active: 'Trading goes on.',
  entries_halted: 'Entries are halted, exits go on. "oee resume" ends it.',
  halted: 'Trading is halted. "oee resume" ends it.',
}

async function set(state: Trading['state'], isJson: boolean, { env, terminal }: Context): Promise<ExitCode> {
  const trading = await (await connect(env)).setTrading(state)
  if (isJson) terminal.print(JSON.stringify(trading))
  else terminal.say(WORDS[trading.state])
  return EXIT.ok
}
