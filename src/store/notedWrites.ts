// Owns noting which events each write of this process commits.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import type { CommittedEvent, Constants } from '../domain/ports/allEvents.ts'
import type { OrderSpec } from '../domain/spec.ts'
import type { OrderRow } from './eventRows.ts'
import type { Move } from './orderSql.ts'
import type { Statements } from './statements.ts'

export type Writes = Pick<Statements, 'insertOrders' | 'insertWithinQuotas' | 'appendEvents'>

/** To be called before a write is sent; what it returns, once it has ended: null where it has committed nothing. */
export type Expect = () => (commit: bigint | null, entries: () => readonly CommittedEvent[]) => void

/** The statements that write events, each expected before it is sent. `onUnknown`: one has failed, and may take effect all the same. */
export function noted(writes: Writes, expect: Expect, onUnknown: () => void): Writes {
  async function note<R>(
    written: Promise<R>,
    commitOf: (result: R) => bigint | null,
    eventsOf: (result: R) => readonly Made[],
  ): Promise<R> {
    const settle = expect()
    try {
      const result = await written
      const commit = commitOf(result)
      settle(commit, () => entriesOf(commit ?? 0n, eventsOf(result)))
      return result
    } catch (error) {
      settle(null, () => [])
      onUnknown()
      throw error
    }
  }

  return {
    insertOrders: (rows) =>
      note(
        writes.insertOrders(rows),
        ({ commit }) => commit,
        ({ ids }) => rows.filter(({ spec }) => ids.has(spec.orderId)).flatMap(withLegs),
      ),
    insertWithinQuotas: (rows) =>
      note(
        writes.insertWithinQuotas(rows),
        ({ commit }) => commit,
        ({ verdicts }) => rows.filter((_, i) => verdicts[i]?.isTaken).flatMap(withLegs),
      ),
    appendEvents: (moves) =>
      note(
        writes.appendEvents(moves),
        ({ commit }) => commit,
        ({ ids }) => moves.flatMap(eventsOfMove).filter(({ event }) => ids.has(event.orderId)),
      ),
  }
}

type Made = { readonly event: LoggedEvent; readonly spec: OrderSpec }

const withLegs = (row: OrderRow): readonly Made[] => [row, ...row.children]

const eventsOfMove = ({ events, legs, spec }: Move): readonly Made[] => [
  ...events.map((event) => ({ event, spec })),
  ...legs,
]

/** In the order that the commit has noted them in. */
function entriesOf(commit: bigint, made: readonly Made[]): CommittedEvent[] {
  const inOrder = made.toSorted(
    ({ event: a }, { event: b }) =>
      Number(a.orderId > b.orderId) - Number(a.orderId < b.orderId) || a.seq - b.seq,
  )
  return inOrder.map(({ event, spec }, i) => ({
    event,
    order: constantsOf(spec),
    position: { commit, events: i + 1 },
  }))
}

const constantsOf = ({ owner, type, tokenIn, tokenOut, parent, clientOrderId }: OrderSpec): Constants => ({
  owner,
  type,
  mintIn: tokenIn.mint,
  mintOut: tokenOut.mint,
  parentId: parent?.orderId ?? null,
  clientOrderId,
})
