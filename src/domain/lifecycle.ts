// Owns the life of an order: which event may follow which status, and what the order is afterwards.

import { isProvenByChain } from './failure.ts'
import type {
  EventKind,
  OpenOrder,
  OpenStatus,
  Order,
  OrderEvent,
  OrderIn,
  OrderState,
  OrderStatus,
  Resting,
} from './order.ts'

type Transition = { readonly from: readonly OrderStatus[]; readonly to: OrderStatus }

/** The whole life. From `submitted` on only the chain decides: nothing else may close or restart the order. */
export const transitions: Readonly<Record<EventKind, Transition>> = {
  accepted: { from: [], to: 'pending' },
  triggered: { from: ['pending'], to: 'routing' },
  // From building: a route that is too old to be signed is quoted again.
  routed: { from: ['routing', 'building'], to: 'building' },
  submitted: { from: ['building'], to: 'submitted' },
  filled: { from: ['submitted'], to: 'confirmed' },
  retried: { from: ['routing', 'building', 'submitted'], to: 'routing' },
  // Spends no attempt. From pending: the trigger has looked, and waits on.
  rested: { from: ['pending', 'routing', 'building', 'submitted'], to: 'pending' },
  failed: { from: ['pending', 'routing', 'building', 'submitted'], to: 'failed' },
  canceled: { from: ['pending', 'routing', 'building'], to: 'canceled' },
  // From building: its time may run out while trading is halted.
  expired: { from: ['pending', 'routing', 'building'], to: 'expired' },
}

export const openStatuses: readonly OpenStatus[] = ['pending', 'routing', 'building', 'submitted']

/** Every status there is, in the order in which a life passes them. */
export const statuses: readonly OrderStatus[] = [
  ...openStatuses,
  'confirmed',
  'failed',
  'canceled',
  'expired',
]

export const isOpenStatus = (status: OrderStatus): status is OpenStatus =>
  (openStatuses as readonly OrderStatus[]).includes(status)
export const isOpen = (order: Order): order is OpenOrder => isOpenStatus(order.status)

/** Whether the order waits for the market or a time, and for no worker. */
export const isResting = (order: Order): order is OrderIn<'pending'> & { readonly resting: Resting } =>
  order.status === 'pending' && order.resting !== null

/** Thrown when an event may not follow: a defect of the caller, never a user's mistake. */
export class IllegalTransition extends Error {
  constructor(kind: EventKind, status: OrderStatus | 'nothing') {
    super(`${kind} may not follow ${status}`)
  }
}

/** Whether the table allows an event of that kind now. The one place to ask, for a caller with a choice. */
export const mayFollow = (order: Order, kind: EventKind): boolean =>
  transitions[kind].from.includes(order.status)

/** The order after one more event; throws IllegalTransition when the table does not allow it. */
export function evolve(order: Order | null, event: OrderEvent): Order {
  if (event.kind === 'accepted') {
    if (order !== null) throw new IllegalTransition(event.kind, order.status)
    return {
      spec: event.spec,
      seq: event.seq,
      attempt: event.attempt,
      createdAt: event.at,
      updatedAt: event.at,
      enteredAt: { pending: event.at },
      failedAttempts: [],
      reachedChain: false,
      status: 'pending',
      resting: null,
    }
  }
  if (order === null || !isAllowed(order, event)) {
    throw new IllegalTransition(event.kind, order?.status ?? 'nothing')
  }
  const { to } = transitions[event.kind]
  const restarted = event.kind === 'retried' || event.kind === 'rested'
  return {
    spec: order.spec,
    seq: event.seq,
    attempt: event.attempt,
    createdAt: order.createdAt,
    updatedAt: event.at,
    enteredAt: isOpenStatus(to) ? { ...(restarted ? {} : order.enteredAt), [to]: event.at } : order.enteredAt,
    failedAttempts:
      event.kind === 'retried' || event.kind === 'failed'
        ? [...order.failedAttempts, { attempt: order.attempt, failure: event.failure, at: event.at }]
        : order.failedAttempts,
    reachedChain: order.reachedChain || event.kind === 'submitted',
    ...nextState(order, event),
  }
}

function isAllowed(order: Order, event: OrderEvent): boolean {
  if (event.seq !== order.seq + 1) return false
  if (!mayFollow(order, event.kind)) return false
  if (order.status !== 'submitted') return true
  switch (event.kind) {
    case 'retried':
    case 'failed':
      return isProvenByChain(event.failure)
    case 'rested':
      return event.reason !== null && isProvenByChain(event.reason)
    default:
      return true
  }
}

function nextState(order: Order, event: Exclude<OrderEvent, { kind: 'accepted' }>): OrderState {
  switch (event.kind) {
    case 'triggered':
      return { status: 'routing', retryAt: null }
    case 'routed':
      return { status: 'building', route: event.route }
    case 'submitted':
      if (order.status !== 'building') break
      return { status: 'submitted', route: order.route, swap: event.swap }
    case 'filled':
      if (order.status !== 'submitted') break
      return { status: 'confirmed', route: order.route, swap: order.swap, fill: event.fill }
    case 'retried':
      return { status: 'routing', retryAt: event.retryAt }
    case 'rested':
      return { status: 'pending', resting: { wakeAt: event.wakeAt, memory: event.memory } }
    case 'failed':
      return { status: 'failed', failure: event.failure }
    case 'canceled':
      return { status: 'canceled', by: event.by }
    case 'expired':
      return { status: 'expired' }
  }
  throw new IllegalTransition(event.kind, order.status)
}
