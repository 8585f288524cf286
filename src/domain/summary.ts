// Owns the summary of an order: one sentence that says what it will do, so that a slip of the hand shows.

import { formatAmount } from './amount.ts'
import { endOf, isIoc } from './lifecycle.ts'
import { type PriceOf, priceText, ratioOf } from './price.ts'
import type { Pair } from './route.ts'
import {
  isMintOpen,
  type LegTerms,
  type LimitSpec,
  type MarketSpec,
  type OrderSpec,
  type RestingTerms,
  type SniperSpec,
  type SniperTerms,
  type TwapSpec,
} from './spec.ts'

const other = (of: PriceOf): PriceOf => (of === 'tokenIn' ? 'tokenOut' : 'tokenIn')

/** What prices are said of. */
type Priced = Pair & { readonly priceOf: PriceOf }

/** "4.05 B for 1 A (0.246 A for 1 B)": a price both ways round, the order's own first. */
function bothWays(spec: Priced, price: string): string {
  const say = (of: PriceOf, text: string) => {
    const [paid, counted] = of === 'tokenIn' ? [spec.tokenOut, spec.tokenIn] : [spec.tokenIn, spec.tokenOut]
    return `${text} ${paid.symbol} for 1 ${counted.symbol}`
  }
  const inverse = priceText(spec, other(spec.priceOf), ratioOf(price, spec.priceOf, spec))
  return `${say(spec.priceOf, price)} (${say(other(spec.priceOf), significant(inverse))})`
}

/** Six significant digits, for people. */
const significant = (text: string): string => {
  const value = Number(text)
  return value >= 1e6 || value < 1e-6 ? text : String(Number(value.toPrecision(6)))
}

const percent = (bps: number) => `${bps / 100} %`

export function summaryOf(asked: OrderSpec): string {
  const spec = withWords(asked)
  const trade = `Sell ${whatIsSold(spec)} for ${spec.tokenOut.symbol}`
  const after = 'exits' in spec && spec.exits.length > 0 ? ` Then ${exitsOf(spec)}.` : ''
  switch (spec.type) {
    case 'market':
      return `${trade} at the market, at most ${percent(spec.slippageBps)} below the quote.${after}`
    case 'oco':
      return `${trade} ${legsText(spec, spec.legs)}.`
    case 'twap':
      return `${trade} ${sliced(spec)}.`
    default:
      return `${trade} ${condition(spec)}${afterTrigger(spec)}; ${validity(spec)}.${after}`
  }
}

/** One for any token of a creator has no name yet for what it buys. */
const withWords = (spec: OrderSpec): OrderSpec =>
  isMintOpen(spec) ? { ...spec, tokenOut: { ...spec.tokenOut, symbol: 'the new token' } } : spec

function whatIsSold({ tokenIn, amountIn, parent }: OrderSpec): string {
  const amount = `${formatAmount(amountIn, tokenIn.decimals)} ${tokenIn.symbol}`
  if (parent?.kind !== 'leg') return amount
  const bought = `the ${tokenIn.symbol} that is bought`
  if (parent.shareBps === null) return `what is left of ${parent.total === null ? bought : amount}`
  return parent.total === null ? `${percent(parent.shareBps)} of ${bought}` : amount
}

const exitsOf = (spec: MarketSpec | LimitSpec | SniperSpec) =>
  `sell what was bought ${legsText({ tokenIn: spec.tokenOut, tokenOut: spec.tokenIn }, spec.exits)}`

/** What legs have in common is said once. */
function legsText(pair: Pair, legs: readonly LegTerms[]): string {
  const isShared = legs.some(({ shareBps }) => shareBps !== null)
  const each = legs.map(({ shareBps, ...terms }) => {
    const left = isShared ? 'what is left ' : ''
    const share = shareBps === null ? left : `${percent(shareBps)} of it `
    return { when: `${share}${condition({ ...pair, ...terms })}`, how: afterTrigger({ ...pair, ...terms }) }
  })
  const [first, ...others] = each
  if (first === undefined) return ''
  if (others.length === 0) return `${first.when}${first.how}`
  const isSame = others.every(({ how }) => how === first.how)
  const list = each.map(({ when, how }, i) => `(${i + 1}) ${when}${isSame ? '' : how}`).join('; ')
  const common = isSame && first.how !== '' ? `; each${first.how.slice(1)}` : ''
  return `${isShared ? 'in parts' : 'by the first of'}: ${list}${common}`
}

