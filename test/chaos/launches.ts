// Owns launches in a schedule: tokens that trade from a block on, scams among them, what the chain says of them, and whether the
// guards of an order had to refuse one. It outlives every process.
import type { Consent, Guards } from '../../src/domain/guards.ts'
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { MintInfo, Mints } from '../../src/domain/ports/mints.ts'
import { type RouteQuery, venueNames } from '../../src/domain/route.ts'
import type { Token } from '../../src/domain/token.ts'
import { tokenCalled } from '../support/orders.ts'
import type { Worth } from './chain.ts'
import type { fatesIn } from './plan.ts'
import type { Life, World } from './world.ts'

/** What is wrong with a token: it can be frozen, no sale of it succeeds, or its liquidity is withdrawn. */
export type LaunchFault = 'freeze_authority' | 'no_sell' | 'drained'

/** What consents to each. */
const consentTo = {
  freeze_authority: 'freeze_authority',
  no_sell: 'sale',
  drained: 'sale',
} as const satisfies Record<LaunchFault, Consent>

export const CREATOR = 'creator'
export const mintOf = (token: number) => `mint ${token}`
const tokenOf = (token: number): Token => ({
  symbol: `TOKEN${token}`,
  mint: mintOf(token),
  decimals: tokenCalled('B').decimals,
})

/** Blocks from the launch to the withdrawal of the liquidity. */
const DRAIN_BLOCKS = 6
const LAMPORTS = 200_000_000_000n

export type Launched = {
  readonly token: number
  readonly fault: LaunchFault | null
  /** The blocks in which its pools are there: a fork may undo the launch, and it is made again. */
  readonly spans: readonly { readonly from: number; readonly to: number }[]
}

const spanAt = ({ spans }: Launched, height: number) =>
  spans.find(({ from, to }) => from <= height && height <= to)

/** Whether the guards had to refuse the token for what it was at that height. */
export function isRefused(launch: Launched | undefined, height: number, { allow }: Guards): boolean {
  const span = launch && spanAt(launch, height)
  if (launch === undefined || span === undefined) return true
  const { fault } = launch
  if (fault === null || allow.includes(consentTo[fault])) return false
  return fault !== 'drained' || height >= span.from + DRAIN_BLOCKS
}

export type Launches = ReturnType<typeof openLaunches>

export function openLaunches(world: World, { height, worth }: { height(): number; readonly worth: Worth }) {
  const all: { token: number; fault: LaunchFault | null; spans: { from: number; to: number }[] }[] = []
  const there = () => all.filter((launch) => spanAt(launch, height()) !== undefined)
  const named = (mint: string) => there().find(({ token }) => mintOf(token) === mint)
  const isNew = (mint: string) => mint !== tokenCalled('A').mint && mint !== tokenCalled('B').mint
  const poolName = (venue: string, mint: string) => `${venue} ${mint}`

  function infoOf(mint: string): MintInfo | null {
    const launch = named(mint)
    if (launch === undefined) return null
    const { decimals } = tokenOf(launch.token)
    const freezeAuthority = launch.fault === 'freeze_authority' ? CREATOR : null
    return { mint, decimals, mintAuthority: null, freezeAuthority, extensions: [] }
  }

  function originsOf(mint: string) {
    const launch = named(mint)
    const firstSlot = launch && spanAt(launch, height())?.from
    if (firstSlot === undefined) return []
    const terms = { creator: CREATOR, firstSlot, liquidityLamports: LAMPORTS, liquidityNowLamports: LAMPORTS }
    return venueNames.map((venue) => ({ venue, pool: poolName(venue, mint), ...terms }))
  }

  function sell(mint: string, amountIn: bigint) {
    const launch = named(mint)
    const span = launch && spanAt(launch, height())
    if (launch === undefined || span === undefined || launch.fault === 'no_sell') {
      return { kind: 'reverted', detail: 'no sale of this token succeeds' } as const
    }
    const isDrained = launch.fault === 'drained' && height() >= span.from + DRAIN_BLOCKS
    return { kind: 'swapped', amountOut: isDrained ? 1n : worth(amountIn, false) } as const
  }

  return {
    all: all as readonly Launched[],
    /** From the next block on. */
    launch(token: number, fault: LaunchFault | null) {
      if (all.some((launch) => launch.token === token)) return
      world.note(() => `${mintOf(token)} is launched, ${fault ?? 'sound'}`)
      all.push({ token, fault, spans: [{ from: height() + 1, to: Number.POSITIVE_INFINITY }] })
    },
    /** Launches in the last blocks are made again in the next one. */
    undo(blocks: number) {
      for (const { spans } of all) {
        const last = spans.at(-1)
        if (last === undefined || last.from <= height() - blocks || last.from > height()) continue
        last.to = height()
        spans.push({ from: height() + 1, to: Number.POSITIVE_INFINITY })
      }
    },
    /** The pools of a venue that trade the query: the ordinary one, or that of a launched token, which pays the same. */
    poolsFor(
      pool: RoutablePool,
      { mintIn, mintOut }: Pick<RouteQuery, 'mintIn' | 'mintOut'>,
    ): RoutablePool[] {
      const mint = [mintIn, mintOut].find(isNew)
      if (mint === undefined) return [pool]
      const launch = named(mint)
      if (launch === undefined) return []
      return [{ ...pool, pool: poolName(pool.venue, mint), tokenB: tokenOf(launch.token) }]
    },
    /** Every pool of a launched token, as a change of the market. */
    changes: () =>
      there().flatMap(({ token }) =>
        venueNames.map((venue) => ({
          pool: poolName(venue, mintOf(token)),
          mints: [tokenCalled('A').mint, mintOf(token)] as const,
          creator: CREATOR,
        })),
      ),
    mintsOf(life: Life, fateOf: ReturnType<typeof fatesIn>): Mints {
      const ask = <T>(label: string, answer: () => T) =>
        life.call(label, () => {
          if (fateOf('node') === 'no answer') throw new Error('the node does not answer')
          return answer()
        })
      return {
        mintInfo: (mint) => ask('ask for a mint', () => infoOf(mint)),
        poolOrigins: (mint) => ask('ask for the pools of a mint', () => originsOf(mint)),
        launchesBy: (creator, most) =>
          ask('ask for launches', () =>
            creator === CREATOR
              ? there()
                  .slice(-most)
                  .map(({ token }) => mintOf(token))
              : [],
          ),
        trySale: (mint, _pool, amountIn) => ask('try a sale', () => sell(mint, amountIn)),
      }
    },
  }
}
