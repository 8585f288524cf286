// Owns the cursors of the stream of all orders: opaque, so that clients do not build their own.

import type { Position } from '../../domain/ports/allEvents.ts'
import { Problem } from '../problems.ts'

export const writePosition = ({ commit, events }: Position): string =>
  Buffer.from(`${commit}.${events}`).toString('base64url')

/** Throws a Problem for what is no cursor of ours. */
export function readPosition(cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString()
  const parts = /^(\d{1,19})\.(\d{1,9})$/.exec(text)
  const position = { commit: BigInt(parts?.[1] ?? 0), events: Number(parts?.[2] ?? 0) }
  if (parts === null || writePosition(position) !== cursor) throw new Problem('invalid_cursor')
  return position
}
