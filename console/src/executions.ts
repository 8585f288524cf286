// Owns the executions of the newest fills: from the stream of all orders and, for those before, asked for one by one.

import { signal } from '@preact/signals'
import type { OrderEvent } from 'oee-client'
import { useEffect } from 'preact/hooks'
import { client } from './engine.ts'
import { type Execution, executionOf } from './execution.ts'
import { type Message, messageOf } from './messages.ts'
import { isComplete, newestFirst, onEvent, orderOf } from './orders.ts'

/** Statistics are of so many fills at most, the newest. */
export const MOST_EXECUTIONS = 1_000
/** Of orders filled before the page was opened, so many are asked for. */
export const MOST_ASKED = 100
const AT_ONCE = 4
/** Open orders whose events are kept until they are filled. */
const MOST_OPEN = 5_000
const SHOW_EVERY_MS = 250

const open = new Map<string, OrderEvent[]>()
const known = new Map<string, Execution>()

/** The newest fill first. */
const executions = signal<readonly Execution[]>([])
/** Why those before could not be asked for. */
export const executionsProblem = signal<Message | null>(null)
/** Whether those before have been asked for. */
export const isAsked = signal(false)

function keep(execution: Execution | null): void {
  if (execution === null || known.has(execution.orderId)) return
  known.set(execution.orderId, execution)
  show()
}

let isDue = false

function show(): void {
  if (isDue) return
  isDue = true
  setTimeout(() => {
    isDue = false
    const newest = [...known.values()].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, MOST_EXECUTIONS)
    if (known.size > 2 * MOST_EXECUTIONS) {
      known.clear()
      for (const execution of newest) known.set(execution.orderId, execution)
    }
    executions.value = newest
  }, SHOW_EVERY_MS)
}

function take(event: OrderEvent): void {
  const { orderId, status } = event
  const events = open.get(orderId) ?? []
  events.push(event)
  if (status === 'confirmed') keep(executionOf(events))
  if (status === 'confirmed' || status === 'failed' || status === 'canceled' || status === 'expired') {
    open.delete(orderId)
    return
  }
  open.set(orderId, events)
  const [oldest] = open.keys()
  if (open.size > MOST_OPEN && oldest !== undefined) open.delete(oldest)
}

let isFollowing = false

const isFilled = (id: string) => orderOf(id)?.status === 'confirmed'

/** Asks for the newest filled orders that are not known yet. */
export async function askExecutions(): Promise<void> {
  const wanted = newestFirst((row) => row.status === 'confirmed' && row.signature !== undefined)
    .slice(0, MOST_ASKED)
    .filter(({ orderId }) => !known.has(orderId))
    .map(({ orderId }) => orderId)
  const askNext = async (): Promise<void> => {
    for (let id = wanted.shift(); id !== undefined; id = wanted.shift()) {
      if (isFilled(id)) keep(executionOf((await client.order(id)).events))
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, askNext))
    executionsProblem.value = null
  } catch (error) {
    executionsProblem.value = messageOf(error)
  }
  isAsked.value = true
}

/** The newest fills, for a view: followed from its first use on, and those before are asked for. */
export function useExecutions(): readonly Execution[] {
  useEffect(() => {
    if (!isFollowing) onEvent(take)
    isFollowing = true
    if (isComplete.value) void askExecutions()
  }, [isComplete.value])
  return executions.value
}
