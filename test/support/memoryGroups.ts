// Owns what groups have claimed and sold, without SQL: what the statements about order_groups answer (orderGroups.ts).
import type { OrderId } from '../../src/domain/spec.ts'
import type { Claim, Group } from '../../src/domain/triggers/legs.ts'

type GroupRow = Group & { readonly openLegs: number; readonly isDone: boolean }

export type MemoryGroups = {
  add(id: OrderId, legs: number): void
  get(id: OrderId): Group | undefined
  /** Whether it has sold all, or none of its legs is open. */
  isDone(id: OrderId): boolean
  /** Whether the group allows the claim, and then what has changed of it. */
  take(claim: Claim): boolean
}

/** What of groups a broken store does wrong. */
export type GroupRules = {
  /** What the legs of a group claim is no more than its total. */
  readonly claimed: boolean
  /** A leg that does not trade after all gives its claim back. */
  readonly released: boolean
}

export function openMemoryGroups(rules: GroupRules): MemoryGroups {
  const groups = new Map<OrderId, GroupRow>()
  return {
    add: (id, openLegs) => void groups.set(id, { ...nothing, openLegs, isDone: false }),
    get(id) {
      const group = groups.get(id)
      return group && { claimed: group.claimed, spent: group.spent }
    },
    isDone: (id) => groups.get(id)?.isDone === true,
    take(claim) {
      const group = groups.get(claim.groupId)
      if (group === undefined || (rules.claimed && !isAllowed(claim, group))) return false
      const { total, needs, ends } = claim
      const change = rules.released || claim.claimed > 0n ? claim.claimed : 0n
      const claimed = needs === 'idle' ? total : group.claimed + change
      const spent = needs === 'idle' ? total : group.spent + claim.spent
      const openLegs = group.openLegs - (ends ? 1 : 0)
      const isDone = spent >= total || openLegs <= 0
      groups.set(claim.groupId, { claimed, spent, openLegs, isDone } as GroupRow)
      return true
    },
  }
}

const nothing = { claimed: 0n, spent: 0n } as Group

function isAllowed({ needs, total, ...claim }: Claim, { claimed, spent }: Group): boolean {
  switch (needs) {
    case 'fits':
      return claimed + claim.claimed <= total
    case 'rest':
      return claimed + claim.claimed === total
    case 'idle':
      return claimed === spent && spent < total
    case 'nothing':
      return true
  }
}
