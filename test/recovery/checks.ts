// Owns what must hold after every run, whatever happened in it: a history and the facts in, every broken rule out.
import { isDeepStrictEqual } from 'node:util'
import { transitions } from '../../src/domain/lifecycle.ts'
import type { EventKind } from '../../src/domain/order.ts'
import { WRAPPED_SOL } from '../../src/domain/token.ts'
import { type Balances, CLOSED, type Facts, type OrderFact, type StoredSwap } from './facts.ts'
import { acknowledged, type EventView, type History, only } from './history.ts'

/** A rule that was broken, and how. */
export type Broken = { readonly rule: keyof typeof checks; readonly how: string }

type Check = (history: History, facts: Facts) => string[]

/** Through these a route may go; what is left of them on the way stays in the wallet. */
const INTERMEDIATES: readonly string[] = [
  WRAPPED_SOL,
  'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v',
  'Es9vMFrzaCErmJfrF4H2FYD4KCoNkY11McCe8BenwNYB',
]

const isClosed = ({ status }: { readonly status: string }) => CLOSED.includes(status)

function nothingIsLost(history: History, { orders }: Facts): string[] {
  const known = new Set(orders.map(({ orderId }) => orderId))
  return [...acknowledged(history).values()]
    .filter((id) => !known.has(id))
    .map((id) => `${id} was acknowledged and is lost`)
}

function everyOrderEnds(_history: History, { orders }: Facts): string[] {
  return orders
    .filter((order) => !isClosed(order))
    .map(({ orderId, status }) => `${orderId} has not ended: ${status}`)
}

function nothingIsDoubled(_history: History, { swaps }: Facts): string[] {
  const landed = groupedBy(
    swaps.filter(({ error }) => error === null),
    ({ orderId }) => orderId,
  )
  return [...landed]
    .filter(([, entries]) => entries.length > 1)
    .map(([id, entries]) => `${id} landed ${entries.length} times`)
}

/** What is said of an order is what the ledger holds, to the unit; what the ledger holds was signed in a log. */
function logAgreesWithLedger(_history: History, { orders, swaps, stored }: Facts): string[] {
  const byId = new Map(orders.map((order) => [order.orderId, order]))
  const landed = new Map(swaps.filter(({ error }) => error === null).map((swap) => [swap.orderId, swap]))
  const said = orders.flatMap((order) => {
    const { orderId, status, signature, amountOutBase } = order
    const entry = landed.get(orderId)
    // Its children have the swaps.
    if (isPlan(order)) return entry === undefined ? [] : [`${orderId} is a ${order.type} and landed`]
    if (status !== 'confirmed') {
      return entry === undefined || !isClosed(order) ? [] : [`${orderId} is ${status} and landed`]
    }
    if (entry === undefined) return [`${orderId} is confirmed and did not land`]
    const agrees = entry.signature === signature && entry.amountOutBase === amountOutBase
    return agrees
      ? []
      : [`${orderId} says ${signature} ${amountOutBase}, the ledger ${JSON.stringify(entry)}`]
  })
  const entered = swaps.flatMap(({ orderId, signature }) => {
    const order = byId.get(orderId)
    if (order === undefined) return [`no order is called ${orderId}`]
    const isSigned = order.events.some((event) => 'signature' in event && event.signature === signature)
    return isSigned ? [] : [`${signature} landed and is in no event of ${orderId}`]
  })
  const shown = new Map(swaps.map((swap) => [swap.signature, swap]))
  const kept = (stored?.swaps ?? []).filter(({ signature, amountOut, amountIn }) => {
    const swap = shown.get(signature)
    return swap?.amountOutBase !== amountOut || swap.amountInBase !== amountIn
  })
  return [...said, ...entered, ...kept.map(({ signature }) => `${signature} is shown otherwise than stored`)]
}

const isPlan = ({ type }: OrderFact) => type === 'oco' || type === 'twap'

/** By the ledger alone: what the legs or slices of an order sold is no more than they had to sell. */
function noGroupOverTrades(_history: History, { orders, swaps }: Facts): string[] {
  const sold = new Map(
    swaps.filter(({ error }) => error === null).map((swap) => [swap.orderId, BigInt(swap.amountInBase)]),
  )
  const families = groupedBy(
    orders.filter(({ parentId }) => parentId !== undefined),
    ({ parentId }) => parentId ?? '',
  )
  return orders.flatMap((parent) => {
    const amounts = (families.get(parent.orderId) ?? []).map(({ orderId }) => sold.get(orderId) ?? 0n)
    const all = amounts.reduce((sum, amount) => sum + amount, 0n)
    const most = BigInt((isPlan(parent) ? parent.amountInBase : parent.amountOutBase) ?? 0)
    return all <= most ? [] : [`the children of ${parent.orderId} sold ${amounts} of ${most}`]
  })
}

