// Owns what every chain must do, whichever database it stands on.
import { expect, test, vi } from 'vitest'
import { type MockChain, type MockChainOptions, openMockChain } from '../../src/dex/mockChain.ts'
import { openMockVenue } from '../../src/dex/mockDexRouter.ts'
import { type BaseUnits, baseUnits } from '../../src/domain/amount.ts'
import type { OrderSpec } from '../../src/domain/order.ts'
import type { Landing, Sql, SwapPlan, Watched } from '../../src/domain/ports.ts'
import { chooseRoute } from '../../src/domain/routing.ts'
import { type ManualClock, manualClock } from '../manualClock.ts'
import { specOf } from '../orders.ts'

const SLOT_MS = 400
const BLOCKHASH_BLOCKS = 6
const FINALITY_BLOCKS = 3

const calm: MockChainOptions = {
  seed: 1,
  slotMs: SLOT_MS,
  landingSlots: { least: 1, most: 1 },
  dropRate: 0,
  sendErrorRate: 0,
  lagSlots: 0,
  blockhashBlocks: BLOCKHASH_BLOCKS,
  finalityBlocks: FINALITY_BLOCKS,
  produces: true,
  onFault: () => {},
}

export const openChain = (sql: Sql, clock: ManualClock, more: Partial<MockChainOptions> = {}) =>
  openMockChain(sql, clock, { ...calm, ...more })

/** A chain that produces blocks; the lock of the one before may take a moment to be free. */
export async function openProducer(sql: Sql, clock: ManualClock, more: Partial<MockChainOptions> = {}) {
  const chain = await openChain(sql, clock, more)
  const { slot } = await chain.readPools()
  await vi.waitFor(
    async () => {
      clock.advance(SLOT_MS)
      expect((await chain.readPools()).slot).toBeGreaterThan(slot)
    },
    { timeout: 5_000, interval: 2 },
  )
  return chain
}

/** Lets slots pass one by one: each is produced before the next falls due. */
export async function passSlots(chain: MockChain, clock: ManualClock, slots: number): Promise<void> {
  for (let passed = 0; passed < slots; passed++) {
    const { slot } = await chain.readPools()
    clock.advance(SLOT_MS)
    await vi.waitFor(async () => expect((await chain.readPools()).slot).toBeGreaterThan(slot), {
      interval: 1,
    })
  }
}

/** A plan to sell A for B on the pools as they are now; by default the pool must pay what it quotes less 1 %. */
export async function planFor(
  chain: MockChain,
  more: { readonly spec?: OrderSpec; readonly minAmountOut?: (quoted: BaseUnits) => bigint } = {},
): Promise<SwapPlan> {
  const spec = more.spec ?? specOf()
  const random = { next: () => 0, bytes: (length: number) => new Uint8Array(length) }
  const options = { latencyMs: { least: 0, most: 0 }, faults: {} }
  const venue = openMockVenue('raydium', chain.readPools, manualClock(), random, options)
  const said = await venue.quote(spec)
  if ('code' in said) throw new Error(`no quote: ${said.code}`)
  const routing = chooseRoute(spec, [{ venue: 'raydium', latencyMs: 0, quotes: said }])
  if (routing.kind !== 'routed') throw new Error('no route')
  const minAmountOut = more.minAmountOut?.(routing.route.amountOut) ?? routing.route.minAmountOut
  const { orderId, tokenIn, tokenOut, amountIn } = spec
  const swaps = routing.route.legs.map((leg) => venue.swapInstruction(leg, minAmountOut))
  return { orderId, tokenIn, tokenOut, amountIn, minAmountOut, swaps }
}

export async function signed(
  chain: MockChain,
  more: Parameters<typeof planFor>[1] = {},
): Promise<Watched & { readonly plan: SwapPlan }> {
  const spec = more.spec ?? specOf()
  const plan = await planFor(chain, { ...more, spec })
  return { spec, plan, swap: (await chain.sign(plan)).swap }
}

export async function landingOf(chain: MockChain, watched: Watched): Promise<Landing> {
  const [landing] = await chain.landings([watched])
  if (landing === undefined) throw new Error('a chain answers for each that is asked')
  return landing
}

/** What is known of a swap once anything is. */
export const settled = (chain: MockChain, watched: Watched): Promise<Landing> =>
  vi.waitFor(
    async () => {
      const landing = await landingOf(chain, watched)
      expect(landing.kind).not.toBe('unknown')
      return landing
    },
    { timeout: 5_000, interval: 2 },
  )

export const landedFor = (chain: MockChain, { swap }: Watched) =>
  chain
    .swaps(null, 0, 1_000)
    .then((swaps) =>
      swaps.filter(({ entry }) => entry.signature === swap.signature).map(({ entry }) => entry),
    )

