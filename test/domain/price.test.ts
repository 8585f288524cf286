// Prices against a second way of reading them: fractions of integers, written out digit by digit.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_BASE_UNITS } from '../../src/domain/amount.ts'
import {
  approximately,
  distanceBps,
  lowered,
  outputAt,
  parsePrice,
  paysAtLeast,
  paysAtMost,
  priceText,
  type Ratio,
  raised,
  ratioOf,
} from '../../src/domain/price.ts'

const pairOf = (decimalsIn: number, decimalsOut: number) => ({
  tokenIn: { symbol: 'IN', mint: 'in', decimals: decimalsIn },
  tokenOut: { symbol: 'OUT', mint: 'out', decimals: decimalsOut },
})

const decimals = fc.integer({ min: 0, max: 18 })
const pair = fc.tuple(decimals, decimals).map(([decimalsIn, decimalsOut]) => pairOf(decimalsIn, decimalsOut))
const amount = fc.bigInt({ min: 1n, max: MAX_BASE_UNITS })
const side = fc.constantFrom('tokenIn' as const, 'tokenOut' as const)

/** A positive decimal in its shortest form. */
const priceUpTo = (whole: number, fraction: number) =>
  fc
    .tuple(
      fc.bigInt({ min: 0n, max: 10n ** BigInt(whole) - 1n }),
      fc
        .array(fc.integer({ min: 0, max: 9 }), { maxLength: fraction })
        .map((digits) => digits.join('').replace(/0+$/, '')),
    )
    .map(([before, after]) => (after === '' ? `${before}` : `${before}.${after}`))
    .filter((text) => text !== '0')

const price = priceUpTo(30, 30)
const ratio = fc.tuple(price, side, pair).map(([text, of, tokens]) => ratioOf(text, of, tokens))

describe('reading a price', () => {
  test.each([
    ['4.05', '4.05'],
    ['4.0500', '4.05'],
    ['4', '4'],
    ['4.000', '4'],
    ['0.1', '0.1'],
    ['9'.repeat(30), '9'.repeat(30)],
    [`0.${'0'.repeat(29)}1`, `0.${'0'.repeat(29)}1`],
    [`1.${'0'.repeat(40)}`, '1'],
  ])('%s is %s', (text, read) => {
    expect(parsePrice(text)).toBe(read)
  })

  test.each([
    '',
    '0',
    '0.0',
    '-1',
    '+1',
    '1e3',
    '1E3',
    '.5',
    '5.',
    '05',
    '00.5',
    ' 1',
    '1 ',
    '1\n',
    '1,5',
    '1_000',
    '0x10',
    'NaN',
    'Infinity',
    '1.2.3',
    '٣',
    '1'.repeat(31),
    `0.${'0'.repeat(30)}1`,
  ])('%j is no price', (text) => {
    expect(parsePrice(text)).toBeNull()
  })

  test('the shortest form reads back as itself', () => {
    fc.assert(fc.property(price, (text) => parsePrice(text) === text))
  })

  test('zeros behind the fraction change nothing', () => {
    fc.assert(
      fc.property(price, fc.integer({ min: 1, max: 9 }), (text, zeros) => {
        const padded = `${text.includes('.') ? text : `${text}.`}${'0'.repeat(zeros)}`
        return parsePrice(padded) === text
      }),
    )
  })

  test('any text is a price of digits and one point, or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.-+eE ') }), (text) => {
        const read = parsePrice(text)
        return read === null || (/^\d+(\.\d+)?$/.test(text) && Number(read) === Number(text))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a price as output per input', () => {
  test.each([
    // 4.05 B for 1 A: 1 A is 10^6 units, 4.05 B are 4.05 × 10^9.
    ['4.05', 'tokenIn', 6, 9, 1_000_000n, 4_050_000_000n],
    // 1 B costs 0.25 A: 0.25 A buy 1 B.
    ['0.25', 'tokenOut', 6, 9, 250_000n, 1_000_000_000n],
    ['3', 'tokenIn', 0, 0, 7n, 21n],
    ['3', 'tokenOut', 0, 0, 21n, 7n],
    ['150', 'tokenIn', 9, 6, 1_000_000_000n, 150_000_000n],
    ['0.00002', 'tokenIn', 5, 6, 100_000n, 20n],
  ] as const)(
    '%s of %s, with %i and %i decimals: %i units pay %i',
    (text, of, before, after, input, output) => {
      expect(outputAt(ratioOf(text, of, pairOf(before, after)), input)).toBe(output)
    },
  )

  test('of tokenIn it is the decimal itself, shifted by the decimals of both tokens, to the last digit', () => {
    fc.assert(
      fc.property(price, pair, (text, tokens) => {
        const { numerator, denominator } = ratioOf(text, 'tokenIn', tokens)
        const [whole = '', fraction = ''] = text.split('.')
        // text × 10^out = ratio × 10^in, both sides times 10^30.
        const digits = BigInt(whole + fraction.padEnd(30, '0'))
        return (
          digits * 10n ** BigInt(tokens.tokenOut.decimals) * denominator ===
          numerator * 10n ** BigInt(tokens.tokenIn.decimals + 30)
        )
      }),
    )
  })

  test('of tokenOut it is what the trade the other way round would call tokenIn, inverted', () => {
    fc.assert(
      fc.property(price, pair, (text, { tokenIn, tokenOut }) => {
        const there = ratioOf(text, 'tokenOut', { tokenIn, tokenOut })
        const back = ratioOf(text, 'tokenIn', { tokenIn: tokenOut, tokenOut: tokenIn })
        return there.numerator * back.numerator === there.denominator * back.denominator
      }),
    )
  })

  test('both of its parts are positive', () => {
    fc.assert(fc.property(ratio, ({ numerator, denominator }) => numerator > 0n && denominator > 0n))
  })
})

