// Owns the schemas of what only a simulated world has: moves, launches, faults, forks, the swaps of its ledger, and the audit.

import Type from 'typebox'
import { tokenFaults, venueFaults } from '../../domain/ports/simulation.ts'
import { venueNames } from '../../domain/route.ts'
import { ADDRESS_PATTERN } from '../requests/addressField.ts'
import { open, Timestamp } from './eventSchemas.ts'
import { closed, Decimal, described, TokenName, Venues } from './fieldSchemas.ts'

export const MoveRequest = Type.Object(
  {
    token: TokenName,
    against: TokenName,
    factor: Type.String({
      minLength: 1,
      maxLength: 32,
      description: 'A decimal from 0.0001 to 10000 that multiplies the price of token in against.',
    }),
    slots: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'In equal ratios over so many slots; 1 when absent.',
      }),
    ),
    back: Type.Optional(Type.Boolean(described('true: the price then comes back, over as many slots.'))),
    venues: Type.Optional(Venues),
  },
  closed,
)

export const MovePlanned = Type.Object({
  slot: Type.Integer(described('The first slot in which the move acts.')),
})

const Address = (description: string) =>
  Type.String({ pattern: ADDRESS_PATTERN, description: `Base58 address; ${description}` })

export const LaunchRequest = Type.Object(
  {
    symbol: Type.String({ pattern: '^[A-Za-z0-9]{1,16}$' }),
    mint: Type.Optional(Address('made up when absent.')),
    creator: Type.Optional(Address('made up when absent.')),
    inSlots: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        description: 'How much later than at once; 0 when absent.',
      }),
    ),
    liquidity: Type.Union(Decimal.anyOf, described('SOL in the pool at first.')),
    venue: Type.Enum([...venueNames]),
    faults: Type.Optional(
      Type.Array(Type.Enum([...tokenFaults]), {
        maxItems: tokenFaults.length,
        uniqueItems: true,
        description: 'What is wrong with the token; nothing when absent.',
      }),
    ),
  },
  closed,
)

export const LaunchPlanned = Type.Object({
  mint: Type.String(),
  pool: Type.String(),
  slot: Type.Integer(described('The first slot in which the pool is there.')),
})

export const SwapsQuery = Type.Object(
  {
    orderId: Type.Optional(Type.String({ pattern: '^[\\x20-\\x7e]{1,64}$' })),
    cursor: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
    limit: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,3}$' })),
  },
  closed,
)

export const SwapsPage = Type.Object({
  swaps: Type.Array(Type.Object({ signature: Type.String(), orderId: Type.String(), at: Timestamp }, open)),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
})

export const LaunchesView = Type.Object({
  launches: Type.Array(
    Type.Object(
      {
        symbol: Type.String(),
        mint: Type.String(),
        creator: Type.String(),
        pool: Type.String(),
        venue: Type.Enum([...venueNames]),
        slot: Type.Integer(described('The first slot in which the pool is there.')),
        launched: Type.Boolean(described('Whether that slot has come.')),
        liquidity: Type.String(described('SOL in the pool at first.')),
        faults: Type.Array(Type.Enum([...tokenFaults])),
      },
      open,
    ),
    described('The newest hundred, those to come among them.'),
  ),
})

const VenueFaultName = Type.Union([Type.Enum([...venueFaults]), Type.Null()])
const venuesWith = <S extends Type.TSchema>(schema: S) => ({ raydium: schema, meteora: schema })
const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description })
const rates = {
  dropRate: Share('Share of the transactions that vanish on their way to the chain.'),
  sendErrorRate: Share('Share of the sends that report an error although the transaction has arrived.'),
}

export const FaultsView = Type.Object({ venues: Type.Object(venuesWith(VenueFaultName)), ...rates })

export const FaultsRequest = Type.Object(
  {
    venues: Type.Optional(
      Type.Object(venuesWith(Type.Optional(VenueFaultName)), {
        ...closed,
        description: 'What is wrong with a venue; null: nothing.',
      }),
    ),
    dropRate: Type.Optional(rates.dropRate),
    sendErrorRate: Type.Optional(rates.sendErrorRate),
  },
  { ...closed, description: 'What is not named stays as it is.' },
)

export const ForkPlanned = Type.Object({
  slot: Type.Integer(
    described('The slot that begins with the fork: the last two blocks before it never were.'),
  ),
})

export const ProcessParams = Type.Object({ id: Type.String() }, closed)
export const ProcessKilled = Type.Object({ processId: Type.String() })

export const AuditView = Type.Object(
  {
    orders: Type.Integer(described('Orders looked at: the newest ten thousand at most, of all keys.')),
    underWay: Type.Integer(
      described('Those that have not come to rest: they count as neither lost nor sound.'),
    ),
    confirmed: Type.Integer(),
    swaps: Type.Integer(described('Swaps of these orders that have landed and stand.')),
    lost: Type.Integer(
      described(
        'Confirmed orders without a landed swap, and closed ones that have one and are not confirmed.',
      ),
    ),
    doubled: Type.Integer(described('Orders with more than one landed swap.')),
    at: Timestamp,
  },
  open,
)
