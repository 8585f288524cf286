// Random pools of every program: a recorded one, varied in all that prices a swap, walked on by a few swaps of our own,
// and written into the bytes of its accounts.

import { isDeepStrictEqual } from 'node:util'
import { type DammV2Pool, meteoraDammV2 } from '../../src/dex/pools/meteoraDammV2/program.ts'
import { type DlmmPool, meteoraDlmm } from '../../src/dex/pools/meteoraDlmm/program.ts'
import type { AccountMap } from '../../src/dex/pools/pool.ts'
import { isqrt, mulDivCeil, type PoolProgram, U64_MAX } from '../../src/dex/pools/pool.ts'
import { type AmmV4Pool, raydiumAmmV4 } from '../../src/dex/pools/raydiumAmmV4/program.ts'
import { type ClmmPool, raydiumClmm } from '../../src/dex/pools/raydiumClmm/program.ts'
import { MAX_SQRT_PRICE, MIN_SQRT_PRICE, sqrtPriceAtTick } from '../../src/dex/pools/raydiumClmm/ticks.ts'
import { type CpmmPool, raydiumCpmm } from '../../src/dex/pools/raydiumCpmm/program.ts'
import { writeAmmV4, writeClmm, writeCpmm, writeDammV2, writeDlmm } from '../poolAccounts.ts'
import { type Moment, type PoolState, recordedPools, stateOf } from '../recordedPools.ts'
import { withBins, withPositions } from '../widePools.ts'

/** Draws from a stream of numbers in [0, 1). */
export class Draws {
  readonly #next: () => number

  constructor(next: () => number) {
    this.#next = next
  }

  chance(probability: number): boolean {
    return this.#next() < probability
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1))
  }

  /** A number of at most so many bits, every magnitude as likely as any other. */
  bits(most: number): bigint {
    const bits = this.whole(1, most)
    let value = 1n
    for (let i = 1; i < bits; i++) value = (value << 1n) | (this.chance(0.5) ? 1n : 0n)
    return value
  }

  oneOf<T>(first: T, ...rest: readonly T[]): T {
    return rest[this.whole(-1, rest.length - 1)] ?? first
  }
}

type Kind<P> = {
  readonly program: PoolProgram<P>
  write(accounts: AccountMap, pool: P): AccountMap
  /** Another pool of the same addresses, as the program could have made it. */
  vary(pool: P, draws: Draws, at: Moment): P
}

const kinds: readonly Kind<unknown>[] = [
  { program: raydiumCpmm, write: writeCpmm, vary: varyCpmm } satisfies Kind<CpmmPool>,
  { program: raydiumAmmV4, write: writeAmmV4, vary: varyAmmV4 } satisfies Kind<AmmV4Pool>,
  { program: raydiumClmm, write: writeClmm, vary: varyClmm } satisfies Kind<ClmmPool>,
  { program: meteoraDlmm, write: writeDlmm, vary: varyDlmm } satisfies Kind<DlmmPool>,
  { program: meteoraDammV2, write: writeDammV2, vary: varyDammV2 } satisfies Kind<DammV2Pool>,
]

/** An endless stream of pools of a program. Throws if one is read back otherwise than it was written. */
export function* randomPools(
  program: PoolProgram<unknown>,
  draws: Draws,
): Generator<PoolState<unknown>, never> {
  const kind = kinds.find((each) => each.program.name === program.name)
  const [first, ...rest] = recordedPools(program)
  if (kind === undefined || first === undefined) throw new Error(`no recorded pool of ${program.name}`)
  for (;;) {
    const recorded = draws.oneOf(first, ...rest)
    const varied = kind.vary(recorded.pool, draws, recorded.at)
    const { pool, at } = walked(program, varied, recorded.at, draws)
    const state = stateOf(program, recorded.address, kind.write(recorded.accounts, pool), at)
    if (!isDeepStrictEqual(state.pool, pool)) {
      throw new Error(`a pool of ${program.name} is not what was written: ${recorded.address}`)
    }
    yield state
  }
}

const MOST_SWAPS = 4
const MOST_SECONDS_BETWEEN = 900