describe('comparing with a price', () => {
  test('the output at a price is the least that pays it', () => {
    fc.assert(
      fc.property(ratio, amount, (at, input) => {
        const output = outputAt(at, input)
        return paysAtLeast(at, input, output) && !paysAtLeast(at, input, output - 1n)
      }),
      { numRuns: 1_000 },
    )
  })

  test('every output is at least or at most the price, and both only where it is exactly there', () => {
    const near = fc.bigInt({ min: -2n, max: 2n })
    fc.assert(
      fc.property(ratio, amount, near, (at, input, off) => {
        const output = outputAt(at, input) + off
        const [least, most] = [paysAtLeast(at, input, output), paysAtMost(at, input, output)]
        const isExact = output * at.denominator === input * at.numerator
        return (least || most) && (least && most) === isExact
      }),
      { numRuns: 1_000 },
    )
  })

  test('one unit differs from its neighbor where a float sees no difference', () => {
    const at = ratioOf('1.000000000000000001', 'tokenIn', pairOf(18, 18))
    const input = 10n ** 18n
    expect(outputAt(at, input)).toBe(input + 1n)
    expect(paysAtLeast(at, input, input)).toBe(false)
    expect(paysAtMost(at, input, input)).toBe(true)
    expect(Number(input)).toBe(Number(input + 1n))
  })
})

describe('moving a price', () => {
  const byBps = fc.integer({ min: 0, max: 10_000 })
  const isOrdered = (low: Ratio, high: Ratio) =>
    low.numerator * high.denominator <= high.numerator * low.denominator

  test('less and more so many bps of it is exact', () => {
    fc.assert(
      fc.property(ratio, byBps, (at, moved) => {
        const [less, more] = [lowered(at, moved), raised(at, moved)]
        const bpsOf = ({ numerator, denominator }: Ratio) =>
          (numerator * at.denominator * 10_000n) / (denominator * at.numerator)
        return (
          bpsOf(less) === 10_000n - BigInt(moved) &&
          bpsOf(more) === 10_000n + BigInt(moved) &&
          isOrdered(less, at) &&
          isOrdered(at, more)
        )
      }),
    )
  })

  test('nothing is left of it at 10,000', () => {
    expect(lowered({ numerator: 7n, denominator: 3n }, 10_000).numerator).toBe(0n)
  })

  test('the float is off by less than a millionth of a millionth', () => {
    fc.assert(
      fc.property(ratio, (at) => {
        const scale = 10n ** 90n
        const exact = Number((at.numerator * scale) / at.denominator) / 1e90
        return Math.abs(approximately(at) / exact - 1) < 1e-12
      }),
    )
  })
})

describe('writing a price', () => {
  test('reads back as the same text, whichever token it is of', () => {
    fc.assert(
      fc.property(priceUpTo(30, 18), side, pair, (text, of, tokens) => {
        expect(priceText(tokens, of, ratioOf(text, of, tokens))).toBe(text)
      }),
    )
  })

  test('is rounded down behind the 18th decimal', () => {
    const tokens = pairOf(6, 9)
    expect(priceText(tokens, 'tokenIn', ratioOf(`0.${'9'.repeat(20)}`, 'tokenIn', tokens))).toBe(
      `0.${'9'.repeat(18)}`,
    )
    expect(priceText(tokens, 'tokenIn', { numerator: 2_000n, denominator: 3n })).toBe(`0.${'6'.repeat(18)}`)
  })

  test('of the other token it is the inverse', () => {
    const tokens = pairOf(6, 9)
    expect(priceText(tokens, 'tokenOut', ratioOf('4', 'tokenIn', tokens))).toBe('0.25')
    expect(priceText(tokens, 'tokenIn', ratioOf('0.25', 'tokenOut', tokens))).toBe('4')
    fc.assert(
      fc.property(priceUpTo(9, 9), pair, (text, both) => {
        const inverse = priceText(both, 'tokenOut', ratioOf(text, 'tokenIn', both))
        // Rounded down by less than 10^-18 of tokenIn.
        const [digits, of18] = [(value: string) => BigInt(shifted(value)), 10n ** 18n]
        const product = digits(text) * digits(inverse)
        return product <= of18 * of18 && product > of18 * of18 - digits(text)
      }),
    )
  })

  /** The digits of a decimal times 10^18. */
  function shifted(text: string): string {
    const [whole = '', fraction = ''] = text.split('.')
    return whole + fraction.padEnd(18, '0')
  }
})

describe('the distance to a price', () => {
  const at = ratioOf('4', 'tokenIn', pairOf(6, 9))

  test.each([
    [400_000_000_000n, 0],
    [404_000_000_000n, 100],
    [396_000_000_000n, -100],
    [400_040_000_000n, 1],
    [400_000_400_000n, 0.01],
    [0n, -10_000],
  ])('%i for 100 units is off by %d bps', (output, distance) => {
    expect(distanceBps(at, 100_000_000n, output)).toBe(distance)
  })

  test('has the sign of the comparison', () => {
    fc.assert(
      fc.property(ratio, amount, fc.bigInt({ min: 0n, max: MAX_BASE_UNITS }), (price, input, output) => {
        const off = distanceBps(price, input, output)
        return off > 0 ? paysAtLeast(price, input, output) : off >= 0 || paysAtMost(price, input, output)
      }),
    )
  })
})
