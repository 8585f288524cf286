// Owns the acts on one order, and which of them are possible.

import type { OrderChanges } from 'oee-client'
import { call, client, type Outcome } from './engine.ts'
import { shortId } from './format.ts'
import { isOpen, type Row } from './orderState.ts'
import { note } from './orders.ts'
import { sayDone, sayFailed } from './toasts.ts'

/** Until the swap is submitted. */
export const mayCancel = (row: Row): boolean => isOpen(row) && row.status !== 'submitted'
/** A market order trades at once, and a plan goes on by its own clock. */
export const mayAmend = (row: Row): boolean =>
  mayCancel(row) && row.type !== 'market' && row.type !== 'oco' && row.type !== 'timeStop'
export const mayPause = (row: Row): boolean => mayCancel(row) && row.type !== 'market' && row.type !== 'oco'

const nameOf = ({ clientOrderId, orderId }: Row) => clientOrderId ?? shortId(orderId)

export async function cancel(row: Row): Promise<void> {
  const outcome = await call(client.cancel(row.orderId))
  if ('message' in outcome) return sayFailed(`${nameOf(row)} was not canceled.`, outcome.message)
  note(outcome.value)
  sayDone(`${nameOf(row)} is canceled.`)
}

/** Pauses an order that goes on, or lets one go on that is paused. */
export async function pauseOrResume(row: Row): Promise<void> {
  const isPaused = row.paused === true
  const outcome = await call(client.amend(row.orderId, { state: isPaused ? 'active' : 'paused' }))
  if ('message' in outcome) {
    return sayFailed(`${nameOf(row)} was not ${isPaused ? 'resumed' : 'paused'}.`, outcome.message)
  }
  note(outcome.value)
  sayDone(`${nameOf(row)} ${isPaused ? 'goes on' : 'is paused'}.`)
}

/** Changes its terms, if it still is as it was seen. */
export async function amend(row: Row, changes: OrderChanges): Promise<Outcome<Row>> {
  const outcome = await call(client.amend(row.orderId, changes, { ifMatch: row.seq }))
  if ('value' in outcome) {
    note(outcome.value)
    sayDone(`${nameOf(row)} is amended.`)
  }
  return outcome
}

export async function copy(text: string, name: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    sayDone(`${name} is copied.`)
  } catch {
    sayFailed(`${name} was not copied.`, {
      code: 'clipboard',
      text: 'The browser lets no page write here without https.',
      next: 'Select the text and copy it.',
      requestId: null,
      fields: [],
    })
  }
}
