import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BaseUnits,
  baseUnits,
  bps,
  exactDecimal,
  formatAmount,
  formatPrice,
  MAX_BASE_UNITS,
  minOut,
  parseAmount,
  shortfallBps,
} from '../../src/domain/amount.ts'

const decimals = fc.integer({ min: 0, max: 18 })
const amount = fc.bigInt({ min: 1n, max: MAX_BASE_UNITS })

describe('reading and writing amounts', () => {
  test('what is written reads back as the same amount', () => {
    fc.assert(
      fc.property(
        amount,
        decimals,
        (units, places) => parseAmount(formatAmount(units, places), places) === units,
      ),
    )
  })

  test('zeros behind the fraction change nothing', () => {
    fc.assert(
      fc.property(amount, decimals, fc.integer({ min: 1, max: 10 }), (units, places, zeros) => {
        const text = formatAmount(units, places)
        const padded = `${text.includes('.') ? text : `${text}.`}${'0'.repeat(zeros)}`
        return parseAmount(padded, places) === units
      }),
    )
  })

  test('one decimal too many is never rounded away', () => {
    fc.assert(
      fc.property(amount, decimals, fc.integer({ min: 1, max: 9 }), (units, places, digit) => {
        const whole = formatAmount(units, 0)
        return parseAmount(`${whole}.${'0'.repeat(places)}${digit}`, places) === 'precision'
      }),
    )
  })

  test.each([
    ['1', 6, 1_000_000n],
    ['12.5', 9, 12_500_000_000n],
    ['0.000001', 6, 1n],
    ['0.0000010', 6, 1n],
    ['18446744073709.551615', 6, MAX_BASE_UNITS],
    ['7', 0, 7n],
    ['7.0', 0, 7n],
  ])('%s with %i decimals is %i base units', (text, places, units) => {
    expect(parseAmount(text, places)).toBe(units)
  })

  test.each([
    ...[
      '',
      ' ',
      '.',
      '.5',
      '5.',
      '-1',
      '+1',
      '1e3',
      '0x10',
      '1_000',
      '1,5',
      '01',
      '00',
      ' 1',
      '1 ',
      '1\n',
    ].map((text) => [text, 'malformed']),
    ...['NaN', 'Infinity', '\u{665}', '\u{ff11}', '1.2.3', '9'.repeat(41)].map((text) => [text, 'malformed']),
    ['0', 'not_positive'],
    ['0.000000', 'not_positive'],
    ['0.0000000000', 'not_positive'],
    ['0.0000001', 'precision'],
    ['18446744073709.551616', 'range'],
    ['9'.repeat(40), 'range'],
  ])('%j is refused as %s', (text, fault) => {
    expect(parseAmount(text, 6)).toBe(fault)
  })

  test.each([
    [0n, 6, '0'],
    [1n, 6, '0.000001'],
    [1_500_000n, 6, '1.5'],
    [1_000_000n, 6, '1'],
    [12n, 0, '12'],
  ])('%i base units with %i decimals are written %s', (units, places, text) => {
    expect(formatAmount(units, places)).toBe(text)
  })

  test('no account can hold less than nothing or more than u64', () => {
    expect(baseUnits(MAX_BASE_UNITS)).toBe(MAX_BASE_UNITS)
    expect(() => baseUnits(-1n)).toThrow(RangeError)
    expect(() => baseUnits(MAX_BASE_UNITS + 1n)).toThrow(RangeError)
  })

  test.each([-1, 0.5, 10_001, Number.NaN, Number.POSITIVE_INFINITY])('%d is no bps', (value) => {
    expect(() => bps(value)).toThrow(RangeError)
  })
})

describe('the exact decimal of a JSON number', () => {
  test.each([
    ['1', '1'],
    ['1.50', '1.5'],
    ['1e2', '100'],
    ['1.5E+2', '150'],
    ['15e-1', '1.5'],
    ['1e-6', '0.000001'],
    ['0', '0'],
    ['0.1', '0.1'],
    ['-2.50', '-2.5'],
    ['9007199254740991', '9007199254740991'],
    ['9007199254740992', '9007199254740992'],
    ['123456.789012', '123456.789012'],
  ])('%s is %s', (source, text) => {
    expect(exactDecimal(source)).toBe(text)
  })

  test.each([
    '9007199254740993',
    '0.1000000000000000055',
    '1e309',
    '-1e309',
    '1e-400',
    '1e61',
    'NaN',
    '',
    '0x1',
  ])('%s does not survive being read', (source) => {
    expect(exactDecimal(source)).toBeNull()
  })

  test('up to 15 digits always survive, wherever the point stands', () => {
    const digits = fc.bigInt({ min: 1n, max: 999_999_999_999_999n })
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 15 }), (units, places) => {
        const text = formatAmount(units, places)
        return exactDecimal(text) === text
      }),
    )
  })

  test('what survives means what was written', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-9, max: 1e15 }), (value) => {
        const text = exactDecimal(JSON.stringify(value))
        return text !== null && Number(text) === value
      }),
    )
  })
})

describe('the least output', () => {
  const slippage = fc.integer({ min: 0, max: 5_000 }).map(bps)
  const quoted = fc.bigInt({ min: 1n, max: MAX_BASE_UNITS }).map(baseUnits)

  test('rounds up: it is never a unit past the limit, and never stricter than a unit', () => {
    fc.assert(
      fc.property(quoted, slippage, (amountOut, slippageBps) => {
        const scaled = amountOut * (10_000n - BigInt(slippageBps))
        const least = minOut(amountOut, slippageBps)
        return least * 10_000n >= scaled && (least - 1n) * 10_000n < scaled && least <= amountOut
      }),
    )
  })

  test.each([
    [100n, 100, 99n],
    [101n, 100, 100n],
    [1n, 5_000, 1n],
    [3n, 5_000, 2n],
    [1_000n, 0, 1_000n],
  ])('of %i with %i bps is %i', (amountOut, slippageBps, least) => {
    expect(minOut(amountOut as BaseUnits, bps(slippageBps))).toBe(least)
  })
})

describe('comparisons', () => {
  test.each([
    [10_000n, 9_900n, 100],
    [10_000n, 10_100n, -100],
    [10_000n, 10_000n, 0],
    [0n, 5n, 0],
    [1_000_000n, 999_999n, 0.01],
  ])('of %i expected, %i falls short by %d bps', (expected, actual, short) => {
    expect(shortfallBps(expected, actual)).toBe(short)
  })

  test.each([
    [398_000_000_000n, 9, 100_000_000n, 6, '3.98'],
    [1n, 6, 3n, 6, '0.333333333333333333'],
    [1n, 9, 10n ** 19n, 0, '0'],
  ])('the price of %i (%i) per %i (%i) is %s', (out, decimalsOut, amountIn, decimalsIn, price) => {
    expect(formatPrice(out, decimalsOut, amountIn, decimalsIn)).toBe(price)
  })
})
