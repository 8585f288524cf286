// Owns the progress of the order that was placed last, beside the ticket: its steps, live, and why it waits.

import { type Signal, useSignal } from '@preact/signals'
import { OeeError, type OrderEvent, type Waiting } from 'oee-client'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { call, client } from '../../../engine.ts'
import { amount, duration, percent, price } from '../../../format.ts'
import { linkTo } from '../../../location.ts'
import { type Message, messageOf } from '../../../messages.ts'
import { now } from '../../../now.ts'
import { Button } from '../../../parts/Button.tsx'
import { Problem } from '../../../parts/Problem.tsx'
import { StatusMark } from '../../../parts/Status.tsx'
import { sayFailed } from '../../../toasts.ts'
import { isEnded, type Step, stepsOf } from '../model/progress.ts'

const RETRY_MS = 2_000

export function Progress({ orderId }: { readonly orderId: string }): JSX.Element {
  const events = useSignal<readonly OrderEvent[]>([])
  const waiting = useSignal<Waiting | null>(null)
  const problem = useSignal<Message | null>(null)
  useEffect(() => {
    const ending = new AbortController()
    void follow(orderId, { events, waiting, problem }, ending.signal)
    return () => ending.abort()
  }, [orderId])

  const last = events.value.at(-1)
  return (
    <section class="progress" aria-labelledby="progress">
      <h3 id="progress">Placed</h3>
      {problem.value === null ? null : <Problem message={problem.value} />}
      <ol class="progress-steps">
        {stepsOf(events.value, now.value).map((step) => (
          <StepItem key={step.status} step={step} />
        ))}
      </ol>
      <p class="progress-note" aria-live="polite">
        {last === undefined ? '' : noteOf(last, waiting.value)}
      </p>
      <div class="progress-acts">
        <a href={linkTo('order', { id: orderId })}>Open the order</a>
        {last !== undefined && !isEnded(last.status) && last.status !== 'submitted' ? (
          <Button onClick={() => cancel(orderId)}>Cancel it</Button>
        ) : null}
      </div>
    </section>
  )
}

type Told = {
  readonly events: Signal<readonly OrderEvent[]>
  readonly waiting: Signal<Waiting | null>
  readonly problem: Signal<Message | null>
}

/** To the end of the order, also where the engine was away when it began. */
async function follow(
  orderId: string,
  { events, waiting, problem }: Told,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    const after = events.peek().at(-1)?.seq ?? 0
    try {
      for await (const message of client.watch(orderId, { after, waiting: true, signal: ended })) {
        problem.value = null
        if (message.kind === 'waiting') waiting.value = message.waiting
        else events.value = [...events.peek(), message]
      }
      return
    } catch (error) {
      if (ended.aborted) return
      problem.value = messageOf(error)
      const isDenied = error instanceof OeeError && error.status !== null && error.status < 500
      if (isDenied) return
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

async function cancel(orderId: string): Promise<void> {
  const outcome = await call(client.cancel(orderId))
  if ('message' in outcome) sayFailed('The order was not canceled.', outcome.message)
}

function StepItem({ step: { status, state, ms } }: { readonly step: Step }): JSX.Element {
  return (
    <li class={`progress-step ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
      {state === 'ahead' ? <span class="progress-dot" aria-hidden="true" /> : <StatusMark state={status} />}
      <span>{status}</span>
      <span class="soft">{ms === null ? '' : duration(Math.max(0, ms))}</span>
    </li>
  )
}

function noteOf(event: OrderEvent, waiting: Waiting | null): string {
  switch (event.kind) {
    case 'filled':
      return `Got ${amount(event.amountOut, 6)} for ${amount(event.amountIn, 6)}, at ${price(event.executedPrice)}.`
    case 'completed':
      return `Sold ${amount(event.filledIn, 6)} for ${amount(event.filledOut, 6)}.`
    case 'failed':
      return `${event.failure.message} ${event.failure.detail}`
    case 'retried':
      return `Attempt ${event.attempt - 1} is over: ${event.failure.message}`
    default:
      return event.status === 'pending' && waiting !== null ? waitingText(waiting) : ''
  }
}

function waitingText({ for: wanted, now: seen, distanceBps, blocker, detail }: Waiting): string {
  const prices =
    wanted === null ? '' : `Waits for ${price(wanted)}, now ${price(seen)} (${percent(distanceBps)}). `
  return `${prices}Blocker: ${blocker}${detail === undefined ? '' : `, ${detail}`}.`
}
