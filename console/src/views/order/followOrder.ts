// Owns one order as it is followed: every event from the first, why it waits, and what only its own page has.

import { type ReadonlySignal, signal } from '@preact/signals'
import { OeeError, type OrderEvent, type OrderWithEvents, type Waiting } from 'oee-client'
import { useEffect, useMemo } from 'preact/hooks'
import { client } from '../../engine.ts'
import { type Message, messageOf } from '../../messages.ts'
import { applied, isOpen, type Row } from '../../orderState.ts'

export type Followed = {
  /** The oldest first; it grows in place. Read `revision` before it. */
  readonly events: readonly OrderEvent[]
  readonly revision: ReadonlySignal<number>
  /** The order after the events that have come; null before the first. */
  row(): Row | null
  readonly waiting: ReadonlySignal<Waiting | null>
  /** Its children, blocks left and rebroadcasts, as of a moment ago. */
  readonly detail: ReadonlySignal<OrderWithEvents | null>
  readonly problem: ReadonlySignal<Message | null>
}

/** A lane that waits for the chain changes with each block; anything else more slowly. */
const DETAIL_MS = { submitted: 1_000, other: 4_000 }
const SHOW_EVERY_MS = 100
const RETRY_MS = 2_000

export function useOrder(id: string): Followed {
  const { followed, start } = useMemo(() => follow(id), [id])
  useEffect(start, [start])
  return followed
}

function follow(id: string) {
  const events: OrderEvent[] = []
  const revision = signal(0)
  const waiting = signal<Waiting | null>(null)
  const detail = signal<OrderWithEvents | null>(null)
  const problem = signal<Message | null>(null)
  let row: Row | null = null
  let isDue = false

  /** Many events of one moment are drawn once. */
  function show(): void {
    if (isDue) return
    isDue = true
    setTimeout(() => {
      isDue = false
      revision.value += 1
    }, SHOW_EVERY_MS)
  }

  function take(message: Parameters<typeof isEvent>[0]): void {
    if (!isEvent(message)) {
      waiting.value = message.waiting
      return
    }
    events.push(message)
    row = applied(row ?? undefined, message)
    if (row?.status !== 'pending') waiting.value = null
    show()
  }

  async function stream({ signal: ended }: AbortController): Promise<void> {
    while (!ended.aborted) {
      try {
        const after = events.at(-1)?.seq ?? 0
        for await (const message of client.watch(id, { after, waiting: true, signal: ended })) take(message)
        return
      } catch (error) {
        if (ended.aborted) return
        if (error instanceof OeeError && error.status === 404) {
          problem.value = messageOf(error)
          return
        }
      }
      await pause(RETRY_MS, ended)
    }
  }

  async function ask({ signal: ended }: AbortController): Promise<void> {
    for (;;) {
      const order = await client.order(id, { events: false, signal: ended }).catch((error: unknown) => error)
      if (ended.aborted) return
      if (order instanceof Error) {
        // What is there stays; only an order that was never seen is missing.
        if (events.length === 0) problem.value = messageOf(order)
        if (order instanceof OeeError && order.status === 404) return
      } else {
        problem.value = null
        const found = order as OrderWithEvents
        detail.value = found
        if (found.waiting !== undefined) waiting.value = found.waiting
        if (!isOpen(found)) return
      }
      await pause(row?.status === 'submitted' ? DETAIL_MS.submitted : DETAIL_MS.other, ended)
    }
  }

  function start(): () => void {
    const ended = new AbortController()
    void stream(ended)
    void ask(ended)
    return () => ended.abort()
  }

  const followed: Followed = { events, revision, row: () => row, waiting, detail, problem }
  return { followed, start }
}

const isEvent = (
  message: OrderEvent | { readonly kind: 'waiting'; readonly waiting: Waiting },
): message is OrderEvent => message.kind !== 'waiting'

const pause = (ms: number, ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    ended.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
