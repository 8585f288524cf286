// Owns `oee start`.

import { type Command, read } from './command.ts'

export const start: Command = {
  usage: 'start',
  examples: [
    ['oee start', 'with the defaults: simulated, embedded, on http://127.0.0.1:3000'],
    [
      'PORT=4000 LOG_LEVEL=warn oee start',
      'settings come from the environment, and from .env in this folder',
    ],
  ],
  options: {},
  notes: 'docs/configuration.md lists every setting. SIGTERM or Ctrl-C stops it in order.',
  async run(args, { operator }) {
    read({}, args)
    await (await operator()).start()
    return 'running'
  },
}
