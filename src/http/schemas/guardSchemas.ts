// Owns the schema of what guards a sniper.

import Type from 'typebox'
import { consents, guardDefaults } from '../../domain/guards.ts'
import { ADDRESS_PATTERN } from '../requests/addressField.ts'
import { closed, described, Price } from './fieldSchemas.ts'

const Slots = (minimum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum: 1_000_000, description }))
const Addresses = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ pattern: ADDRESS_PATTERN }), {
      minItems: 1,
      maxItems: 100,
      uniqueItems: true,
      description,
    }),
  )

const guards = {
  minLiquidity: Type.Optional(
    Price('SOL that each pool that is bought in must hold, when it was opened and now; any when absent.'),
  ),
  maxPrice: Type.Optional(Price('How much tokenIn one tokenOut may cost; any when absent.')),
  maxTransferFeeBps: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description: `What a transfer may cost; ${guardDefaults.maxTransferFeeBps} when absent.`,
    }),
  ),
  minAgeSlots: Slots(0, `Slots since the first pool was opened; ${guardDefaults.minAgeSlots} when absent.`),
  maxAgeSlots: Slots(
    1,
    `Once its first pool is older, the order ends; ${guardDefaults.maxAgeSlots} when absent.`,
  ),
  passes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 20,
      description: `In how many slots, one after the other, all guards must pass; ${guardDefaults.passes} when absent.`,
    }),
  ),
  allowCreators: Addresses('Only pools that these addresses opened.'),
  denyCreators: Addresses('No pools that these addresses opened.'),
  minSaleBps: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: `The least share of what is spent that a trial sale must return; ${guardDefaults.minSaleBps} when absent.`,
    }),
  ),
  allow: Type.Optional(
    Type.Array(Type.Enum([...consents]), {
      maxItems: consents.length,
      uniqueItems: true,
      description: 'What the guards refuse unless it is named here.',
    }),
  ),
}

export const Guards = Type.Object(guards, closed)

const OrNone = <S extends Type.TSchema>(schema: S) =>
  Type.Optional(Type.Union([schema, Type.Null()], described('null lifts it.')))

/** Those that are named change. */
export const AmendGuards = Type.Object(
  {
    ...guards,
    minLiquidity: OrNone(guards.minLiquidity),
    maxPrice: OrNone(guards.maxPrice),
    allowCreators: OrNone(guards.allowCreators),
    denyCreators: OrNone(guards.denyCreators),
  },
  closed,
)
export type AmendGuardsRequest = Type.Static<typeof AmendGuards>
