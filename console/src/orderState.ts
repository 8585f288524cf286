// Owns what an event makes of an order as lists show it: the same view that the engine would answer with.

import type { Order, OrderEvent, OrderStatus, Waiting } from 'oee-client'

/** An order as it was last heard of. `waiting`: why it had not fired when its trigger last said so. */
export type Row = Order & { readonly waiting?: Waiting }

/** What a person calls its state: the status, or that a pending order rests or is paused. */
export type State = OrderStatus | 'resting' | 'paused'

export const states = [
  'pending',
  'resting',
  'paused',
  'routing',
  'building',
  'submitted',
  'confirmed',
  'failed',
  'canceled',
  'expired',
] as const satisfies readonly State[]

/** A status of a newer engine is shown as it is called. */
export function stateOf(order: Pick<Order, 'status' | 'resting' | 'paused'>): State {
  if (order.status !== 'pending') return order.status
  if (order.paused === true) return 'paused'
  return order.resting ? 'resting' : 'pending'
}

const CLOSED: ReadonlySet<string> = new Set(['confirmed', 'failed', 'canceled', 'expired'])
export const isOpen = ({ status }: Pick<Order, 'status'>): boolean => !CLOSED.has(status)

/** The ways to the next status; what an order passes from left to right. */
export const WAY = ['pending', 'routing', 'building', 'submitted', 'confirmed'] as const

/** The order after the event; null where an event of an order that is not known cannot show it whole. */
export function applied(row: Row | undefined, event: OrderEvent): Row | null {
  if (row !== undefined && event.seq <= row.seq) return row
  switch (event.kind) {
    case 'accepted':
      return { ...termsOf(event), ...placeOf(event), createdAt: event.at, resting: isDormant(event) }
    case 'activated':
      return row === undefined ? null : { ...withoutWait(row), ...termsOf(event), ...placeOf(event) }
    case 'amended': {
      if (row === undefined) return null
      const paused = row.paused === true ? ({ paused: true, resting: true } as const) : {}
      const { memory } = event
      return { ...withoutWait(row), ...termsOf(event), ...placeOf(event), ...paused, memory }
    }
    case 'rested':
      // A paused order rests as well.
      return row === undefined
        ? null
        : { ...withoutWait(row), ...pausedOf(row), ...placeOf(event), ...outcomeOf(event) }
    default:
      return row === undefined ? null : { ...withoutWait(row), ...placeOf(event), ...outcomeOf(event) }
  }
}

/** A leg whose parent has not been filled. */
const isDormant = ({ groupId, groupTotalBase }: Pick<Order, 'groupId' | 'groupTotalBase'>) =>
  groupId !== undefined && groupTotalBase === undefined

/** What it sells; null for a leg that its parent has not started: it will be what the parent has bought. */
export const sellsOf = (order: Pick<Order, 'amountIn' | 'groupId' | 'groupTotalBase'>): string | null =>
  isDormant(order) ? null : order.amountIn

const pausedOf = ({ paused }: Row) => (paused === true ? ({ paused } as const) : {})

const placeOf = ({ orderId, seq, status, attempt, at }: OrderEvent) => ({
  orderId,
  seq,
  status,
  attempt,
  updatedAt: at,
})

/** The terms alone, without what only the event has. */
function termsOf(event: Extract<OrderEvent, { kind: 'accepted' | 'activated' | 'amended' }>) {
  const { kind, seq, status, attempt, at, by, memory, ...terms } = { by: null, memory: null, ...event }
  return terms
}

/** What holds only for as long as the order waits where it was. */
function withoutWait({ waiting, retryAt, paused, ...row }: Row): Row {
  return { ...row, resting: false }
}

function outcomeOf(event: OrderEvent): Partial<Row> {
  switch (event.kind) {
    case 'rested': {
      const { memory, waiting, failure } = event
      return {
        resting: true,
        memory,
        ...(waiting === undefined ? {} : { waiting }),
        ...(failure === undefined ? {} : { failure }),
      }
    }
    case 'paused':
      return { resting: true, paused: true, memory: event.memory }
    case 'retried':
      return { failure: event.failure, retryAt: event.retryAt }
    case 'submitted': {
      const { signature, txHash, lastValidBlockHeight } = event
      return { signature, txHash, lastValidBlockHeight }
    }
    case 'filled': {
      const { amountOut, amountOutBase, signature, txHash, slot } = event
      return { amountOut, amountOutBase, signature, txHash, slot, endReason: 'filled' }
    }
    case 'completed': {
      const { filledIn, filledInBase, filledOut, filledOutBase, remainingIn, averagePrice } = event
      const totals = { filledIn, filledInBase, filledOut, filledOutBase, remainingIn, averagePrice }
      return { ...totals, endReason: 'filled' }
    }
    case 'failed':
      return { failure: event.failure, reachedChain: event.reachedChain, endReason: event.failure.code }
    case 'canceled':
      return { endReason: 'canceled' }
    case 'expired':
      return { endReason: 'expired' }
    default:
      return {}
  }
}
