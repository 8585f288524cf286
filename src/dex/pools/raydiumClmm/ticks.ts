// Raydium CLMM (program raydium-clmm): ticks, that is powers of 1.0001, and the square roots of their prices.

export const MIN_TICK = -443_636
export const MAX_TICK = 443_636

/** √price of the outermost ticks in Q64.64. A swap stops one unit short of them. */
export const MIN_SQRT_PRICE = 4_295_048_016n
export const MAX_SQRT_PRICE = 79_226_673_521_066_979_257_578_248_091n

export const TICKS_PER_ARRAY = 60

const Q64 = 1n << 64n
const U128_MAX = (1n << 128n) - 1n
const LN_SQRT_1_0001 = Math.log(1.0001) / 2

/** 2^64 / 1.0001^(2^i / 2) as the program rounds them: bit i of a tick selects factor i. */
const FACTORS: readonly bigint[] = [
  0xfffc_b933_bd6f_b800n,
  0xfff9_7272_373d_4000n,
  0xfff2_e50f_5f65_7000n,
  0xffe5_caca_7e10_f000n,
  0xffcb_9843_d60f_7000n,
  0xff97_3b41_fa98_e800n,
  0xff2e_a164_66c9_b000n,
  0xfe5d_ee04_6a9a_3800n,
  0xfcbe_86c7_900b_b000n,
  0xf987_a725_3ac6_5800n,
  0xf339_2b08_22bb_6000n,
  0xe715_9475_a2ca_f000n,
  0xd097_f3bd_fd2f_2000n,
  0xa9f7_4646_2d9f_8000n,
  0x70d8_69a1_56f3_1c00n,
  0x31be_135f_97ed_3200n,
  0x09aa_508b_5b85_a500n,
  0x005d_6af8_dedc_582cn,
  0x0000_2216_e584_f5fan,
]

/**
 * √1.0001^tick in Q64.64, with the program's rounding. Source: raydium-clmm `libraries/tick_math.rs`,
 * `get_sqrt_price_at_tick`: the factors of a negative tick's bits, each product cut to 64 bits behind the point.
 */
export function sqrtPriceAtTick(tick: number): bigint {
  let ratio = Q64
  let bits = Math.abs(tick)
  for (const factor of FACTORS) {
    if ((bits & 1) === 1) ratio = (ratio * factor) >> 64n
    bits >>= 1
  }
  return tick > 0 ? U128_MAX / ratio : ratio
}

/** The last tick whose √price is not above `sqrtPrice`; the program finds it by logarithm (`get_tick_at_sqrt_price`). */
export function tickAtSqrtPrice(sqrtPrice: bigint): number {
  let tick = Math.floor(Math.log(Number(sqrtPrice) / 2 ** 64) / LN_SQRT_1_0001)
  while (sqrtPriceAtTick(tick) > sqrtPrice) tick -= 1
  while (sqrtPriceAtTick(tick + 1) <= sqrtPrice) tick += 1
  return tick
}

/** The number of the tick array that holds `tick`: arrays are counted from the one that starts at tick 0. */
export function arrayOfTick(tick: number, tickSpacing: number): number {
  return Math.floor(tick / (TICKS_PER_ARRAY * tickSpacing))
}

/** The tick that array `arrayNumber` starts with. */
export function firstTickOf(arrayNumber: number, tickSpacing: number): number {
  return arrayNumber * TICKS_PER_ARRAY * tickSpacing
}
