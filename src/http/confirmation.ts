// Owns the token that confirms a bulk cancel: for one owner and filter, up to the newest order that was counted, for minutes.

import { hash } from 'node:crypto'
import type { OrderFilter } from '../domain/ports/orders.ts'
import { type OrderId, parseOrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'

export type Confirmation = {
  /** Null where no order was counted. */
  readonly newest: OrderId | null
  readonly expiresAt: Millis
}

/**
 * Stateless, so that every process reads it, after a restart too. The digest guards against a slip of the hand, not
 * against forgery: a key that can send a token may cancel these orders anyway.
 */
export function writeConfirmation({ newest, expiresAt }: Confirmation, filter: OrderFilter): string {
  const parts = [newest ?? '', String(expiresAt)]
  const digest = hash('sha256', JSON.stringify([parts, Object.entries(filter).toSorted()]), 'base64url')
  return Buffer.from([...parts, digest].join()).toString('base64url')
}

/** Null for a text that is not what `writeConfirmation` writes for this filter. */
export function readConfirmation(token: string, filter: OrderFilter): Confirmation | null {
  const [id = '', time] = Buffer.from(token, 'base64url').toString().split(',')
  const confirmation = { newest: parseOrderId(id), expiresAt: Number(time) }
  return writeConfirmation(confirmation, filter) === token ? confirmation : null
}