/** From 1 without gap, as the table of transitions has it, never back in time, with one end and nothing after it. */
function historiesAreWhole(_history: History, { orders }: Facts): string[] {
  return orders
    .filter((order) => !isWhole(order))
    .map(({ orderId, events }) => {
      return `${orderId} has a broken log: ${JSON.stringify(events.map(({ seq, kind, at }) => [seq, kind, at]))}`
    })
}

function isWhole({ events, status, seq }: OrderFact): boolean {
  const last = events.at(-1)
  return (
    last?.status === status &&
    last.seq === seq &&
    events.every((event, i) => event.seq === i + 1 && mayFollow(event, events[i - 1]))
  )
}

function mayFollow(event: EventView, before: EventView | undefined): boolean {
  const { from } = transitions[event.kind as EventKind]
  if (before === undefined) return from.length === 0
  return (from as readonly string[]).includes(before.status) && event.at >= before.at
}

/** Every follower was told the log from its first event on, each event once, up to its end where it has one. */
function followersHearTheLog(history: History, { orders }: Facts): string[] {
  const byId = new Map(orders.map((order) => [order.orderId, order]))
  const closed = new Set(
    only(history, 'closed').map(({ follower, orderId, code }) => `${follower} ${orderId} ${code}`),
  )
  const told = groupedBy(only(history, 'message'), ({ follower, orderId }) => `${follower} ${orderId}`)
  return [...told].flatMap(([name, messages]) => {
    const order = byId.get(messages[0]?.orderId ?? '')
    if (order === undefined) return [`follower ${name} was told of an order that is not there`]
    const heard = messages.map(({ event }) => event)
    if (!isDeepStrictEqual(heard, order.events.slice(0, heard.length))) {
      return [`follower ${name} heard ${seqs(heard)} instead of ${seqs(order.events)}`]
    }
    const isAll = heard.length === order.events.length || !closed.has(`${name} 1000`)
    return isAll ? [] : [`follower ${name} was told the end after ${heard.length} of ${order.events.length}`]
  })
}

const seqs = (events: readonly EventView[]) => events.map(({ seq, kind }) => `${seq} ${kind}`).join(', ')

/** What is told of an order over HTTP is what is stored of it. */
function databaseAgrees(_history: History, { orders, stored }: Facts): string[] {
  if (stored === null) return []
  const kept = groupedBy(stored.events, ({ orderId }) => orderId)
  const told = orders.flatMap(({ orderId, events }) => {
    const rows = kept.get(orderId) ?? []
    const isSame =
      rows.length === events.length &&
      rows.every(({ seq, kind, at, data }, i) => {
        const { status: _status, attempt: _attempt, ...event } = { attempt: 0, ...events[i] }
        return isDeepStrictEqual(event, { orderId, seq, kind, at, ...JSON.parse(data) })
      })
    return isSame ? [] : [`${orderId} is told otherwise than stored`]
  })
  const ids = new Set(orders.map(({ orderId }) => orderId))
  return [
    ...told,
    ...[...kept.keys()].filter((id) => !ids.has(id)).map((id) => `${id} is stored and not told`),
  ]
}

/** A read that began after something was known of an order knows at least that. */
function readsNeverGoBack(history: History): string[] {
  type Known = { readonly orderId: string; readonly at: number; readonly seq: number }
  const known: Known[] = history.flatMap((operation) => {
    const { op } = operation
    if (op === 'message') return [{ orderId: operation.orderId, at: operation.at, seq: operation.event.seq }]
    if (op === 'post' && operation.orderId !== null)
      return [{ orderId: operation.orderId, at: operation.endedAt, seq: 1 }]
    if (op === 'read' && operation.seq !== null)
      return [{ orderId: operation.orderId, at: operation.endedAt, seq: operation.seq }]
    return []
  })
  const byId = groupedBy(known, ({ orderId }) => orderId)
  return only(history, 'read').flatMap(({ orderId, startedAt, status, seq }) => {
    // No answer, or none for now, tells nothing.
    if (status === null || status === 503) return []
    const before = (byId.get(orderId) ?? []).filter(({ at }) => at < startedAt)
    const least = before.reduce((most, { seq }) => Math.max(most, seq), 0)
    return (seq ?? 0) >= least ? [] : [`${orderId} was read at ${seq} (${status}) after ${least} was known`]
  })
}

/** However often it was sent: one order under each key. */
function oneOrderPerKey(history: History): string[] {
  const answers = groupedBy(only(history, 'post'), ({ key }) => key)
  return [...answers].flatMap(([key, posts]) => {
    const ids = new Set(posts.flatMap(({ orderId }) => orderId ?? []))
    return ids.size > 1 ? [`${key} stands for ${[...ids].join(' and ')}`] : []
  })
}

