// Owns the track: the way of an order as a ruled line with a mark for each status that it has reached.

import type { Order } from 'oee-client'
import type { JSX } from 'preact'
import { stateOf, WAY } from '../orderState.ts'
import { StatusMark, toneOf } from './Status.tsx'

const STEP = 16
const MARK = 10
const WIDTH = STEP * (WAY.length - 1) + MARK

/** How far it has come; what has ended early stops one step behind what it had reached. */
function reach(order: Pick<Order, 'status'> & Partial<Pick<Order, 'signature' | 'reachedChain'>>): number {
  const step = (WAY as readonly string[]).indexOf(order.status)
  if (step >= 0) return step
  if (order.signature !== undefined || order.reachedChain === true) return WAY.length - 1
  return order.status === 'failed' ? 2 : 1
}

export function Track({ order }: { readonly order: Order }): JSX.Element {
  const end = reach(order)
  const state = stateOf(order)
  const steps = WAY.slice(0, end).map((_, place) => `M${place * STEP + 0.5} 3v6`)
  return (
    <svg class="track" width={WIDTH} height="12" viewBox={`0 0 ${WIDTH} 12`} aria-hidden="true">
      <path class="track-way" d={`M0 6h${WIDTH}`} />
      <path class={`track-done ${toneOf(state)}`} d={`M0 6h${end * STEP}${steps.join('')}`} />
      <StatusMark state={state} size={MARK} x={end * STEP} y={1} />
    </svg>
  )
}
