// Owns the filter of the blotter: what it shows, how it says so in words, and what of it the engine can cancel by.

import type { CancelFilter, OrderStatus } from 'oee-client'
import type { Params } from '../../location.ts'
import { isOpen, type Row, type State, stateOf, states } from '../../orderState.ts'

/** States that are looked at together. */
export const groups = {
  open: 'open',
  working: 'under way',
  ended: 'ended without a trade',
} as const
export type Group = keyof typeof groups

export type Filter = {
  /** One state, or a group of them; empty: any. */
  readonly status: string
  readonly type: string
  readonly token: string
  /** A part of an id or of a clientOrderId. */
  readonly text: string
  readonly parentId: string
}

export function filterOf(params: URLSearchParams): Filter {
  const of = (name: string) => params.get(name)?.trim() ?? ''
  return {
    status: of('status'),
    type: of('type'),
    token: of('token'),
    text: of('q'),
    parentId: of('parentId'),
  }
}

export const paramsOf = ({ status, type, token, text, parentId }: Filter): Params => ({
  status,
  type,
  token,
  q: text,
  parentId,
})

export const isEmpty = (filter: Filter): boolean => Object.values(filter).every((value) => value === '')

export function fitsStatus(status: string, state: State): boolean {
  switch (status) {
    case '':
      return true
    case 'open':
      return isOpen({ status: isWaiting(state) ? 'pending' : (state as OrderStatus) })
    case 'working':
      return state === 'pending' || state === 'routing' || state === 'building' || state === 'submitted'
    case 'ended':
      return state === 'canceled' || state === 'expired'
    default:
      return state === status
  }
}

const isWaiting = (state: State) => state === 'resting' || state === 'paused'

/** A test of orders; a symbol fits in any case, a mint only as it is. */
export function matcher({ status, type, token, text, parentId }: Filter): (row: Row) => boolean {
  const symbol = token.toUpperCase()
  const part = text.toLowerCase()
  const isOfToken = (row: Row) =>
    [row.tokenIn, row.tokenOut].some((each) => each.toUpperCase() === symbol) ||
    row.tokenInMint === token ||
    row.tokenOutMint === token
  return (row) =>
    fitsStatus(status, stateOf(row)) &&
    (type === '' || row.type === type) &&
    (token === '' || isOfToken(row)) &&
    (parentId === '' || row.parentId === parentId) &&
    (part === '' || row.orderId.includes(part) || row.clientOrderId?.toLowerCase().includes(part) === true)
}

/** "open limit orders that sell or buy SOL". */
export function inWords({ status, type, token, text, parentId }: Filter, noun = 'orders'): string {
  const state = groups[status as Group] ?? status
  const what = [state, type, noun].filter((word) => word !== '').join(' ')
  return [
    what,
    ...(token === '' ? [] : [`that sell or buy ${token}`]),
    ...(parentId === '' ? [] : [`that are legs or slices of ${parentId}`]),
    ...(text === '' ? [] : [`whose id or clientOrderId contains “${text}”`]),
  ].join(' ')
}

type Cancelable = { readonly filter: CancelFilter } | { readonly reason: string }

/** The same orders as the engine would choose them, or why it cannot. */
export function cancelable(filter: Filter): Cancelable {
  const { status, type, token, text, parentId } = filter
  if (text !== '') {
    return {
      reason: 'The engine does not cancel by a part of an id: leave the text empty, or cancel one by one.',
    }
  }
  const chosen = byStatus(status)
  if ('reason' in chosen) return chosen
  const given = {
    ...chosen.filter,
    ...(type === '' ? {} : { type }),
    ...(token === '' ? {} : { token: token.length > 20 ? token : token.toUpperCase() }),
    ...(parentId === '' ? {} : { parentId }),
  }
  return { filter: (Object.keys(given).length === 0 ? { all: true } : given) as CancelFilter }
}

function byStatus(status: string): Cancelable {
  switch (status) {
    case '':
    case 'open':
      return { filter: {} }
    case 'resting':
      return { filter: { resting: true } }
    case 'working':
      return { filter: { resting: false } }
    case 'pending':
      return { filter: { status: 'pending', resting: false } }
    case 'routing':
    case 'building':
      return { filter: { status } }
    case 'paused':
      return { reason: 'The engine does not tell paused from resting orders here: cancel them one by one.' }
    case 'submitted':
      return { reason: 'Their swaps are signed: from here on only the chain decides.' }
    default:
      return { reason: 'They have ended: there is nothing to cancel.' }
  }
}

/** What can be chosen: each group, then each state. */
export const statusOptions: readonly (readonly [value: string, label: string])[] = [
  ['', 'any'],
  ...Object.entries(groups),
  ...states.map((state) => [state, state] as const),
]
