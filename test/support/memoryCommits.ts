// Owns the commits of the store without SQL, in the order in which they took effect.
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import type { CommittedEvent } from '../../src/domain/ports/allEvents.ts'
import type { NewOrder } from '../../src/domain/ports/orders.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { MemoryTables } from './memoryTables.ts'

export function openMemoryCommits(orderOf: (id: OrderId) => NewOrder | undefined): {
  /** Returns the number of the commit; null where it has written nothing. */
  add(events: readonly LoggedEvent[]): bigint | null
  readonly statements: Pick<MemoryTables, 'selectCommits' | 'selectCommitBounds' | 'forgetCommits'>
} {
  const commits: (readonly CommittedEvent[])[] = [[]]
  const bounds = () => ({ oldest: 0n, horizon: BigInt(commits.length), nextId: BigInt(commits.length) })

  return {
    add(events) {
      if (events.length === 0) return null
      const commit = BigInt(commits.length)
      const inOrder = events.toSorted((a, b) =>
        a.orderId === b.orderId ? a.seq - b.seq : a.orderId < b.orderId ? -1 : 1,
      )
      commits.push(
        inOrder.flatMap((event, i) => {
          const spec = orderOf(event.orderId)?.spec
          if (spec === undefined) return []
          const { owner, type, tokenIn, tokenOut, parent, clientOrderId } = spec
          const [mintIn, mintOut, parentId] = [tokenIn.mint, tokenOut.mint, parent?.orderId ?? null]
          const order = { owner, type, mintIn, mintOut, parentId, clientOrderId }
          return [{ event, order, position: { commit, events: i + 1 } }]
        }),
      )
      return commit
    },
    statements: {
      selectCommits(after, owner) {
        const behind = commits.slice(Number(after.commit)).flat()
        const entries = behind.filter(
          ({ position, order }) =>
            (position.commit > after.commit || position.events > after.events) &&
            (owner === null || order.owner === owner),
        )
        return { ...bounds(), entries, next: { commit: BigInt(commits.length), events: 0 }, isHeldUp: false }
      },
      selectCommitBounds: bounds,
      forgetCommits: () => 0,
    },
  }
}