export function describeChain(freshSql: () => Promise<Sql>): void {
  async function withChain(
    more: Partial<MockChainOptions>,
    use: (chain: MockChain, clock: ManualClock, sql: Sql) => Promise<void>,
  ): Promise<void> {
    const clock = manualClock()
    const sql = await freshSql()
    const chain = await openProducer(sql, clock, more)
    await use(chain, clock, sql).finally(chain.close)
  }

  test('signing sends nothing', () =>
    withChain({}, async (chain, clock) => {
      const watched = await signed(chain)
      await passSlots(chain, clock, 4)
      expect(await chain.swaps(null, 0, 10)).toEqual([])
      expect(await landingOf(chain, watched)).toEqual({ kind: 'unknown' })
    }))

  test('the same plan in the same slot is the same transaction, another order is another', () =>
    withChain({}, async (chain) => {
      const plan = await planFor(chain)
      const other = { ...plan, orderId: specOf().orderId }
      const [first, again, second] = await Promise.all([plan, plan, other].map((one) => chain.sign(one)))
      expect(again).toEqual(first)
      expect(second?.swap.signature).not.toBe(first?.swap.signature)
    }))

  test('a signed swap is valid for as many blocks as its blockhash', () =>
    withChain({}, async (chain) => {
      const { slot } = await chain.readPools()
      expect((await signed(chain)).swap.lastValidBlockHeight).toBe(slot + BLOCKHASH_BLOCKS)
    }))

  test('a sent swap lands, for at least its minimum, and the fill says what the ledger says', () =>
    withChain({}, async (chain, clock) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      expect(await landingOf(chain, watched)).toEqual({ kind: 'unknown' })
      await passSlots(chain, clock, 2)
      const landing = await settled(chain, watched)
      const [entry] = await landedFor(chain, watched)
      expect(landing).toMatchObject({ kind: 'landed', fill: { amountIn: watched.spec.amountIn } })
      if (landing.kind !== 'landed') return
      expect(landing.fill.amountOut >= watched.plan.minAmountOut).toBe(true)
      expect(entry).toMatchObject({
        orderId: watched.spec.orderId,
        amountOut: landing.fill.amountOut.toString(),
        slot: landing.fill.slot,
        error: null,
      })
      expect(landing.fill.poolFees).toMatchObject([{ pool: watched.plan.swaps[0]?.accounts[0] }])
    }))

  test('a swap lands once however often it is sent, before and after it landed', () =>
    withChain({}, async (chain, clock) => {
      const watched = await signed(chain)
      for (let slot = 0; slot < 4; slot++) {
        await Promise.all([chain.send(watched.swap), chain.send(watched.swap)])
        await passSlots(chain, clock, 1)
      }
      expect(await settled(chain, watched)).toMatchObject({ kind: 'landed' })
      expect(await landedFor(chain, watched)).toHaveLength(1)
    }))

  test('landings answer for each that was asked, in that order', () =>
    withChain({}, async (chain, clock) => {
      const all = await Promise.all(Array.from({ length: 6 }, () => signed(chain)))
      const sent = all.filter((_, i) => i % 2 === 0)
      await Promise.all(sent.map(({ swap }) => chain.send(swap)))
      await passSlots(chain, clock, 2)
      for (const watched of sent) await settled(chain, watched)
      const kinds = (await chain.landings(all)).map(({ kind }) => kind)
      expect(kinds).toEqual(all.map((watched) => (sent.includes(watched) ? 'landed' : 'unknown')))
    }))

  test('a landing is hinted at', () =>
    withChain({}, async (chain, clock) => {
      const listener = vi.fn()
      const stop = chain.onBlock(listener)
      const watched = await signed(chain)
      await chain.send(watched.swap)
      await passSlots(chain, clock, 2)
      await vi.waitFor(() => expect(listener).toHaveBeenCalled())
      stop()
    }))

  test('without waiting for slots a swap lands at once', () =>
    withChain({ landingSlots: { least: 0, most: 0 } }, async (chain) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      expect(await settled(chain, watched)).toMatchObject({ kind: 'landed' })
    }))

  test('a swap that never arrives is dropped only once finality is past its last valid block height', () =>
    withChain({ dropRate: 1 }, async (chain, clock) => {
      const watched = await signed(chain)
      const proof = watched.swap.lastValidBlockHeight + FINALITY_BLOCKS
      let [kind, slot] = ['unknown', 0]
      for (; kind === 'unknown'; await passSlots(chain, clock, 1)) {
        await chain.send(watched.swap)
        kind = (await landingOf(chain, watched)).kind
        slot = (await chain.readPools()).slot
        expect(slot).toBeLessThan(proof + 5)
      }
      expect(kind).toBe('dropped')
      expect(slot).toBeGreaterThan(proof)
      expect(await chain.swaps(null, 0, 10)).toEqual([])
    }))

  test('bytes sent after their last valid block height never land', () =>
    withChain({}, async (chain, clock) => {
      const watched = await signed(chain)
      await passSlots(chain, clock, BLOCKHASH_BLOCKS + 1)
      await chain.send(watched.swap)
      await passSlots(chain, clock, FINALITY_BLOCKS + 2)
      expect(await landedFor(chain, watched)).toEqual([])
      expect(await settled(chain, watched)).toEqual({ kind: 'dropped' })
    }))

  test('a send that reports an error may have landed all the same', () =>
    withChain({ sendErrorRate: 1 }, async (chain, clock) => {
      const watched = await signed(chain)
      await expect(chain.send(watched.swap)).rejects.toThrow()
      await passSlots(chain, clock, 2)
      expect(await settled(chain, watched)).toMatchObject({ kind: 'landed' })
      expect(await landedFor(chain, watched)).toHaveLength(1)
    }))

  test('a node that lags says unknown of what landed, never dropped, until it has caught up', () =>
    withChain({ lagSlots: 4 }, async (chain, clock) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      const said: string[] = []
      for (let slot = 0; slot < 7; slot++) {
        await passSlots(chain, clock, 1)
        said.push((await landingOf(chain, watched)).kind)
      }
      expect(await landedFor(chain, watched)).toHaveLength(1)
      expect([...new Set(said)]).toEqual(['unknown', 'landed'])
      expect(said.filter((kind) => kind === 'unknown').length).toBeGreaterThanOrEqual(4)
    }))

  test('a pool that pays less than the minimum reverts the swap, which moves nothing but the network fee', () =>
    withChain({}, async (chain, clock) => {
      const watched = await signed(chain, { minAmountOut: (quoted) => quoted * 2n })
      await chain.send(watched.swap)
      await passSlots(chain, clock, 2)
      const failure = { code: 'slippage_exceeded' }
      expect(await settled(chain, watched)).toMatchObject({ kind: 'reverted', failure })
      expect(await landedFor(chain, watched)).toMatchObject([
        { amountIn: '0', amountOut: '0', error: failure },
      ])
    }))

  test('a wallet that holds too little reverts the swap', () =>
    withChain({}, async (chain, clock) => {
      const spec = specOf({ amountIn: baseUnits(2_000_000_000_000_000n) })
      const watched = await signed(chain, { spec })
      await chain.send(watched.swap)
      await passSlots(chain, clock, 2)
      const failure = { code: 'insufficient_funds' }
      expect(await settled(chain, watched)).toMatchObject({ kind: 'reverted', failure })
    }))

  test('trades move the pools: the same amount sold again pays less', () =>
    withChain({}, async (chain, clock) => {
      const spec = specOf({ amountIn: baseUnits(1_000_000_000_000n) })
      const first = await planFor(chain, { spec })
      const { swap } = await chain.sign(first)
      await chain.send(swap)
      await passSlots(chain, clock, 2)
      await settled(chain, { spec, swap })
      const second = await planFor(chain, { spec })
      expect(second.minAmountOut < first.minAmountOut).toBe(true)
    }))

  test('the ledger survives: a chain opened again knows what landed, and goes on from its slot', () =>
    withChain({}, async (chain, clock, sql) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      await passSlots(chain, clock, 2)
      await settled(chain, watched)
      const [before, { slot }] = [await chain.swaps(null, 0, 10), await chain.readPools()]
      await chain.close()
      const again = await openChain(sql, clock)
      expect(await again.swaps(null, 0, 10)).toEqual(before)
      expect(await again.swaps(watched.spec.orderId, 0, 10)).toEqual(before)
      expect((await again.readPools()).slot).toBeGreaterThanOrEqual(slot)
      expect(await landingOf(again, watched)).toMatchObject({ kind: 'landed' })
      await again.close()
    }))

  test('a chain that is closed while it offers to produce gives the lock back', async () => {
    const [sql, clock, release] = [await freshSql(), manualClock(), vi.fn()]
    let grant: (release: () => void) => void = () => {}
    const tryLock = vi.fn<Sql['tryLock']>()
    tryLock.mockResolvedValueOnce(null).mockReturnValueOnce(
      new Promise((resolve) => {
        grant = resolve
      }),
    )
    const chain = await openChain({ ...sql, tryLock }, clock)
    clock.advance(1_000)
    await chain.close()
    grant(release)
    await vi.waitFor(() => expect(release).toHaveBeenCalled())
  })

  test('bytes that landed before a restart may be sent again: no second landing, and neighbours land', () =>
    withChain({}, async (chain, clock, sql) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      await passSlots(chain, clock, 2)
      await settled(chain, watched)
      await chain.close()
      const faults: string[] = []
      const again = await openProducer(sql, clock, { onFault: (error) => faults.push(String(error)) })
      const neighbour = await signed(again)
      await again.send(watched.swap)
      await again.send(neighbour.swap)
      await passSlots(again, clock, 2)
      const neighbourLanding = await settled(again, neighbour).catch(() => 'never settled')
      await again.close()
      expect(faults).toEqual([])
      expect(neighbourLanding).toMatchObject({ kind: 'landed' })
      expect(await landedFor(again, watched)).toHaveLength(1)
    }))
}
