// Owns what the tables answer of families at the end of a schedule, to be held against the logs.
import type { Order } from '../../src/domain/order.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import { type Group, hasChildren } from '../../src/domain/triggers/legs.ts'
import type { Statements } from '../../src/store/statements.ts'
import type { Stored } from './durable.ts'

export type FamilyReads = {
  readonly children: ReadonlyMap<OrderId, readonly OrderId[]>
  /** As the list by parent names them. */
  readonly listed: ReadonlyMap<OrderId, readonly OrderId[]>
  readonly groups: ReadonlyMap<OrderId, Group>
  /** Rests that are noted. */
  readonly resting: number
}

/** The parent that an order names in its first event; null for one that was placed by itself. */
export function parentIn({ events: [accepted] }: Stored): { id: OrderId; owner: string } | null {
  const { parentId, owner } = JSON.parse(accepted?.data ?? '{}')
  return parentId === undefined ? null : { id: parentId, owner }
}

const ANY = {
  ...{ status: null, mint: null, clientOrderId: null, type: null, isResting: null, before: null },
  limit: 1_000,
} satisfies Partial<Parameters<Statements['selectIds']>[0]>

export async function readFamilies(
  tables: Statements,
  stored: ReadonlyMap<OrderId, Stored>,
): Promise<FamilyReads> {
  const children = new Map<OrderId, readonly OrderId[]>()
  const listed = new Map<OrderId, readonly OrderId[]>()
  for (const order of stored.values()) {
    const parent = parentIn(order)
    if (parent === null || children.has(parent.id)) continue
    children.set(parent.id, await tables.selectChildren(parent.id))
    listed.set(parent.id, await tables.selectIds({ ...ANY, owner: parent.owner, parentId: parent.id }))
  }
  const groups = await tables.selectGroups([...children.keys()])
  return { children, listed, groups, resting: await tables.countResting(1_000) }
}

export type Family = { readonly parent: Order; readonly children: readonly Order[] }

/** The orders that have children, each with them, by number. */
export function familiesOf(orders: ReadonlyMap<OrderId, Order>): Family[] {
  const byParent = new Map<OrderId, Order[]>()
  for (const order of orders.values()) {
    const { parent } = order.spec
    if (parent !== null) byParent.set(parent.orderId, [...(byParent.get(parent.orderId) ?? []), order])
  }
  const numberOf = ({ spec }: Order) => spec.parent?.number ?? 0
  return [...orders.values()]
    .filter(({ spec }) => hasChildren(spec))
    .map((parent) => {
      const children = byParent.get(parent.spec.orderId) ?? []
      return { parent, children: children.toSorted((a, b) => numberOf(a) - numberOf(b)) }
    })
}
