// Owns how far an order is: its statuses as steps, with what each has taken.

import type { OrderEvent, OrderStatus } from 'oee-client'

export type Step = {
  readonly status: OrderStatus
  readonly state: 'done' | 'now' | 'ahead'
  /** How long the order has been in it; null for a step that is ahead, and for the last. */
  readonly ms: number | null
}

const path: readonly OrderStatus[] = ['pending', 'routing', 'building', 'submitted', 'confirmed']
const ENDS: readonly OrderStatus[] = ['confirmed', 'failed', 'canceled', 'expired']

export const isEnded = (status: OrderStatus): boolean => ENDS.includes(status)

/** The steps of the newest attempt; an order that ends otherwise than filled ends its path there. */
export function stepsOf(events: readonly OrderEvent[], now: number): readonly Step[] {
  const last = events.at(-1)
  if (last === undefined) return []
  const entered = new Map<OrderStatus, number>()
  let at: OrderStatus | null = null
  for (const event of events) {
    if (event.status !== at) {
      // A retry, or a rest, takes back the steps behind it.
      for (const later of path.slice(path.indexOf(event.status))) entered.delete(later)
      entered.set(event.status, Date.parse(event.at))
    }
    at = event.status
  }
  const isOver = isEnded(last.status)
  const reached = path.filter((status) => entered.has(status))
  const statuses = isOver && last.status !== 'confirmed' ? [...reached, last.status] : path
  return statuses.map((status, place): Step => {
    const since = entered.get(status)
    if (since === undefined) return { status, state: 'ahead', ms: null }
    if (status === last.status)
      return { status, state: isOver ? 'done' : 'now', ms: isOver ? null : now - since }
    const next = statuses.slice(place + 1).find((later) => entered.has(later))
    return { status, state: 'done', ms: next === undefined ? null : (entered.get(next) ?? since) - since }
  })
}