function walked(program: PoolProgram<unknown>, start: unknown, startsAt: Moment, draws: Draws) {
  let [pool, at] = [start, startsAt]
  for (let swaps = draws.whole(0, MOST_SWAPS); swaps > 0; swaps--) {
    const seconds = draws.whole(0, MOST_SECONDS_BETWEEN)
    const aToB = draws.chance(0.5)
    const swap = program.swap(pool, { aToB, amountIn: amountFor(program, pool, aToB, at, draws), ...at })
    if (swap.kind === 'swapped') pool = swap.pool
    at = { slot: at.slot + BigInt(seconds * 2), unixTimestamp: at.unixTimestamp + BigInt(seconds) }
  }
  return { pool, at }
}

const MOST_BITS = 62

/** An amount of any magnitude, a share of all that the pool takes, or its last unit and the one after. */
export function amountFor(
  program: PoolProgram<unknown>,
  pool: unknown,
  aToB: boolean,
  at: Moment,
  draws: Draws,
): bigint {
  const blind = draws.bits(MOST_BITS)
  const beyond = program.quoteExactIn(pool, { aToB, amountIn: U64_MAX, ...at })
  const mostIn = beyond.kind === 'refused' ? beyond.mostIn : undefined
  if (mostIn === undefined || mostIn >> BigInt(MOST_BITS) > 0n || draws.chance(0.4)) return blind
  if (draws.chance(0.1)) return mostIn + BigInt(draws.whole(0, 1))
  return (mostIn * BigInt(draws.whole(1, 1_000))) / 1_000n + 1n
}

function varyCpmm(pool: CpmmPool, draws: Draws): CpmmPool {
  return {
    ...pool,
    tradeFeePpm: BigInt(draws.whole(0, 50_000)),
    reserveA: draws.bits(60),
    reserveB: draws.bits(60),
    protocolFeesA: draws.bits(30),
    protocolFeesB: draws.bits(30),
    fundFeesA: draws.bits(30),
    fundFeesB: draws.bits(30),
  }
}

/** The fee stays: the SDK knows one alone, that of all pools on the chain. */
function varyAmmV4(pool: AmmV4Pool, draws: Draws): AmmV4Pool {
  return {
    ...pool,
    reserveA: draws.bits(60),
    reserveB: draws.bits(60),
    owedA: draws.bits(30),
    owedB: draws.bits(30),
  }
}

const CLMM_VAULT = 1n << 62n

/** Positions as deep as vaults can pay for: a pool never promises more than it holds. */
function varyClmm(pool: ClmmPool, draws: Draws): ClmmPool {
  const { tickSpacing } = pool
  const middle = Math.round(pool.tick / tickSpacing) * tickSpacing
  const positions = Array.from({ length: draws.whole(1, 12) }, () => ({
    lower: middle - draws.whole(0, 150) * tickSpacing,
    upper: middle + draws.whole(1, 150) * tickSpacing,
    liquidity: draws.bits(64),
  }))
  const tick = middle + draws.whole(0, tickSpacing - 1)
  const width = sqrtPriceAtTick(tick + 1) - sqrtPriceAtTick(tick)
  const sqrtPrice = sqrtPriceAtTick(tick) + (draws.chance(0.2) ? 0n : draws.bits(128) % width)
  const varied: ClmmPool = {
    ...withPositions({ ...pool, tick, sqrtPrice }, positions),
    tradeFeePpm: BigInt(draws.whole(0, 50_000)),
    vaultAmountA: CLMM_VAULT,
    vaultAmountB: CLMM_VAULT,
  }
  return isCovered(positions) ? varied : varyClmm(pool, draws)
}

/** Whether the vaults can pay all that the positions may ever owe in one token. */
function isCovered(
  positions: readonly { readonly lower: number; readonly upper: number; readonly liquidity: bigint }[],
): boolean {
  let [owedA, owedB] = [0n, 0n]
  for (const { lower, upper, liquidity } of positions) {
    const [low, high] = [sqrtPriceAtTick(lower), sqrtPriceAtTick(upper)]
    owedA += ((liquidity * (high - low)) << 64n) / (low * high)
    owedB += (liquidity * (high - low)) >> 64n
  }
  return owedA < CLMM_VAULT && owedB < CLMM_VAULT
}

