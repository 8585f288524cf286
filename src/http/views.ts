// Owns the views: how orders, events, pools and swaps look on the wire.

import { exactDecimal, formatAmount } from '../domain/amount.ts'
import type { Candle } from '../domain/candles.ts'
import { type LoggedEvent, messageText } from '../domain/eventCodec.ts'
import { failureRules } from '../domain/failure.ts'
import { totalsData } from '../domain/fillCodec.ts'
import { isOpen, isPlan, isResting, isSpentIoc } from '../domain/lifecycle.ts'
import type { FilledOrder, Order, OrderIn, Totals } from '../domain/order.ts'
import type { PoolInfo } from '../domain/pool.ts'
import type { LedgerEntry } from '../domain/ports/simulation.ts'
import type { RouteRequest } from '../domain/route.ts'
import { answerData, routedData } from '../domain/routeCodec.ts'
import type { Routing } from '../domain/routing/findRoute.ts'
import { specData } from '../domain/specCodec.ts'
import { summaryOf } from '../domain/summary.ts'
import type { TokenList } from '../domain/token.ts'
import { rememberedTotals } from '../domain/triggers/plan.ts'
import type { Candle as CandleMessage, OrderSummary, Quotes } from '../domain/wire.ts'
import { EXECUTE } from './app.ts'
import type { PublicAddress } from './edge/publicAddress.ts'
import type { StreamMessage } from './streams/messageStream.ts'

const messages = new WeakMap<LoggedEvent, StreamMessage>()

/** The event's message, memoized: serialized once, however many followers it has. */
export function messageOf(event: LoggedEvent): StreamMessage {
  const known = messages.get(event)
  if (known !== undefined) return known
  const message = { kind: event.kind, text: messageText(event), id: String(event.seq) }
  messages.set(event, message)
  return message
}

const iso = (at: number) => new Date(at).toISOString()

/** An order without its events. `isUnfunded`: it rests, and the wallet does not hold what it sells beside earlier orders. */
export function orderView(order: Order, isUnfunded = false): OrderSummary {
  const { spec } = order
  return {
    orderId: spec.orderId,
    status: order.status,
    seq: order.seq,
    attempt: order.attempt,
    ...specData(spec),
    summary: summaryOf(spec),
    resting: isResting(order),
    ...(isUnfunded ? { unfunded: true } : {}),
    createdAt: iso(order.createdAt),
    updatedAt: iso(order.updatedAt),
    ...outcomeView(order),
    ...(isPlan(spec) ? totalsData(spec, totalsOf(order)) : {}),
    ...(isOpen(order) ? {} : { endReason: endReasonOf(order) }),
  }
}

/** Of a plan: what its children have traded, when it last looked or for good. */
function totalsOf(order: Order): Totals {
  const ended = 'totals' in order ? order.totals : null
  return ended ?? rememberedTotals(order.memory)
}

/** Why an order has ended, in one word. */
function endReasonOf(order: Order): string {
  switch (order.status) {
    case 'confirmed':
      return 'filled'
    case 'failed':
      return order.failure.code
    case 'canceled':
      // An owner may be called like one of these.
      return order.by === order.spec.owner ? 'canceled' : (ENDED_BY[order.by] ?? 'canceled')
    case 'expired':
      if (order.spec.type === 'oco') return 'legs_ended'
      return isSpentIoc(order) ? 'not_filled_at_once' : 'expired'
    default:
      return order.status
  }
}

/** Why a leg or a slice is of no use any more. */
const ENDED_BY: Readonly<Record<string, string>> = {
  group: 'group_filled',
  oco: 'group_canceled',
  parent: 'parent_not_filled',
  plan: 'plan_canceled',
}

/** The answer to an order that was placed. */
export function acceptedView(order: Order, { scheme, host, prefix }: PublicAddress) {
  const { spec, status, seq, createdAt } = order
  return {
    orderId: spec.orderId,
    wsUrl: `${scheme === 'https' ? 'wss' : 'ws'}://${host}${prefix}${EXECUTE}?orderId=${spec.orderId}`,
    status,
    seq,
    ...(spec.clientOrderId === null ? {} : { clientOrderId: spec.clientOrderId }),
    summary: summaryOf(spec),
    createdAt: iso(createdAt),
  }
}

