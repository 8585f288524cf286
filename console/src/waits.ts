// Owns why the resting orders in sight have not fired, as of a few seconds ago at most: asked one after the other.

import { signal } from '@preact/signals'
import type { Waiting } from 'oee-client'
import { useEffect, useRef } from 'preact/hooks'
import { client, isConnected } from './engine.ts'
import { note, orderOf } from './orders.ts'

const GAP_MS = 150
const IDLE_MS = 1_000
const MOST_KEPT = 500

const waits = new Map<string, Waiting>()
/** Changes whenever one of the answers has; read it before `waitOf`. */
export const waitsRevision = signal(0)
export const waitOf = (id: string): Waiting | undefined => waits.get(id)

/** Asks on for as long as the component is there, in turn, for the orders that are in sight then. */
export function useWaits(inSight: () => readonly string[]): void {
  const asked = useRef(inSight)
  asked.current = inSight
  useEffect(() => {
    let isOver = false
    let last = ''
    async function run(): Promise<void> {
      while (!isOver) {
        const ids = document.hidden || !isConnected.value ? [] : asked.current()
        const id = ids[(ids.indexOf(last) + 1) % Math.max(1, ids.length)]
        if (id !== undefined) {
          last = id
          const order = await client.order(id, { events: false }).catch(() => null)
          if (order?.waiting !== undefined) keep(id, order.waiting)
          // What a plan has traded is in no event of its own.
          if (order !== null && order.filledOut !== orderOf(id)?.filledOut) note(order)
        }
        await new Promise((resolve) => setTimeout(resolve, id === undefined ? IDLE_MS : GAP_MS))
      }
    }
    void run()
    return () => {
      isOver = true
    }
  }, [])
}

function keep(id: string, waiting: Waiting): void {
  waits.delete(id)
  waits.set(id, waiting)
  const [oldest] = waits.keys()
  if (waits.size > MOST_KEPT && oldest !== undefined) waits.delete(oldest)
  waitsRevision.value += 1
}
