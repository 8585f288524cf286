// The bank of the simulated chain: the same seed makes the same market, forks and shocks included.
import { describe, expect, test } from 'vitest'
import { type BankOptions, createBank } from '../../src/dex/simulated/bank.ts'
import { toJson } from '../../src/dex/simulated/json.ts'
import { genesis } from '../../src/dex/simulated/listings.ts'
import { type Prices, START_PRICES } from '../../src/dex/simulated/market.ts'
import type { PlannedMove } from '../../src/dex/simulated/moves.ts'
import type { VenueName } from '../../src/domain/route.ts'
import { tokenCalled } from '../support/orders.ts'

function bankWith(moves: readonly PlannedMove[], options: Partial<BankOptions>) {
  const planned = { moves, launches: [], forks: [] }
  const chain = { slot: 1, epoch: 1, interventions: moves.length, planned, landed: new Set<string>() }
  const calm = { seed: 1, forkRate: 0, forkBlocks: 2, wickRate: 0, gapRate: 0 }
  const bank = createBank({ ...chain, market: genesis(), wallet: new Map() }, { ...calm, ...options })
  let now = Date.UTC(2026, 0, 1)
  const advance = () => {
    now += 400
    return bank.advance(now, planned)
  }
  return { bank, advance }
}

describe('a bank', () => {
  const moveOf = (
    token: string,
    against: string,
    factor: number,
    slots: number,
    venues: readonly VenueName[] | null,
  ): PlannedMove => ({
    token: tokenCalled(token),
    against: tokenCalled(against),
    factor,
    slots,
    venues,
    slot: 10,
    isBack: false,
  })

  test('the same seed, clock and moves make the same market, forks included', () => {
    const moves = [moveOf('A', 'B', 0.5, 7, null), moveOf('SOL', 'USDC', 2, 1, ['meteora'])]
    const marketOf = (seed: number) => {
      const { advance, bank } = bankWith(moves, { seed, forkRate: 0.3 })
      const undone = Array.from({ length: 40 }, advance)
      return { market: toJson(bank.takeChanges()), forks: undone.filter((each) => each !== null).length }
    }
    expect(marketOf(1).forks).toBeGreaterThan(3)
    expect(marketOf(1)).toEqual(marketOf(1))
    expect(marketOf(1)).not.toEqual(marketOf(2))
  })
})

describe('a market with shocks', () => {
  /** The fair prices after each of so many slots. */
  function pricesOver(slots: number, options: Partial<BankOptions>): readonly Prices[] {
    const { advance, bank } = bankWith([], options)
    return Array.from({ length: slots }, () => {
      advance()
      return bank.takeChanges().prices
    })
  }

  /** The change of each fair price in each slot, as logarithms. */
  const stepsOf = (all: readonly Prices[]) =>
    all.map((prices, i) => {
      const before = all[i - 1] ?? START_PRICES
      return Object.keys(START_PRICES).map((symbol) =>
        Math.log((prices[symbol] ?? 0) / (before[symbol] ?? 0)),
      )
    })
  const isShock = (step: number) => Math.abs(step) > 0.04
  /** The shocks of all slots but the last, each with what that price does in the next slot. */
  const shocksOf = (all: readonly Prices[]) => {
    const steps = stepsOf(all)
    return steps
      .slice(0, -1)
      .flatMap((slot, i) =>
        slot.flatMap((step, k) => (isShock(step) ? [{ step, next: steps[i + 1]?.[k] ?? 0 }] : [])),
      )
  }

  test('has none unless it is asked for', () => {
    expect(shocksOf(pricesOver(300, {}))).toEqual([])
  })

  test('has gaps, as often as asked for, and they stay', () => {
    const gaps = shocksOf(pricesOver(400, { gapRate: 0.03 }))
    expect(gaps.length).toBeGreaterThan(4)
    expect(gaps.length).toBeLessThan(30)
    expect(gaps.filter(({ next }) => !isShock(next)).length).toBeGreaterThan(gaps.length / 2)
    expect(gaps.filter(({ step, next }) => Math.abs(step + next) < 0.001)).toEqual([])
  })

  test('has wicks: what one slot does the next undoes', () => {
    const shocks = shocksOf(pricesOver(400, { wickRate: 0.02 }))
    expect(shocks.length).toBeGreaterThan(4)
    expect(shocks.filter(({ step, next }) => Math.abs(step + next) < 0.002).length).toBeGreaterThanOrEqual(
      shocks.length / 2,
    )
  })

  test('is the same from the same seed, and a fork does not undo its shocks', () => {
    const shocks = { gapRate: 0.05, wickRate: 0.05 }
    expect(pricesOver(100, shocks)).toEqual(pricesOver(100, shocks))
    expect(pricesOver(100, shocks)).not.toEqual(pricesOver(100, { ...shocks, seed: 2 }))
    const measure = (forkRate: number) => pricesOver(100, { gapRate: 0.1, forkRate }).at(-1)?.A ?? 0
    expect(measure(0.3) / measure(0)).toBeCloseTo(1, 6)
  })
})
