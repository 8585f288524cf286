// Owns simulated chains for tests: opened on a clock that is moved by hand, with swaps to send to them.
import { expect, vi } from 'vitest'
import { createSimulatedVenue } from '../../src/dex/mockDexRouter.ts'
import {
  openSimulatedChain,
  type SimulatedChain,
  type SimulatedChainOptions,
} from '../../src/dex/simulated/chain.ts'
import { programOf } from '../../src/dex/simulated/market.ts'
import type { BaseUnits } from '../../src/domain/amount.ts'
import type { Broadcast } from '../../src/domain/ports/broadcast.ts'
import type { Landing, SwapPlan, Watched } from '../../src/domain/ports/chain.ts'
import type { Faults } from '../../src/domain/ports/simulation.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { findRoute } from '../../src/domain/routing/findRoute.ts'
import type { OrderSpec } from '../../src/domain/spec.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { specOf } from '../support/orders.ts'

const SLOT_MS = 400
export const BLOCKHASH_BLOCKS = 6
export const FINALITY_BLOCKS = 3

export const noFaults: Faults = {
  venues: { raydium: null, meteora: null },
  dropRate: 0,
  sendErrorRate: 0,
}

const calm: SimulatedChainOptions = {
  seed: 1,
  slotMs: SLOT_MS,
  landingSlots: { least: 1, most: 1 },
  faults: noFaults,
  lagSlots: 0,
  lagRate: 1,
  forkRate: 0,
  wickRate: 0,
  gapRate: 0,
  blockhashBlocks: BLOCKHASH_BLOCKS,
  finalityBlocks: FINALITY_BLOCKS,
  produces: true,
  isSoleProcess: false,
  onFault: () => {},
}

export const openChain = (
  sql: Sql,
  clock: ManualClock,
  more: Partial<SimulatedChainOptions> = {},
  broadcast: Broadcast = noBroadcast,
) => openSimulatedChain(sql, broadcast, clock, { ...calm, ...more })

/**
 * A chain that produces blocks; the lease of the one before may take a moment to end. The clock moves on only where no block
 * came, so that none is under way when the chain is handed out.
 */
export async function openProducer(
  sql: Sql,
  clock: ManualClock,
  more: Partial<SimulatedChainOptions> = {},
  broadcast: Broadcast = noBroadcast,
) {
  const chain = await openChain(sql, clock, more, broadcast)
  await vi.waitFor(() => passSlots(chain, clock, 1, 250), { timeout: 5_000, interval: 0 })
  return chain
}

/** Lets slots pass one by one: each is produced before the next falls due. */
export async function passSlots(
  chain: SimulatedChain,
  clock: ManualClock,
  slots: number,
  timeout = 5_000,
): Promise<void> {
  for (let passed = 0; passed < slots; passed++) {
    const { slot } = await chain.readPools()
    clock.advance(SLOT_MS)
    await vi.waitFor(async () => expect((await chain.readPools()).slot).toBeGreaterThan(slot), {
      timeout,
      interval: 1,
    })
  }
}

/** A plan to sell A for B on the pools as they are now; by default the pool must pay what it quotes less 1 %. */
export async function planFor(
  chain: SimulatedChain,
  more: { readonly spec?: OrderSpec; readonly minAmountOut?: (quoted: BaseUnits) => bigint } = {},
): Promise<SwapPlan> {
  const spec = more.spec ?? specOf()
  const random = { next: () => 0, bytes: (length: number) => new Uint8Array(length) }
  const options = { latencyMs: { least: 0, most: 0 }, faultNow: () => null }
  const venue = createSimulatedVenue('raydium', chain.readPools, manualClock(), random, options)
  const pools = await venue.poolsFor({
    mintIn: spec.tokenIn.mint,
    mintOut: spec.tokenOut.mint,
    through: [],
  })
  const routing = findRoute(spec, [{ venue: 'raydium', latencyMs: 0, pools }], {
    maxLegs: 1,
    legCost: 0n,
    intermediates: [],
  })
  if (routing.kind !== 'routed') throw new Error('no route')
  const minAmountOut = more.minAmountOut?.(routing.route.amountOut) ?? routing.route.minAmountOut
  const { orderId, tokenIn, tokenOut, amountIn } = spec
  const swaps = routing.route.legs.map((leg) => venue.swapInstruction(leg, minAmountOut))
  return { orderId, tokenIn, tokenOut, amountIn, minAmountOut, swaps }
}

/** What one `symbol` costs in `against`, fee excluded, on the average of the pools that trade the two. */
export async function priceOf(chain: SimulatedChain, symbol: string, against: string): Promise<number> {
  const { pools } = await chain.readPools()
  const prices = [...pools.values()].flatMap((pool) => {
    const { tokenA, tokenB } = pool
    if (![tokenA, tokenB].every((token) => [symbol, against].includes(token.symbol))) return []
    const isA = tokenA.symbol === symbol
    const { numerator, denominator } = programOf(pool).spotPrice(pool.state, isA)
    const decimals = (isA ? 1 : -1) * (tokenA.decimals - tokenB.decimals)
    return [(Number(numerator) / Number(denominator)) * 10 ** decimals]
  })
  return prices.reduce((sum, price) => sum + price, 0) / prices.length
}

export async function signed(
  chain: SimulatedChain,
  more: Parameters<typeof planFor>[1] = {},
): Promise<Watched & { readonly plan: SwapPlan }> {
  const spec = more.spec ?? specOf()
  const plan = await planFor(chain, { ...more, spec })
  return { spec, plan, swap: (await chain.sign(plan)).swap }
}

export async function landingOf(chain: SimulatedChain, watched: Watched): Promise<Landing> {
  const [landing] = await chain.landings([watched])
  if (landing === undefined) throw new Error('a chain answers for each that is asked')
  return landing
}

/** What is known of a swap once anything is. */
export const settled = (chain: SimulatedChain, watched: Watched): Promise<Landing> =>
  vi.waitFor(
    async () => {
      const landing = await landingOf(chain, watched)
      expect(landing.kind).not.toBe('unknown')
      return landing
    },
    { timeout: 5_000, interval: 2 },
  )

export const landedFor = (chain: SimulatedChain, { swap }: Watched) =>
  chain
    .swaps(null, 0, 1_000)
    .then((swaps) =>
      swaps.filter(({ entry }) => entry.signature === swap.signature).map(({ entry }) => entry),
    )