function sliced(spec: TwapSpec): string {
  const every = `in ${spec.slices} slices over ${duration(spec.durationMs)}`
  const from = spec.isDefaultStart ? '' : ` from ${new Date(spec.startAt).toISOString()}`
  const least =
    spec.limitPrice === null
      ? `each at the market, at most ${percent(spec.slippageBps)} below its quote`
      : `each for ${words[spec.priceOf].atLeast} ${bothWays(spec, spec.limitPrice)}`
  const rest = spec.catchUp === 'skip' ? 'stays unsold' : 'is spread over the slices to come'
  return `${every}${from}, ${least}; what a slice does not trade ${rest}`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** "1 h 30 min", for people. */
function duration(ms: number): string {
  let left = ms
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count === 0 ? [] : [`${count} ${unit}`]
  })
  return parts.join(' ') || `${ms} ms`
}

/** How a bound on what the market pays reads: where prices are of tokenOut, to pay less is to ask more. */
const words = {
  tokenIn: { atLeast: 'at least', gets: 'gets at least', pays: 'pays', less: 'or less', more: 'or more' },
  tokenOut: { atLeast: 'at most', gets: 'pays at most', pays: 'asks', less: 'or more', more: 'or less' },
} as const

function condition(spec: Pair & (RestingTerms | SniperTerms)): string {
  const { gets, pays, less, more } = words[spec.priceOf]
  switch (spec.type) {
    case 'limit':
      return `when the whole amount ${gets} ${bothWays(spec, spec.limitPrice)}, fees and price impact included`
    case 'stop':
      return `once the market ${pays} ${bothWays(spec, spec.triggerPrice)} ${less}`
    case 'takeProfit':
      return `once the market ${pays} ${bothWays(spec, spec.triggerPrice)} ${more}`
    case 'timeStop': {
      const at = spec.fireAt === null ? '' : `, at ${new Date(spec.fireAt).toISOString()}`
      return `${duration(spec.maxHoldMs)} after it was bought${at}`
    }
    case 'trailingStop': {
      const start = spec.activationPrice
      const from = start === null ? '' : `, from ${bothWays(spec, start)} on`
      return `once the market pays ${percent(spec.trailingBps)} less than at its best${from}`
    }
    case 'sniper':
      return onceLaunched(spec)
  }
}

function onceLaunched(spec: Pair & SniperTerms): string {
  const { limitPrice, slippageBps, guards } = spec
  const most = limitPrice === null ? '' : `, for at most ${bothWays(spec, limitPrice)}`
  const consents = guards.allow.length === 0 ? '' : `, whatever its ${guards.allow.join(', ')}`
  const passes = spec.condition.observations
  const slots = passes === 1 ? 'a slot' : `${passes} slots`
  const launched = spec.creator === null ? 'it is launched' : `${spec.creator} launches it`
  return `once ${launched} and its guards pass in ${slots}${most}, with up to ${percent(slippageBps)} slippage${consents}`
}

/** Empty for a limit and a sniper, which have no price but the one that they trade at. */
function afterTrigger(spec: Pair & (RestingTerms | SniperTerms)): string {
  if (spec.type === 'limit' || spec.type === 'sniper') return ''
  return spec.limitPrice === null
    ? `, then at the market with up to ${percent(spec.slippageBps)} slippage, until it is done`
    : `, then for ${words[spec.priceOf].atLeast} ${bothWays(spec, spec.limitPrice)}`
}

function validity(spec: OrderSpec): string {
  const end = endOf(spec)
  return end === null || isIoc(spec)
    ? 'now or not at all'
    : `good until canceled, at most until ${new Date(end).toISOString()}`
}
