// Owns the summary of an order: one sentence that says what it will do, so that a slip of the hand shows.

import { formatAmount } from './amount.ts'
import { endOf } from './lifecycle.ts'
import type { LimitSpec, OrderSpec, RestingSpec, SniperSpec } from './order.ts'
import { type PriceOf, priceText, ratioOf } from './price.ts'

const other = (of: PriceOf): PriceOf => (of === 'tokenIn' ? 'tokenOut' : 'tokenIn')

/** "4.05 B for 1 A (0.246 A for 1 B)": a price both ways round, the order's own first. */
function bothWays(spec: RestingSpec, price: string): string {
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

export function summaryOf(spec: OrderSpec): string {
  const { tokenIn, tokenOut } = spec
  const trade = `Sell ${formatAmount(spec.amountIn, tokenIn.decimals)} ${tokenIn.symbol} for ${tokenOut.symbol}`
  if (spec.type === 'market')
    return `${trade} at the market, at most ${percent(spec.slippageBps)} below the quote.`
  return `${trade} ${condition(spec)}; ${validity(spec)}.`
}

/** How a bound on what the market pays reads: where prices are of tokenOut, to pay less is to ask more. */
const words = {
  tokenIn: { atLeast: 'at least', gets: 'gets at least', pays: 'pays', less: 'or less', more: 'or more' },
  tokenOut: { atLeast: 'at most', gets: 'pays at most', pays: 'asks', less: 'or more', more: 'or less' },
} as const

function condition(spec: RestingSpec): string {
  const { gets, pays, less, more } = words[spec.priceOf]
  switch (spec.type) {
    case 'limit':
      return `when the whole amount ${gets} ${bothWays(spec, spec.limitPrice)}, fees and price impact included`
    case 'stop':
      return `once the market ${pays} ${bothWays(spec, spec.triggerPrice)} ${less}${afterTrigger(spec)}`
    case 'takeProfit':
      return `once the market ${pays} ${bothWays(spec, spec.triggerPrice)} ${more}${afterTrigger(spec)}`
    case 'trailingStop': {
      const start = spec.activationPrice
      const from = start === null ? '' : `, from ${bothWays(spec, start)} on`
      return `once the market pays ${percent(spec.trailingBps)} less than at its best${from}${afterTrigger(spec)}`
    }
    case 'sniper':
      return onceLaunched(spec)
  }
}

function onceLaunched(spec: SniperSpec): string {
  const { limitPrice, slippageBps, guards } = spec
  const most = limitPrice === null ? '' : `, for at most ${bothWays(spec, limitPrice)}`
  const consents = guards.allow.length === 0 ? '' : `, whatever its ${guards.allow.join(', ')}`
  const passes = spec.condition.observations
  const slots = passes === 1 ? 'a slot' : `${passes} slots`
  return `once it is launched and its guards pass in ${slots}${most}, with up to ${percent(slippageBps)} slippage${consents}`
}

function afterTrigger(spec: Exclude<RestingSpec, LimitSpec | SniperSpec>): string {
  return spec.limitPrice === null
    ? `, then at the market with up to ${percent(spec.slippageBps)} slippage, until it is done`
    : `, then for ${words[spec.priceOf].atLeast} ${bothWays(spec, spec.limitPrice)}`
}

function validity(spec: RestingSpec): string {
  const end = endOf(spec)
  return end === null
    ? 'now or not at all'
    : `good until canceled, at most until ${new Date(end).toISOString()}`
}
