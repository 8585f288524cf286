// Owns `oee mcp`.

import { createSystemRandom, systemClock } from '../timing/system.ts'
import { type Command, read } from './command.ts'
import { connect } from './engineClient.ts'
import { EXIT } from './faults.ts'
import { engineVersion } from './version.ts'

export const mcp: Command = {
  usage: 'mcp',
  examples: [
    ['oee mcp', 'serve the engine to an agent over stdin and stdout'],
    [
      'OEE_URL=http://127.0.0.1:4000 OEE_API_KEY_FILE=agent.key oee mcp',
      'an engine elsewhere, with the scopes and caps of that key',
    ],
  ],
  options: {},
  notes:
    'docs/mcp.md lists the tools. Only what was previewed is placed. It ends when the agent closes its end.',
  async run(args, { env }) {
    read({}, args)
    const client = await connect(env)
    const { runMcp } = await import('./mcp.ts')
    await runMcp(client, { clock: systemClock, random: createSystemRandom(), version: engineVersion() })
    return EXIT.ok
  },
}
