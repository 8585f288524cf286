// Owns the lines of working orders on the chart: where each stands in the chart's price, and the change that moving it asks for.

import type { Order } from 'oee-client'
import { plain } from './decimal.ts'
import { type Market, type PriceOf, priceOfIn, shortToken } from './pair.ts'

export type LineKind = 'trigger' | 'limit' | 'trailing' | 'activation' | 'watermark'

export type Line = {
  readonly id: string
  readonly orderId: string
  readonly kind: LineKind
  /** The order in a few words, and which of its prices it is where that is not plain. */
  readonly label: string
  /** As the chart has it. */
  readonly price: number
  /** Not a watermark, nor a leg whose order has not bought yet. */
  readonly isMovable: boolean
}

/** The term that a line stands for, as changes of an order name it. */
const termOf: Readonly<Record<Exclude<LineKind, 'watermark'>, string>> = {
  trigger: 'trigger.price',
  limit: 'limitPrice',
  trailing: 'trigger.trailingBps',
  activation: 'trigger.activationPrice',
}

const isOfPair = ({ base, quote }: Market, { tokenIn, tokenOut }: Order) =>
  (tokenIn === base && tokenOut === quote) || (tokenIn === quote && tokenOut === base)

/** Orders of the pair that wait, either way round, the oldest first. */
export const workingOrders = (orders: Iterable<Order>, market: Market): readonly Order[] =>
  [...orders]
    .filter((order) => order.status === 'pending' && order.type !== 'oco' && isOfPair(market, order))
    .toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1))

const names: Readonly<Record<string, string>> = {
  limit: 'Limit',
  stop: 'Stop',
  takeProfit: 'Take profit',
  trailingStop: 'Trailing stop',
  timeStop: 'Time stop',
  sniper: 'Sniper',
  twap: 'TWAP',
  market: 'Market',
}

/** The order in a few words: "Stop, sell 100 A". */
export function orderLabel(order: Order, { base }: Market): string {
  const amount = isDormant(order) ? 'what is bought' : `${order.amountIn} ${shortToken(order.tokenIn)}`
  const side = order.tokenIn === base ? `sell ${amount}` : `buy ${shortToken(order.tokenOut)} for ${amount}`
  return `${names[order.type] ?? order.type}, ${side}`
}

/** A leg whose parent has not bought yet what it is to sell. */
export const isDormant = ({ groupId, groupTotalBase }: Order): boolean =>
  groupId !== undefined && groupTotalBase === undefined

/** From a price of the order to one of the chart, and back: they are the same, or the other way round. */
const turnedTo = (market: Market, order: Order, priceOf: PriceOf) => (price: number) =>
  priceOfIn(market, order) === priceOf ? price : 1 / price

/** The line that its order is named after needs no word of its own. */
function wordsOf(kind: LineKind, { type }: Order): string {
  if (kind === 'activation') return ': follows from here'
  if (kind === 'watermark') return ': best price so far'
  return kind === 'limit' && !['limit', 'sniper', 'twap'].includes(type) ? ': limit once fired' : ''
}

/** Whose price the prices of an order are. */
const pricesAre = (order: Order): PriceOf =>
  order.type === 'sniper' ? 'tokenOut' : (order.priceOf ?? 'tokenIn')

function pricesOf(order: Order): readonly (readonly [LineKind, number, PriceOf])[] {
  const own = pricesAre(order)
  const { price, trailingBps, activationPrice } = order.trigger ?? {}
  const limit = order.type === 'sniper' ? order.guards?.maxPrice : order.limitPrice
  const best = Number(order.memory?.watermark)
  const all = [
    ['trigger', Number(price), own],
    ['limit', Number(limit), own],
    ['activation', best > 0 ? Number.NaN : Number(activationPrice), own],
    // A watermark is how much tokenOut one tokenIn paid, whichever way round the order has its prices.
    ['watermark', best, 'tokenIn'],
    ['trailing', best * (1 - (trailingBps ?? Number.NaN) / 10_000), 'tokenIn'],
  ] as const
  return all.filter(([, each]) => each > 0)
}

export function linesOf(orders: readonly Order[], market: Market): readonly Line[] {
  return orders.flatMap((order) =>
    pricesOf(order).map(([kind, price, priceOf]) => ({
      id: `${order.orderId}:${kind}`,
      orderId: order.orderId,
      kind,
      label: `${orderLabel(order, market)}${wordsOf(kind, order)}`,
      price: turnedTo(market, order, priceOf)(price),
      isMovable: kind !== 'watermark' && !isDormant(order),
    })),
  )
}

/** One press of an arrow: between one and ten bps of the price. */
const stepAt = (price: number): number => 10 ** (Math.floor(Math.log10(price)) - 3)

/** The price so many steps further, on a whole step; never below one. */
export function stepped(price: number, steps: number): number {
  const step = stepAt(price)
  const moved = (Math.round(price / step) + steps) * step
  return Number(plain(Math.max(moved, step), 8))
}

/** What moving a line asks for: a term, and its text in the order's own unit. */
export type Move = { readonly name: string; readonly text: string }

const MOST_TRAILING_BPS = 9_000
/** As many as a chart can tell apart, and a few more. */
const DIGITS = 8

/** Null for a line that stands for no term. */
export function moveOf(line: Line, order: Order, market: Market, price: number): Move | null {
  if (line.kind === 'watermark' || !(price > 0)) return null
  const name = termOf[line.kind]
  if (line.kind === 'trailing') {
    const share = 1 - turnedTo(market, order, 'tokenIn')(price) / Number(order.memory?.watermark)
    const bps = Math.min(MOST_TRAILING_BPS, Math.max(1, Math.round(share * 10_000)))
    return { name, text: String(bps) }
  }
  return { name, text: plain(turnedTo(market, order, pricesAre(order))(price), DIGITS) }
}

/** Labels of neighbors stand clear of each other. */
export const LABEL_PX = 22
const HALF_LABEL_PX = 12

/** As many as have room: those nearest to the price. */
export function nearestLines(lines: readonly Line[], priceNow: number | null, most: number): readonly Line[] {
  if (priceNow === null || lines.length <= most) return lines.slice(0, most)
  const distance = ({ price }: Line) => Math.abs(Math.log(price / priceNow))
  return lines.toSorted((a, b) => distance(a) - distance(b)).slice(0, most)
}

type Place = { readonly id: string; readonly y: number }

/** Where the middle of each label stands: at its line, but none over another, and what is out of the scale at its edge. */
export function labelPlaces(lines: readonly Place[], height: number): ReadonlyMap<string, number> {
  const sorted = lines.toSorted((one, other) => one.y - other.y)
  const places = new Map<string, number>()
  let free = HALF_LABEL_PX
  for (const { id, y } of sorted) {
    places.set(id, Math.max(y, free))
    free = Math.max(y, free) + LABEL_PX
  }
  let last = height - HALF_LABEL_PX
  for (const { id } of sorted.toReversed()) {
    const place = Math.min(places.get(id) ?? last, last)
    places.set(id, place)
    last = place - LABEL_PX
  }
  return places
}
