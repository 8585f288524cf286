// Owns what every chain must do, simulated, standing in or real.
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Chain, Finality, Landing, SwapPlan, Watched } from '../../src/domain/ports/chain.ts'
import type { OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { specOf } from '../support/orders.ts'

export type ChainUnderTest = {
  readonly chain: Chain
  /** For how many blocks a signed swap may land, and by how many finality trails. */
  readonly blockhashBlocks: number
  readonly finalityBlocks: number
  /** A plan that fills at the prices of the moment or, when it `asksTooMuch`, one that reverts below its minimum. */
  planFor(spec: OrderSpec, more: { readonly asksTooMuch: boolean }): Promise<SwapPlan>
  /** Lets the height grow by so many blocks, or more. */
  passBlocks(blocks: number): Promise<void>
  close(): Promise<void>
}

/** More blocks than anything here takes. */
const PATIENCE_BLOCKS = 100

export function chainContract(open: () => Promise<ChainUnderTest>): void {
  describe('as every chain', () => {
    const opened: ChainUnderTest[] = []
    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close()
    })

    let orders = 0
    async function openFor() {
      const under = await open()
      opened.push(under)
      const { chain, planFor, passBlocks } = under

      async function signed({ asksTooMuch = false } = {}): Promise<Watched & { readonly plan: SwapPlan }> {
        orders += 1
        const orderId = `00000000-0000-7000-8000-${String(orders).padStart(12, '0')}` as OrderId
        const spec = specOf({ orderId })
        const plan = await planFor(spec, { asksTooMuch })
        return { spec, plan, swap: (await chain.sign(plan)).swap }
      }

      async function sent(more: { asksTooMuch?: boolean } = {}) {
        const watched = await signed(more)
        await chain.send(watched.swap)
        return watched
      }

      const landingOf = async (watched: Watched): Promise<Landing | undefined> =>
        (await chain.landings([watched]))[0]
      const finalityOf = async ({ swap }: Watched): Promise<Finality | undefined> =>
        (await chain.finality([swap]))[0]

      /** The first landing that is known; `each` is called for every one that is not. */
      async function known(watched: Watched, each = async (): Promise<void> => {}): Promise<Landing> {
        for (let block = 0; block < PATIENCE_BLOCKS; block++) {
          const landing = await landingOf(watched)
          if (landing !== undefined && landing.kind !== 'unknown') return landing
          await each()
          await passBlocks(1)
        }
        throw new Error('the landing stays unknown')
      }

      async function filled(watched: Watched) {
        const landing = await known(watched)
        if (landing.kind !== 'landed') throw new Error(`the swap is ${landing.kind}`)
        return landing.fill
      }

      return { ...under, signed, sent, landingOf, finalityOf, known, filled }
    }

    test('the height grows', async () => {
      const { chain, passBlocks } = await openFor()
      const before = await chain.blockHeight()
      await passBlocks(2)
      expect(await chain.blockHeight()).toBeGreaterThanOrEqual(before + 2)
    })

    test('the same plan under the same blockhash is the same transaction, another order is another', async () => {
      const { chain, signed } = await openFor()
      const [first, other] = [await signed(), await signed()]
      expect(first.swap.signature).not.toBe(other.swap.signature)
      // The height may grow between two signatures; then the blockhash is another.
      const again = (await chain.sign(first.plan)).swap
      if (again.lastValidBlockHeight === first.swap.lastValidBlockHeight) expect(again).toEqual(first.swap)
      else expect(again.signature).not.toBe(first.swap.signature)
    })

    test('a signed swap is valid for as many blocks as its blockhash', async () => {
      const { chain, signed, blockhashBlocks } = await openFor()
      const before = await chain.blockHeight()
      const { lastValidBlockHeight } = (await signed()).swap
      expect(lastValidBlockHeight).toBeGreaterThanOrEqual(before + blockhashBlocks)
      expect(lastValidBlockHeight).toBeLessThanOrEqual((await chain.blockHeight()) + blockhashBlocks)
    })

    test('signing sends nothing', async () => {
      const { signed, passBlocks, landingOf, finalityOf } = await openFor()
      const watched = await signed()
      await passBlocks(3)
      expect(await landingOf(watched)).toEqual({ kind: 'unknown' })
      expect(await finalityOf(watched)).toEqual({ kind: 'unknown' })
    })

    test('a sent swap lands, for at least its minimum', async () => {
      const { sent, filled } = await openFor()
      const { plan, ...watched } = await sent()
      const fill = await filled(watched)
      expect(fill.amountIn).toBe(plan.amountIn)
      expect(fill.amountOut >= plan.minAmountOut).toBe(true)
    })

    test('a swap that has landed and is sent again keeps its landing', async () => {
      const { chain, sent, filled, passBlocks } = await openFor()
      const watched = await sent()
      const fill = await filled(watched)
      await chain.send(watched.swap)
      await passBlocks(3)
      expect(await filled(watched)).toEqual(fill)
    })

    test('landings and finality answer for each that was asked, in that order', async () => {
      const { chain, signed, sent, filled } = await openFor()
      const all = [await signed(), await sent(), await signed(), await sent()]
      for (const watched of all.filter((_, i) => i % 2 === 1)) await filled(watched)
      const expected = ['unknown', 'landed', 'unknown', 'landed']
      expect((await chain.landings(all)).map(({ kind }) => kind)).toEqual(expected)
      expect((await chain.finality(all.map(({ swap }) => swap))).map(({ kind }) => kind)).toEqual(expected)
      expect(await chain.landings([])).toEqual([])
    })

    test('a landing is hinted at, until the listener stops', async () => {
      const { chain, sent, filled } = await openFor()
      const listener = vi.fn()
      const stop = chain.onLanding(listener)
      const watched = await sent()
      await filled(watched)
      await vi.waitFor(() => expect(listener.mock.calls.flat(2)).toContain(watched.swap.signature))
      stop()
      const calls = listener.mock.calls.length
      await filled(await sent())
      expect(listener.mock.calls.length).toBe(calls)
    })

    test('a landing is final once finality has reached its slot', async () => {
      const { chain, sent, filled, finalityOf, passBlocks, finalityBlocks } = await openFor()
      const watched = await sent()
      const { slot } = await filled(watched)
      for (;;) {
        const before = await chain.blockHeight()
        const finality = await finalityOf(watched)
        const after = await chain.blockHeight()
        if (finality?.kind !== 'landed') throw new Error(`the swap is ${finality?.kind}`)
        expect(finality.slot).toBe(slot)
        if (finality.isFinal) return expect(after).toBeGreaterThanOrEqual(slot + finalityBlocks)
        expect(before).toBeLessThan(slot + finalityBlocks)
        await passBlocks(1)
      }
    })

    test('a swap below its minimum reverts, which is reported once it is final', async () => {
      const { sent, known, finalityOf } = await openFor()
      const watched = await sent({ asksTooMuch: true })
      const landing = await known(watched)
      expect(landing).toMatchObject({ kind: 'reverted', failure: { code: 'slippage_exceeded' } })
      expect(await finalityOf(watched)).toMatchObject({ kind: 'landed', isFinal: true })
    })

    test('a swap that never arrives is dropped only once finality is past its last valid block height', async () => {
      const { chain, signed, known, finalityOf, finalityBlocks } = await openFor()
      const watched = await signed()
      const landing = await known(watched)
      expect(landing).toEqual({ kind: 'dropped' })
      const proof = watched.swap.lastValidBlockHeight + finalityBlocks
      expect(await chain.blockHeight()).toBeGreaterThan(proof)
      expect(await finalityOf(watched)).toEqual({ kind: 'dropped' })
    })

    test('bytes sent after their last valid block height never land', async () => {
      const { chain, signed, known, passBlocks, blockhashBlocks } = await openFor()
      const watched = await signed()
      await passBlocks(blockhashBlocks + 1)
      await chain.send(watched.swap)
      expect(await known(watched, () => chain.send(watched.swap))).toEqual({ kind: 'dropped' })
    })
  })
}