function varyDlmm(pool: DlmmPool, draws: Draws, at: Moment): DlmmPool {
  const { activeId, fees } = pool
  const reach = draws.whole(0, 90)
  const bins = Array.from({ length: 2 * reach + 1 }, (_, i) => activeId - reach + i)
    .filter((id) => id === activeId || draws.chance(0.8))
    .map((id) => ({
      id,
      amountA: id < activeId ? 0n : draws.bits(45),
      amountB: id > activeId ? 0n : draws.bits(45),
    }))
  const feeUnit = BigInt(pool.binStep) * 10n
  return {
    ...withBins(pool, bins),
    collectFeeMode: draws.oneOf('input', 'onlyB'),
    fees: {
      ...fees,
      baseFeeRate: feeUnit * BigInt(draws.whole(1, 65_535)),
      variableFeeControl: BigInt(draws.whole(0, 1_000_000)),
    },
    volatility: {
      accumulator: draws.whole(0, fees.maxVolatilityAccumulator),
      reference: draws.whole(0, fees.maxVolatilityAccumulator),
      indexReference: activeId + draws.whole(-30, 30),
      lastUpdateTimestamp: at.unixTimestamp - BigInt(draws.whole(0, 1_000)),
    },
  }
}

function varyDammV2(pool: DammV2Pool, draws: Draws, at: Moment): DammV2Pool {
  const collectFeeMode = draws.oneOf('output' as const, 'onlyB' as const, 'compounding' as const)
  const shape = collectFeeMode === 'compounding' ? compoundingShape(draws) : concentratedShape(pool, draws)
  const point = pool.activationUnit === 'slot' ? at.slot : at.unixTimestamp
  const { dynamicFee } = pool
  return {
    ...pool,
    ...shape,
    collectFeeMode,
    compoundingFeeBps: collectFeeMode === 'compounding' ? BigInt(draws.whole(1, 10_000)) : 0n,
    activationPoint: point - BigInt(draws.whole(0, 5_000)),
    baseFee: draws.chance(0.5)
      ? { kind: 'static', feeNumerator: BigInt(draws.whole(100_000, 500_000_000)) }
      : fallingFee(draws),
    dynamicFee: dynamicFee && {
      ...dynamicFee,
      lastUpdateTimestamp: at.unixTimestamp - BigInt(draws.whole(0, 1_000)),
      volatilityAccumulator: BigInt(draws.whole(0, Number(dynamicFee.maxVolatilityAccumulator))),
      volatilityReference: BigInt(draws.whole(0, Number(dynamicFee.maxVolatilityAccumulator))),
      sqrtPriceReference: shape.sqrtPrice,
    },
  }
}

function fallingFee(draws: Draws): DammV2Pool['baseFee'] {
  const decay = draws.oneOf('linear' as const, 'exponential' as const)
  const cliffFeeNumerator = BigInt(draws.whole(1_000_000, 500_000_000))
  const periods = BigInt(draws.whole(1, 100))
  // Linear falls by parts of the fee, down to at least nothing; exponential by basis points of what is left.
  const most = decay === 'linear' ? Number(cliffFeeNumerator / periods) : 500
  return {
    kind: 'timeSchedule',
    decay,
    cliffFeeNumerator,
    periods,
    reductionFactor: BigInt(draws.whole(0, most)),
    pointsPerPeriod: BigInt(draws.whole(1, 100)),
  }
}

function compoundingShape(draws: Draws) {
  const [reserveA, reserveB] = [draws.bits(60), draws.bits(60)]
  return {
    reserveA,
    reserveB,
    sqrtPrice: isqrt((reserveB << 128n) / reserveA),
    sqrtMinPrice: MIN_SQRT_PRICE,
    sqrtMaxPrice: MAX_SQRT_PRICE,
    liquidity: isqrt(reserveA * reserveB) << 64n,
  }
}

/** The recorded pool's range, another price in it, and another depth. */
function concentratedShape(pool: DammV2Pool, draws: Draws) {
  const { sqrtMinPrice, sqrtMaxPrice } = pool
  const sqrtPrice = (pool.sqrtPrice * BigInt(draws.whole(500, 2_000))) / 1_000n
  const priced = sqrtPrice > sqrtMinPrice && sqrtPrice < sqrtMaxPrice ? sqrtPrice : pool.sqrtPrice
  const liquidity = (pool.liquidity * draws.bits(8)) / draws.bits(20) + 1n
  return {
    liquidity,
    sqrtMinPrice,
    sqrtMaxPrice,
    sqrtPrice: priced,
    reserveA: mulDivCeil(liquidity, sqrtMaxPrice - priced, priced * sqrtMaxPrice),
    reserveB: mulDivCeil(liquidity, priced - sqrtMinPrice, 1n << 128n),
  }
}
