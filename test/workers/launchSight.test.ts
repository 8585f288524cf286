// What a worker sees of a token that is to be launched: nothing, a market, or a market and what its guards look at.
import { describe, expect, test } from 'vitest'
import type { Mints, TrialSwap } from '../../src/domain/ports/mints.ts'
import type { VenuePools } from '../../src/domain/routing/believable.ts'
import { SOL, unlaunched } from '../../src/domain/token.ts'
import { createSight } from '../../src/workers/looks.ts'
import { poolPaying } from '../chaos/venues.ts'
import { originOf } from '../support/launches.ts'
import { manualClock } from '../support/manualClock.ts'
import { sniperOf, stopOf, tokenCalled } from '../support/orders.ts'

const spec = sniperOf()
const { mint, decimals } = tokenCalled('B')
const pool = poolPaying({ name: 'raydium', shortBps: 0n }, (amountIn) => amountIn * 4_000n, null)
const origin = originOf({ pool: pool.pool })
const down: VenuePools = {
  venue: 'meteora',
  latencyMs: 0,
  refusal: { code: 'venue_unavailable', detail: 'down' },
}
const empty: VenuePools = { venue: 'meteora', latencyMs: 0, pools: [] }
const listing: VenuePools = { venue: 'raydium', latencyMs: 0, pools: [pool] }

const routing = { maxLegs: 1, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: SOL.mint }

/** Looks at these venues, over a chain that knows the token unless it is told otherwise. */
function looking(venues: readonly VenuePools[], more: Partial<Mints> = {}) {
  const clock = manualClock()
  const asked: string[] = []
  let slot = 7
  const mints: Mints = {
    async mintInfo() {
      asked.push(`mint at ${slot}`)
      return { mint, decimals, mintAuthority: null, freezeAuthority: null, extensions: [] }
    },
    poolOrigins: async () => [origin],
    launchesBy: async () => [mint],
    trySale: async (_mint, _pool, amountIn): Promise<TrialSwap> => ({
      kind: 'swapped',
      amountOut: amountIn / 4_001n,
    }),
    ...more,
  }
  const marketData = {
    view: async () => ({ slot, at: clock.now(), venues }),
    onChange: () => () => {},
  }
  const deps = { clock, routing, mints }
  const sightOf = createSight({ ...deps, marketData })
  const unreadable = createSight({ ...deps, marketData: { ...marketData, view: fails } })
  return { sightOf, unreadable, asked, nextSlot: () => (slot += 1) }
}

const sight = (...given: Parameters<typeof looking>) => looking(...given).sightOf(spec)
const fails = async (): Promise<never> => {
  throw new Error('the node answered 503')
}

test('a sight is unread where the market cannot be read, and not where it shows no price', async () => {
  expect(await looking([listing]).unreadable(stopOf())).toMatchObject({ blocker: 'no_price', isUnread: true })
  expect(await looking([empty]).sightOf(stopOf())).not.toHaveProperty('isUnread')
})

describe('a token', () => {
  test('is not launched while every venue shows no pool of it', async () => {
    expect(await sight([empty])).toMatchObject({ kind: 'unseen', blocker: 'not_launched' })
  })

  test('may be launched where a venue cannot be asked: that is not known', async () => {
    expect(await sight([empty, down])).toMatchObject({ kind: 'unseen', blocker: 'no_price' })
  })

  test('with a pool comes with its mint, its pools, and the sale of what would be bought', async () => {
    const spent = spec.amountIn
    expect(await sight([listing, down])).toMatchObject({
      kind: 'seen',
      observation: { slot: 7, amountOut: spent * 4_000n },
      evidence: {
        slot: 7,
        token: { mint, symbol: 'B' },
        mint: { mintAuthority: null },
        origins: [origin],
        amountOut: spent * 4_000n,
        sales: [
          { pool: pool.pool, spent, outcome: { kind: 'swapped', amountOut: (spent * 4_000n) / 4_001n } },
        ],
      },
    })
  })

  test.each<[string, Partial<Mints>]>([
    ['whose mint is not there', { mintInfo: async () => null }],
    ['whose mint cannot be read', { mintInfo: fails }],
    ['whose pools cannot be read', { poolOrigins: fails }],
  ])('%s shows nothing, so that nothing is bought', async (_name, mints) => {
    expect(await sight([listing], mints)).toMatchObject({ kind: 'unseen', blocker: 'no_price' })
  })

  test('whose sale cannot be tried has a sale that is not known', async () => {
    expect(await sight([listing], { trySale: fails })).toMatchObject({
      evidence: { sales: [{ outcome: null }] },
    })
  })
})

describe('of a creator', () => {
  const byCreator = sniperOf({ creator: 'maker', tokenOut: unlaunched('maker') })
  const sightOfAll = (mints: Partial<Mints>, venues: readonly VenuePools[] = [listing]) =>
    looking(venues, mints).sightOf(byCreator)

  test('the launch that can be bought is seen, whatever came before it', async () => {
    const seen = await sightOfAll({ launchesBy: async () => [mint] })
    expect(seen).toMatchObject({ kind: 'seen', evidence: { token: { mint, symbol: 'B' } } })
  })

  test('no launch, and one that is too old to be bought, is none', async () => {
    expect(await sightOfAll({ launchesBy: async () => [] })).toMatchObject({ blocker: 'not_launched' })
    const old = async () => [originOf({ pool: pool.pool, firstSlot: -2_000 })]
    expect(await sightOfAll({ poolOrigins: old })).toMatchObject({ blocker: 'not_launched' })
  })

  test('a launch that cannot be read, or that no venue shows yet, is looked at again', async () => {
    expect(await sightOfAll({ launchesBy: fails })).toMatchObject({ blocker: 'no_price' })
    expect(await sightOfAll({}, [empty])).toMatchObject({ blocker: 'no_price' })
  })
})

describe('what the chain says of a token', () => {
  test('is read once in a slot, however many orders look', async () => {
    const { sightOf, asked, nextSlot } = looking([listing])
    await Promise.all([sightOf(spec), sightOf(sniperOf()), sightOf(sniperOf())])
    expect(asked).toEqual(['mint at 7'])
    nextSlot()
    await sightOf(spec)
    expect(asked).toEqual(['mint at 7', 'mint at 8'])
  })

  test('is read again in the same slot after a fault', async () => {
    let isFirst = true
    const { sightOf } = looking([listing], {
      async poolOrigins() {
        if (!isFirst) return [origin]
        isFirst = false
        return fails()
      },
    })
    expect(await sightOf(spec)).not.toHaveProperty('evidence')
    expect(await sightOf(spec)).toHaveProperty('evidence')
  })
})
