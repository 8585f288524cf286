// Owns the ids of a schedule's orders, and what its trace calls them.
import { type OrderId, toOrderId } from '../../src/domain/spec.ts'

/** The id that sorts after those before it, as a UUIDv7 does. Children count in the digits that are 0 here (childId). */
export const orderId = (number: number): OrderId =>
  toOrderId(`01890000-0000-7000-8000-${String(number).padStart(12, '0')}`)

/** Short, and no other order's: `07` for the seventh order, `07.2` for its second child. */
export function nameOf(id: OrderId): string {
  const child = Number.parseInt(id.slice(15, 18), 16)
  return child === 0 ? id.slice(-2) : `${id.slice(-2)}.${child}`
}