/** What the status knows beyond what every order knows. */
function outcomeView(order: Order): Partial<OrderSummary> {
  switch (order.status) {
    case 'pending':
      return {
        ...(order.isPaused ? { paused: true } : {}),
        ...(Object.keys(order.memory).length === 0 ? {} : { memory: order.memory }),
      }
    case 'routing':
      return order.retryAt === null ? {} : { retryAt: iso(order.retryAt) }
    case 'submitted':
      return signatureView(order)
    case 'confirmed': {
      if (!('fill' in order)) return {}
      const { amountOut, slot } = order.fill
      const { decimals } = order.spec.tokenOut
      const amounts = { amountOut: formatAmount(amountOut, decimals), amountOutBase: amountOut.toString() }
      return { ...signatureView(order), ...amounts, slot }
    }
    case 'failed': {
      const { code, detail } = order.failure
      return {
        failure: { code, message: failureRules[code].message, detail },
        reachedChain: order.reachedChain,
      }
    }
    default:
      return {}
  }
}

/** `txHash` is the signature under a second name. */
const signatureView = ({ swap }: OrderIn<'submitted'> | FilledOrder) => ({
  signature: swap.signature,
  txHash: swap.signature,
  lastValidBlockHeight: swap.lastValidBlockHeight,
})

/** An order with its whole log and what else is known of it, as JSON text: the stored text of each event is not parsed again. */
export function orderText(view: object, events: readonly LoggedEvent[]): string {
  return `${JSON.stringify(view).slice(0, -1)},"events":[${events.map((event) => messageOf(event).text).join(',')}]}`
}

export function poolView(pool: PoolInfo) {
  const { tokenA, tokenB } = pool
  return {
    venue: pool.venue,
    pool: pool.pool,
    program: pool.program,
    tokenA: tokenA.symbol,
    tokenB: tokenB.symbol,
    reserveA: formatAmount(pool.reserveA, tokenA.decimals),
    reserveABase: pool.reserveA.toString(),
    reserveB: formatAmount(pool.reserveB, tokenB.decimals),
    reserveBBase: pool.reserveB.toString(),
    feeBps: pool.feeBps,
    price: pool.price,
  }
}

/** What every venue would pay for the trade, and the route that an order would take, or why there is none. */
export function quotesView(trade: RouteRequest, routing: Routing) {
  const { tokenIn, tokenOut, amountIn, slippageBps } = trade
  const asked = {
    tokenIn: tokenIn.symbol,
    tokenOut: tokenOut.symbol,
    amountIn: formatAmount(amountIn, tokenIn.decimals),
    amountInBase: amountIn.toString(),
    slippageBps,
  }
  if (routing.kind === 'routed') return { ...asked, ...routedData(trade, routing) } satisfies Quotes
  const quotes = routing.answers.flatMap((answer) => answerData(tokenOut, answer))
  return { ...asked, quotes, route: null, failure: routing.failure } satisfies Quotes
}

/** Of a price as a float: more digits would be noise. */
const PRICE_DIGITS = 10
const priceText = (price: number) => exactDecimal(String(Number(price.toPrecision(PRICE_DIGITS)))) ?? '0'

export const candleView = ({ at, open, high, low, close }: Candle) =>
  ({
    at: iso(at),
    open: priceText(open),
    high: priceText(high),
    low: priceText(low),
    close: priceText(close),
  }) satisfies CandleMessage

/** A swap of the simulated chain's ledger. */
export function swapView(swap: LedgerEntry, tokens: TokenList) {
  const amount = (name: string, mint: string, base: string) => {
    const decimals = tokens.find(mint)?.decimals ?? 0
    return { [name]: formatAmount(BigInt(base), decimals), [`${name}Base`]: base }
  }
  return {
    signature: swap.signature,
    orderId: swap.orderId,
    slot: swap.slot,
    at: iso(swap.at),
    tokenIn: tokens.find(swap.mintIn)?.symbol ?? swap.mintIn,
    tokenOut: tokens.find(swap.mintOut)?.symbol ?? swap.mintOut,
    ...amount('amountIn', swap.mintIn, swap.amountIn),
    ...amount('amountOut', swap.mintOut, swap.amountOut),
    networkFeeLamports: swap.networkFeeLamports,
    error: swap.error,
  }
}
