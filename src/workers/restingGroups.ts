// Owns the grouping of resting orders by the prices that they see, so that one price is worked out once for all of them.

import type { MarketChange } from '../domain/ports/marketData.ts'
import { LAUNCHES, type RestingOrder } from '../domain/ports/restingOrders.ts'
import type { OrderId } from '../domain/spec.ts'
import { createLevelIndex, type LevelIndex } from '../domain/triggers/levelIndex.ts'
import type { Millis } from '../timing/clock.ts'
import type { PriceQuery } from './prices.ts'

/** Orders of one source and pair, under the same constraints. */
export type RestingGroup = PriceQuery & {
  readonly key: string
  /** The pair, the same in both directions. */
  readonly pair: string
  readonly index: LevelIndex
  /** Since when a look at its prices is owed; null where the last one has seen them. */
  unseenSince: Millis | null
}
type Mints = MarketChange['pools'][number]['mints']

export type RestingGroups = ReturnType<typeof createRestingGroups>

/** `through`: mints of the tokens through which a route may go. */
export function createRestingGroups(through: readonly string[]) {
  const groups = new Map<string, RestingGroup>()
  const groupOf = new Map<OrderId, RestingGroup>()
  /** The groups that sell or buy a token. */
  const byMint = new Map<string, Set<RestingGroup>>()

  function groupFor(order: RestingOrder): RestingGroup {
    const known = groups.get(keyOf(order))
    if (known !== undefined) return known
    const group = newGroup(order)
    groups.set(group.key, group)
    for (const mint of [group.mintIn, group.mintOut]) {
      byMint.set(mint, (byMint.get(mint) ?? new Set()).add(group))
    }
    return group
  }

  function remove(id: OrderId): void {
    const group = groupOf.get(id)
    if (group === undefined) return
    groupOf.delete(id)
    group.index.delete(id)
    if (group.index.size() > 0) return
    groups.delete(group.key)
    for (const mint of [group.mintIn, group.mintOut]) {
      const others = byMint.get(mint)
      others?.delete(group)
      if (others?.size === 0) byMint.delete(mint)
    }
  }

  return {
    /** The groups on whose routes a pool of these tokens may be. */
    concernedBy(mints: Mints): readonly RestingGroup[] {
      // A token that no route goes through must be an end of the route: only the groups with that end are looked at.
      const outsider = mints.find((mint) => !through.includes(mint))
      const ends = outsider === undefined ? mints : [outsider]
      return ends
        .flatMap((mint) => [...(byMint.get(mint) ?? [])])
        .filter((each) => concerns(mints, each, through))
    },
    /** The groups that wait for any launch of the address. */
    awaiting: (creator: string): readonly RestingGroup[] =>
      [...(byMint.get(creator) ?? [])].filter(({ source }) => source === LAUNCHES),
    delete: remove,
    size: () => groups.size,
    all: () => groups.values(),
    /** The group of the order, when it is new there or waits for other prices than before; null when nothing changed. */
    set(order: RestingOrder): RestingGroup | null {
      const group = groupFor(order)
      if (groupOf.get(order.id) !== group) remove(order.id)
      groupOf.set(order.id, group)
      return group.index.set(order) ? group : null
    },
  }
}

const keyOf = ({ mintIn, mintOut, source, constraints }: PriceQuery) =>
  `${mintIn} ${mintOut} ${source} ${JSON.stringify(constraints)}`

function newGroup(query: PriceQuery): RestingGroup {
  const { mintIn, mintOut, source, constraints } = query
  const pair = [mintIn, mintOut].sort().join()
  const key = keyOf(query)
  return { key, pair, mintIn, mintOut, source, constraints, index: createLevelIndex(), unseenSince: null }
}

/**
 * For how long the orders of each pair have not been judged by the market as it was. `caughtUpAt`: when every look that was
 * owed had been taken; what has not changed since is as it was then.
 */
export function unseenFor(
  groups: readonly RestingGroup[],
  caughtUpAt: Millis,
  now: Millis,
): ReadonlyMap<string, Millis> {
  const ages = new Map<string, Millis>()
  for (const { mintIn, mintOut, unseenSince } of groups) {
    const pair = `${mintIn}/${mintOut}`
    const age = Math.max(0, now - (unseenSince ?? caughtUpAt))
    ages.set(pair, Math.max(age, ages.get(pair) ?? 0))
  }
  return ages
}

/** Whether a pool of these tokens may be on a route of the group. */
function concerns(mints: Mints, { mintIn, mintOut }: PriceQuery, through: readonly string[]): boolean {
  let hasEnd = false
  for (const mint of mints) {
    const isEnd = mint === mintIn || mint === mintOut
    if (!isEnd && !through.includes(mint)) return false
    hasEnd ||= isEnd
  }
  return hasEnd
}
