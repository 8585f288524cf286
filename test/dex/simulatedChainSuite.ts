// Owns what the simulated chain does beyond every chain's contract, whichever database it stands on: its ledger, its faults,
// its forks, and going on after a restart.
import { describe, expect, test, vi } from 'vitest'
import type { SimulatedChain, SimulatedChainOptions } from '../../src/dex/simulated/chain.ts'
import { baseUnits } from '../../src/domain/amount.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { chainContract } from '../contracts/chainContract.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { specOf } from '../support/orders.ts'
import {
  BLOCKHASH_BLOCKS,
  FINALITY_BLOCKS,
  landedFor,
  landingOf,
  noFaults,
  openChain,
  openProducer,
  passSlots,
  planFor,
  settled,
  signed,
} from './simulatedChains.ts'

export function simulatedChainSuite(freshSql: () => Promise<Sql>): void {
  chainContract(async () => {
    const clock = manualClock()
    const chain = await openProducer(await freshSql(), clock)
    return {
      chain,
      blockhashBlocks: BLOCKHASH_BLOCKS,
      finalityBlocks: FINALITY_BLOCKS,
      planFor: (spec, { asksTooMuch }) =>
        planFor(chain, { spec, ...(asksTooMuch ? { minAmountOut: (quoted) => quoted * 2n } : {}) }),
      passBlocks: (blocks) => passSlots(chain, clock, blocks),
      close: chain.close,
    }
  })

  async function withChain(
    more: Partial<SimulatedChainOptions>,
    use: (chain: SimulatedChain, clock: ManualClock, sql: Sql) => Promise<void>,
  ): Promise<void> {
    const clock = manualClock()
    const sql = await freshSql()
    const chain = await openProducer(sql, clock, more)
    await use(chain, clock, sql).finally(chain.close)
  }

  test('the fill of a landed swap is what the ledger holds', () =>
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

  test('without waiting for slots a swap lands at once', () =>
    withChain({ landingSlots: { least: 0, most: 0 } }, async (chain) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      expect(await settled(chain, watched)).toMatchObject({ kind: 'landed' })
    }))

  test('a swap that never arrives is dropped only once finality is past its last valid block height', () =>
    withChain({ faults: { ...noFaults, dropRate: 1 } }, async (chain, clock) => {
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

  test('a send that reports an error may have landed all the same', () =>
    withChain({ faults: { ...noFaults, sendErrorRate: 1 } }, async (chain, clock) => {
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

  test('a pool that pays less than the minimum reverts the swap, which is told once it is final', () =>
    withChain({}, async (chain, clock) => {
      const watched = await signed(chain, { minAmountOut: (quoted) => quoted * 2n })
      await chain.send(watched.swap)
      await passSlots(chain, clock, 2)
      const failure = { code: 'slippage_exceeded' }
      expect(await landingOf(chain, watched)).toEqual({ kind: 'unknown' })
      await passSlots(chain, clock, FINALITY_BLOCKS)
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
      await passSlots(chain, clock, 2 + FINALITY_BLOCKS)
      const failure = { code: 'insufficient_funds' }
      expect(await settled(chain, watched)).toMatchObject({ kind: 'reverted', failure })
    }))

  test('what a node that lags says is final is final, and what it has not seen is unknown', () =>
    withChain({ lagSlots: 4 }, async (chain, clock) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      const said: string[] = []
      for (let slot = 0; slot < 9 + FINALITY_BLOCKS; slot++) {
        await passSlots(chain, clock, 1)
        const [answer] = await chain.finality([watched.swap])
        said.push(answer?.kind === 'landed' ? `final: ${answer.isFinal}` : `${answer?.kind}`)
      }
      expect([...new Set(said)]).toEqual(['unknown', 'final: false', 'final: true'])
    }))

  test('two nodes, one of which lags, disagree about what has just landed, and none says dropped', () =>
    withChain({ lagSlots: 5, lagRate: 0.5 }, async (chain, clock) => {
      const watched = await signed(chain)
      await chain.send(watched.swap)
      await passSlots(chain, clock, 2)
      await settled(chain, watched)
      const said = new Set<string>()
      for (let question = 0; question < 40; question++) said.add((await landingOf(chain, watched)).kind)
      expect([...said].toSorted()).toEqual(['landed', 'unknown'])
    }))

  describe('with forks', () => {
    /** A swap that has landed and was undone by a fork. One that landed just too early for it is let be. */
    async function undone(chain: SimulatedChain, clock: ManualClock) {
      for (let tries = 0; tries < 6; tries++) {
        const watched = await signed(chain)
        await chain.send(watched.swap)
        await passSlots(chain, clock, 1)
        expect(await settled(chain, watched)).toMatchObject({ kind: 'landed' })
        for (let slot = 0; slot < 3; slot++) {
          await passSlots(chain, clock, 1)
          if ((await landedFor(chain, watched)).length === 0) return watched
        }
      }
      throw new Error('no fork has undone anything')
    }

    test('a landing that is not final may be undone; it is then unknown, and lands again when it is sent again', () =>
      withChain({ forkRate: 1 }, async (chain, clock) => {
        const watched = await undone(chain, clock)
        expect(await landingOf(chain, watched)).toEqual({ kind: 'unknown' })
        expect(await chain.finality([watched.swap])).toEqual([{ kind: 'unknown' }])
        await chain.send(watched.swap)
        await passSlots(chain, clock, 1)
        expect(await settled(chain, watched)).toMatchObject({ kind: 'landed' })
      }))

    test('what was undone and is not sent again is dropped once it can never land', () =>
      withChain({ forkRate: 1 }, async (chain, clock) => {
        const watched = await undone(chain, clock)
        const proof = watched.swap.lastValidBlockHeight + FINALITY_BLOCKS
        while ((await chain.blockHeight()) <= proof) {
          expect(await chain.finality([watched.swap])).toEqual([{ kind: 'unknown' }])
          await passSlots(chain, clock, 1)
        }
        await vi.waitFor(async () =>
          expect(await chain.finality([watched.swap])).toEqual([{ kind: 'dropped' }]),
        )
      }))

    test('a chain opened again knows nothing of what was undone', () =>
      withChain({ forkRate: 1 }, async (chain, clock, sql) => {
        const watched = await undone(chain, clock)
        await chain.close()
        const again = await openChain(sql, clock)
        expect(await landedFor(again, watched)).toEqual([])
        expect(await landingOf(again, watched)).toEqual({ kind: 'unknown' })
        await again.close()
      }))

    test('the wallet holds what the ledger leaves it, whatever was undone', () =>
      withChain({ forkRate: 1 }, async (chain, clock, sql) => {
        const wallet = async () => {
          const [row] = await sql.query<{ wallet: Record<string, string> }>(
            'select wallet from simulation.chain',
          )
          return BigInt((row?.wallet.lamports ?? '').slice(0, -1))
        }
        const before = await wallet()
        await undone(chain, clock)
        const landed = await chain.swaps(null, 0, 100)
        const fees = landed.reduce((sum, { entry }) => sum + BigInt(entry.networkFeeLamports), 0n)
        expect(await wallet()).toBe(before - fees)
      }))
  })

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

  test('a chain that is closed while it takes over keeps nobody from producing', async () => {
    const [sql, clock] = [await freshSql(), manualClock()]
    const first = await openProducer(sql, clock)
    const takeovers: (() => void)[] = []
    const query: Sql['query'] = async (text, params) => {
      const rows = await sql.query<never>(text, params)
      const isTakenOver = text.includes('epoch = epoch + 1') && rows.length > 0
      if (isTakenOver) await new Promise<void>((answer) => takeovers.push(answer))
      return rows
    }
    const second = await openChain({ ...sql, query }, clock)
    await first.close()
    await vi.waitFor(() => {
      clock.advance(1_000)
      expect(takeovers).toHaveLength(1)
    })
    const closed = second.close()
    takeovers[0]?.()
    await closed
    expect(await sql.query('select leased_until from simulation.chain')).toEqual([{ leased_until: null }])
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
