// Owns `oee keys` as a command: the keys program, on the store of the engine.

import { scopes } from '../domain/access.ts'
import type { Command } from './command.ts'
import { EXIT } from './faults.ts'

const CREATE_OPTIONS = `Options of create:
  --scopes <list>     the scopes of the key, of ${scopes.join(', ')}; default trade,read
  --expires <when>    a number of days such as 90d, or a time such as 2027-01-31T00:00:00Z; default never
  --orders-per-minute <number>
  --open-orders <number>
  --per-order <list>  the most of each token that one order may sell, as in SOL=10,USDC=2000; other tokens are not sold
  --per-day <list>    the same for all orders of one UTC day
  --tokens <list>     the tokens that it may sell or buy, as in SOL,USDC
Protections, which hold back entries and never exits; durations as in 90s, 30m, 4h, 1d:
  --halt-after-stops <stops>/<within>/<for>   as in 3/1h/30m: three stops filled within an hour halt entries for half an hour
  --cooldown <duration>                       after an exit has sold a token, none is bought for so long
  --max-loss-per-day <list>                   the most of each token that entries may lose on one UTC day, as in USDC=100
  --max-fees-per-day <SOL>                    network fees on one UTC day, as in 0.05`

export const keys: Command = {
  usage: 'keys create --name <text> [options] | list | revoke <id>',
  examples: [
    ['oee keys create --name bot --expires 90d > bot.key', 'make a key; it is shown this once'],
    ['oee keys list', 'list every key, without its secret'],
    ['oee keys revoke 1f6c2a9be07d4583', 'revoke a key for ever'],
  ],
  options: {},
  notes: CREATE_OPTIONS,
  async run(args, { operator }) {
    await (await operator()).changeKeys(args)
    return EXIT.ok
  },
}
