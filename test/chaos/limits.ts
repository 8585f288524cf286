// Owns the judgement of limits: with every insertion, whether what is stored keeps within them and each refusal was due.
import { isOpenStatus } from '../../src/domain/lifecycle.ts'
import type { CountedQuota, KeyQuotas, Protections } from '../../src/domain/quotas.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { OrderRow } from '../../src/store/eventRows.ts'
import type { Verdict } from '../../src/store/keyQuotas.ts'
import { tokenCalled } from '../support/orders.ts'
import { ORDER_AMOUNT } from './amounts.ts'
import type { Stored } from './durable.ts'

/** The key of the schedules has no protections. */
type Judged = Exclude<CountedQuota, keyof Protections>
const isJudged = (quota: CountedQuota): quota is Judged =>
  quota === 'ordersPerMinute' || quota === 'openOrders' || quota === 'perDay'

export const LIMITED_OWNER = 'a key with limits'

export type Limited = {
  /** What was wrong at the moment it happened. */
  readonly beyondLimits: readonly string[]
  readonly refusedWithoutNeed: readonly string[]
  /** The limit that each refused order would have broken. */
  readonly due: ReadonlyMap<OrderId, CountedQuota>
}

const isChild = ({ events: [accepted] }: Stored) => accepted?.data.includes('"parentId"') === true

/** A schedule is over within a minute and a day: whatever is stored counts towards those limits. */
export function openLimitsJudge(
  limits: KeyQuotas,
  read: () => Promise<ReadonlyMap<OrderId, Stored>>,
): {
  readonly limited: Limited
  inserted(rows: readonly OrderRow[], verdicts: readonly Verdict[]): Promise<void>
} {
  const beyondLimits: string[] = []
  const refusedWithoutNeed: string[] = []
  const due = new Map<OrderId, CountedQuota>()
  const keys = new Set<string | null>()
  const mostSold = BigInt(limits.perDay?.[tokenCalled('A').mint] ?? Number.MAX_SAFE_INTEGER)
  const most: Readonly<Record<Judged, number>> = {
    ordersPerMinute: limits.ordersPerMinute ?? Number.POSITIVE_INFINITY,
    openOrders: limits.openOrders ?? Number.POSITIVE_INFINITY,
    perDay: Number(mostSold / ORDER_AMOUNT),
  }

  return {
    limited: { beyondLimits, refusedWithoutNeed, due },
    async inserted(rows, verdicts) {
      // Children count towards nothing: what they sell, their parent was allowed to.
      const orders = [...(await read()).values()].filter((order) => !isChild(order))
      const count: Readonly<Record<Judged, number>> = {
        ordersPerMinute: orders.length,
        openOrders: orders.filter(
          ({ projection }) => isOpenStatus(projection.status) && !projection.isResting,
        ).length,
        perDay: orders.length,
      }
      // Resting orders that wake may be more than may be open at once: a quota holds back new orders only.
      const isOneTaken = verdicts.some(({ isTaken }) => isTaken)
      for (const limit of Object.keys(most) as Judged[]) {
        if (isOneTaken && count[limit] > most[limit])
          beyondLimits.push(`${count[limit]} by ${limit} ${most[limit]}`)
      }
      for (const [i, { id, isTaken, exceeded }] of verdicts.entries()) {
        const key = rows[i]?.idempotencyKey ?? null
        if (isTaken) keys.add(key)
        if (exceeded === null) continue
        due.set(id, exceeded)
        // A repeat of what was taken makes no order and breaks no limit.
        if (keys.has(key) || !isJudged(exceeded) || count[exceeded] < most[exceeded])
          refusedWithoutNeed.push(`${id} by ${exceeded}`)
      }
    },
  }
}
