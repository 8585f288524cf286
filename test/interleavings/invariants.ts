// Owns what must hold after every run, whatever happened in it.
import { isDeepStrictEqual } from 'node:util'
import { type LoggedEvent, messageText, replayLog } from '../../src/domain/eventCodec.ts'
import { isOpen, isOpenStatus } from '../../src/domain/lifecycle.ts'
import type { Order, OrderId, OrderStatus } from '../../src/domain/order.ts'
import type { Entry } from './chain.ts'

/** What is durable of one order: its log, and the projection that stands beside it. */
export type Stored = {
  readonly events: readonly LoggedEvent[]
  readonly projection: { readonly status: OrderStatus; readonly seq: number; readonly attempt: number }
  /** The order as the last writer saw it, where the store keeps it whole. */
  readonly order: Order | null
}

export type Outcome = {
  readonly stored: ReadonlyMap<OrderId, Stored>
  /** The same a while after every order had ended. */
  readonly later: ReadonlyMap<OrderId, Stored>
  readonly ledger: readonly Entry[]
  readonly sent: readonly {
    readonly orderId: OrderId
    readonly signature: string
    readonly durable: boolean
  }[]
  /** Orders of which a client was told that they are durable. */
  readonly acknowledged: readonly OrderId[]
  /** Orders of which a client was told that they are canceled. */
  readonly canceled: readonly OrderId[]
  /** The order that each client was told stands for its key. */
  readonly byKey: ReadonlyMap<string, readonly OrderId[]>
  /** What followers were given, by order. */
  readonly heard: ReadonlyMap<OrderId, readonly LoggedEvent[]>
  /** What the engine itself reported as a defect. */
  readonly defects: readonly string[]
  /** The world's time from the first order to the end of the last. */
  readonly lastedMs: number
}

export type Violation =
  | 'landed twice'
  | 'gap in the log'
  | 'illegal history'
  | 'replay differs'
  | 'time goes back'
  | 'below the minimum'
  | 'ledger disagrees'
  | 'sent before durable'
  | 'acknowledged and lost'
  | 'canceled and not'
  | 'two orders under one key'
  | 'heard something else'
  | 'never ended'
  | 'closed and changed'
  | 'defect reported'

/** Every broken rule with the order that broke it; none when all is well. */
export function violations(outcome: Outcome): string[] {
  const { stored, later, ledger, sent, acknowledged, canceled, byKey, heard, defects } = outcome
  const found: string[] = []
  const claim = (holds: boolean, broken: Violation, about: unknown) => {
    if (!holds) found.push(`${broken}: ${String(about)}`)
  }
  for (const id of acknowledged) claim(stored.has(id), 'acknowledged and lost', id)
  for (const id of canceled) claim(stored.get(id)?.projection.status === 'canceled', 'canceled and not', id)
  for (const { orderId, signature, durable } of sent) {
    claim(durable, 'sent before durable', signature)
    claim(stored.has(orderId), 'ledger disagrees', `${signature} belongs to no order`)
  }
  for (const [key, ids] of byKey) claim(new Set(ids).size <= 1, 'two orders under one key', `${key}: ${ids}`)
  for (const [id, events] of heard) {
    const [told, logged] = [events.map(messageText), (later.get(id)?.events ?? []).map(messageText)]
    claim(isDeepStrictEqual(told, logged), 'heard something else', `${id}: ${told} instead of ${logged}`)
  }
  for (const defect of defects) claim(false, 'defect reported', defect)
  for (const [id, order] of stored) {
    const landed = ledger.filter(({ orderId, isReverted }) => orderId === id && !isReverted)
    claim(landed.length <= 1, 'landed twice', `${id} as ${landed.map(({ signature }) => signature)}`)
    claim(isDeepStrictEqual(order, later.get(id)), 'closed and changed', id)
    checkLog(id, order, landed, claim)
  }
  return found
}

type Claim = (holds: boolean, broken: Violation, about: unknown) => void

function checkLog(
  id: OrderId,
  { events, projection, order }: Stored,
  landed: readonly Entry[],
  claim: Claim,
) {
  claim(!isOpenStatus(projection.status), 'never ended', `${id} is ${projection.status}`)
  events.forEach(({ seq, at }, i) => {
    claim(seq === i + 1, 'gap in the log', `${id} has seq ${seq} at place ${i + 1}`)
    claim(at >= (events[i - 1]?.at ?? 0), 'time goes back', `${id} at seq ${seq}`)
  })
  const replayed = tryReplay(events)
  claim(replayed instanceof Error === false, 'illegal history', `${id}: ${replayed}`)
  if (replayed === null || replayed instanceof Error) return
  const { status, seq, attempt } = replayed
  claim(isDeepStrictEqual({ status, seq, attempt }, projection), 'replay differs', id)
  claim(order === null || isDeepStrictEqual(comparable(replayed), comparable(order)), 'replay differs', id)
  checkAgainstLedger(replayed, landed, claim)
}

function tryReplay(events: readonly LoggedEvent[]): Order | Error | null {
  try {
    return replayLog(events)
  } catch (error) {
    return error as Error
  }
}

/** Bytes are equal whatever kind of array holds them. */
const comparable = (order: Order) =>
  'swap' in order ? { ...order, swap: { ...order.swap, wire: [...order.swap.wire] } } : order

function checkAgainstLedger(order: Order, landed: readonly Entry[], claim: Claim): void {
  const { orderId } = order.spec
  const [entry] = landed
  for (const { amountOut, minAmountOut } of landed) {
    claim(amountOut >= minAmountOut && minAmountOut > 0n, 'below the minimum', `${orderId} got ${amountOut}`)
  }
  if (order.status !== 'confirmed') {
    claim(
      isOpen(order) || entry === undefined,
      'ledger disagrees',
      `${orderId} is ${order.status} but landed`,
    )
    return
  }
  const { fill, swap, route } = order
  claim(fill.amountOut >= route.minAmountOut, 'below the minimum', `${orderId} says ${fill.amountOut}`)
  const told = [swap.signature, fill.amountIn, fill.amountOut]
  const judged = [entry?.signature, entry?.amountIn, entry?.amountOut]
  claim(isDeepStrictEqual(told, judged), 'ledger disagrees', `${orderId} says ${told}, the ledger ${judged}`)
}
