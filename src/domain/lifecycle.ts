// Owns the life of an order: which event may follow which status, and what the order is afterwards.

import type { Millis } from '../timing/clock.ts'
import { type BaseUnits, baseUnits } from './amount.ts'
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
import type { LegPlace, OrderSpec, PlanSpec, RestingSpec } from './spec.ts'
import type { Token } from './token.ts'

type Transition = { readonly from: readonly OrderStatus[]; readonly to: OrderStatus }

/** The whole life. From `submitted` on only the chain decides: nothing else may close or restart the order. */
export const transitions: Readonly<Record<EventKind, Transition>> = {
  accepted: { from: [], to: 'pending' },
  // A leg whose parent has been filled.
  activated: { from: ['pending'], to: 'pending' },
  triggered: { from: ['pending'], to: 'routing' },
  // From building: a route that is too old to be signed is quoted again.
  routed: { from: ['routing', 'building'], to: 'building' },
  submitted: { from: ['building'], to: 'submitted' },
  filled: { from: ['submitted'], to: 'confirmed' },
  // A plan, whose children have traded all of it.
  completed: { from: ['pending'], to: 'confirmed' },
  retried: { from: ['routing', 'building', 'submitted'], to: 'routing' },
  // Spends no attempt. From pending: the trigger has looked, and waits on.
  rested: { from: ['pending', 'routing', 'building', 'submitted'], to: 'pending' },
  // An attempt under way ends with these, before its signature: the trigger looks anew.
  paused: { from: ['pending', 'routing', 'building'], to: 'pending' },
  resumed: { from: ['pending'], to: 'pending' },
  amended: { from: ['pending', 'routing', 'building'], to: 'pending' },
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

export const isPaused = (order: Order): boolean => order.status === 'pending' && order.isPaused

/** When the order ends by itself; null for one that does not. */
export function endOf(spec: OrderSpec): Millis | null {
  if (spec.type === 'twap') return spec.startAt + spec.durationMs
  if (spec.parent?.kind === 'slice') return spec.parent.endsAt
  return 'expiresAt' in spec ? spec.expiresAt : null
}

/** Whether the order trades now or not at all (immediate or cancel). */
export const isIoc = (spec: OrderSpec): boolean => spec.type === 'limit' && spec.expiresAt === null

/** Whether the order was to trade now or not at all, and has not. */
export const isSpentIoc = ({ spec, memory }: Order): boolean => isIoc(spec) && memory.failures !== undefined

/** The types that trade through their children alone. */
export const planTypes: readonly PlanSpec['type'][] = ['oco', 'twap']
export const isPlan = (spec: OrderSpec): spec is PlanSpec =>
  (planTypes as readonly OrderSpec['type'][]).includes(spec.type)

/** Whether the order waits for a price or a time, and then trades itself. */
export const waits = (spec: OrderSpec): spec is RestingSpec => spec.type !== 'market' && !isPlan(spec)

/** Whether the order is a leg whose parent has not been filled: until then it can only be canceled. */
export const isDormant = ({ parent }: OrderSpec): boolean => parent?.kind === 'leg' && parent.total === null

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
      memory: {},
      seq: event.seq,
      attempt: event.attempt,
      createdAt: event.at,
      updatedAt: event.at,
      enteredAt: { pending: event.at },
      failedAttempts: [],
      reachedChain: false,
      status: 'pending',
      resting: isDormant(event.spec) ? { wakeAt: null } : null,
      isPaused: false,
    }
  }
  if (order === null || !isAllowed(order, event)) {
    throw new IllegalTransition(event.kind, order?.status ?? 'nothing')
  }
  const { to } = transitions[event.kind]
  const restarted = to === 'pending' || event.kind === 'retried'
  return {
    spec: specAfter(order, event),
    memory: 'memory' in event ? event.memory : order.memory,
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

/**
 * A leg that fires sells what the others have left; one that rests again wants its own share as before. A token that a sniper
 * has chosen stays chosen.
 */
function specAfter({ spec }: Order, event: OrderEvent): OrderSpec {
  switch (event.kind) {
    case 'activated':
      return event.spec
    case 'amended':
      return wholeLeg(event.spec)
    case 'triggered':
      return withChoice(spec, event)
    default:
      return transitions[event.kind].to === 'pending' ? wholeLeg(spec) : spec
  }
}

/** The spec with what `triggered` has decided: how much it sells and, of a sniper by creator, which token it buys. */
export function withChoice(
  spec: OrderSpec,
  { amountIn, tokenOut = spec.tokenOut }: { readonly amountIn: BaseUnits; readonly tokenOut?: Token },
): OrderSpec {
  const isSame = amountIn === spec.amountIn && tokenOut === spec.tokenOut
  return isSame ? spec : { ...spec, amountIn, tokenOut }
}

const wholeLeg = (spec: OrderSpec): OrderSpec =>
  spec.parent?.kind === 'leg' ? { ...spec, amountIn: legAmount(spec.parent) } : spec

/**
 * What a leg sells where no other has claimed any of it; nothing before its parent is filled. Rounded up, so that shares that
 * make all leave nothing unsold: the last one takes what is left. A share of less than one unit is none.
 */
export function legAmount({ total, shareBps }: LegPlace): BaseUnits {
  if (total === null) return baseUnits(0n)
  if (shareBps === null) return total
  const share = total * BigInt(shareBps)
  return baseUnits(share < 10_000n ? 0n : (share + 9_999n) / 10_000n)
}

const dormantKinds: readonly EventKind[] = ['activated', 'canceled']

function isAllowed(order: Order, event: OrderEvent): boolean {
  if (event.seq !== order.seq + 1) return false
  if (!mayFollow(order, event.kind)) return false
  if (isDormant(order.spec) ? !dormantKinds.includes(event.kind) : event.kind === 'activated') return false
  if (isPlan(order.spec) ? event.kind === 'triggered' : event.kind === 'completed') return false
  if (event.kind === 'resumed') return isPaused(order)
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
    case 'completed':
      return { status: 'confirmed', totals: event.totals }
    case 'filled':
      if (order.status !== 'submitted') break
      return { status: 'confirmed', route: order.route, swap: order.swap, fill: event.fill }
    case 'retried':
      return { status: 'routing', retryAt: event.retryAt }
    case 'rested':
      return { status: 'pending', resting: { wakeAt: event.wakeAt }, isPaused: isPaused(order) }
    case 'paused':
      return { status: 'pending', resting: { wakeAt: endOf(order.spec) }, isPaused: true }
    // They wait for a worker, which looks at the market anew.
    case 'activated':
    case 'resumed':
      return { status: 'pending', resting: null, isPaused: false }
    case 'amended':
      return isPaused(order)
        ? { status: 'pending', resting: { wakeAt: endOf(event.spec) }, isPaused: true }
        : { status: 'pending', resting: null, isPaused: false }
    case 'failed':
      return { status: 'failed', failure: event.failure }
    case 'canceled':
      return { status: 'canceled', by: event.by }
    case 'expired':
      return { status: 'expired', totals: event.totals }
  }
  throw new IllegalTransition(event.kind, order.status)
}