function everyOrderWasAskedFor(history: History, { orders }: Facts): string[] {
  const meant = new Set(acknowledged(history).values())
  const ghosts = orders.filter(({ orderId, parentId = orderId }) => !meant.has(parentId))
  return ghosts.map(({ orderId }) => `${orderId} stands for no key`)
}

/** Nobody gets an answer that means a defect, and a cancellation that was told is one. */
function answersAreKept(history: History, { orders }: Facts): string[] {
  const byId = new Map(orders.map((order) => [order.orderId, order]))
  return history.flatMap((operation): string[] => {
    if (operation.op === 'post') {
      const { status, code, key } = operation
      return [null, 201, 503].includes(status) ? [] : [`${key} was answered ${status} ${code}`]
    }
    if (operation.op !== 'cancel') return []
    const { orderId, status } = operation
    if (status !== 200) {
      return [null, 409, 503].includes(status) ? [] : [`canceling ${orderId} was answered ${status}`]
    }
    return byId.get(orderId)?.status === 'canceled' ? [] : [`${orderId} was said to be canceled and is not`]
  })
}

/** The wallet holds what it began with and what its swaps moved; what is left on the way through a token is extra. */
function walletMovesAsTheLedger(_history: History, { stored }: Facts): string[] {
  if (stored === null) return []
  const moved = movesOf(stored.swaps)
  return [...stored.wallet].flatMap(([key, amount]) => {
    const change = amount - (stored.walletAtFirst.get(key) ?? 0n)
    const expected = moved.get(key) ?? 0n
    const isRight = INTERMEDIATES.includes(key) ? change >= expected : change === expected
    return isRight ? [] : [`the wallet's ${key} changed by ${change}, the ledger says ${expected}`]
  })
}

function movesOf(swaps: readonly StoredSwap[]): Map<string, bigint> {
  const moved = new Map<string, bigint>()
  const move = (key: string, amount: bigint) => moved.set(key, (moved.get(key) ?? 0n) + amount)
  for (const { mintIn, mintOut, amountIn, amountOut, networkFeeLamports } of swaps) {
    move(mintIn, -BigInt(amountIn))
    move(mintOut, BigInt(amountOut))
    move('lamports', -BigInt(networkFeeLamports))
  }
  return moved
}

/**
 * Where nobody else trades, swaps create no token and destroy none: what wallet and pools hold together is what they
 * began with, less fees that a program keeps outside its reserves.
 */
function tokensAreConserved(_history: History, { stored }: Facts): string[] {
  // The crowd, whose wallets nobody keeps, trades from the second slot on.
  if (stored === null || stored.slot > FIRST_SLOT) return []
  const fees = new Map<string, bigint>()
  for (const { poolFees } of stored.swaps) {
    for (const { mint, amount } of poolFees) fees.set(mint, (fees.get(mint) ?? 0n) + BigInt(amount))
  }
  return [...stored.poolsAtFirst.keys()].flatMap((mint) => {
    const sumOf = (wallet: Balances, pools: Balances) => (wallet.get(mint) ?? 0n) + (pools.get(mint) ?? 0n)
    const gone = sumOf(stored.walletAtFirst, stored.poolsAtFirst) - sumOf(stored.wallet, stored.pools)
    const isRight = gone >= 0n && gone <= (fees.get(mint) ?? 0n)
    return isRight ? [] : [`of ${mint} ${gone} is gone, and the fees are ${fees.get(mint) ?? 0n}`]
  })
}

const FIRST_SLOT = 1

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

export const checks = {
  nothingIsLost,
  everyOrderEnds,
  nothingIsDoubled,
  noGroupOverTrades,
  logAgreesWithLedger,
  historiesAreWhole,
  followersHearTheLog,
  databaseAgrees,
  readsNeverGoBack,
  oneOrderPerKey,
  everyOrderWasAskedFor,
  answersAreKept,
  walletMovesAsTheLedger,
  tokensAreConserved,
} as const satisfies Record<string, Check>

export type Verdict = {
  readonly orders: number
  /** Acknowledged orders that the engine no longer knows. */
  readonly lost: number
  /** Orders that landed more than once. */
  readonly doubled: number
  readonly broken: readonly Broken[]
}

/** Holds a run against every rule, or all but some. */
export function judge(history: History, facts: Facts, except: readonly Broken['rule'][] = []): Verdict {
  const rules = (Object.keys(checks) as Broken['rule'][]).filter((rule) => !except.includes(rule))
  const broken = rules.flatMap((rule) => checks[rule](history, facts).map((how) => ({ rule, how })))
  const count = (wanted: Broken['rule']) => broken.filter(({ rule }) => rule === wanted).length
  return {
    orders: facts.orders.length,
    lost: count('nothingIsLost'),
    doubled: count('nothingIsDoubled'),
    broken,
  }
}
