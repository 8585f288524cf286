// Owns the judgement of orders that have children: a group never over-trades, legs start and end with their parent, slices
// exist once, and what is read of a family is what its logs say.
import { isDeepStrictEqual } from 'node:util'
import { isOpen, isPlan } from '../../src/domain/lifecycle.ts'
import type { EventKind, Order } from '../../src/domain/order.ts'
import type { LegPlace, OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { decodeSpec } from '../../src/domain/specCodec.ts'
import type { Commit } from './acts.ts'
import { type Family, familiesOf } from './familyReads.ts'
import type { Claim, Outcome } from './invariants.ts'
import { checkSlices } from './slices.ts'

/** Where in the order of all commits the first event of a kind of an order stands; infinite where there is none. */
export type PlaceOf = (id: OrderId, kind: EventKind) => number

/** `orders`: what each log comes to. */
export function checkFamilies(orders: ReadonlyMap<OrderId, Order>, outcome: Outcome, claim: Claim): void {
  const { commits, reads, stored } = outcome
  const places = new Map<string, number>()
  commits.forEach(({ event: { orderId, kind } }, i) => {
    const name = `${orderId} ${kind}`
    if (!places.has(name)) places.set(name, i)
  })
  const placeOf: PlaceOf = (id, kind) => places.get(`${id} ${kind}`) ?? Number.POSITIVE_INFINITY
  for (const family of familiesOf(orders)) {
    const { parent } = family
    checkSold(family, outcome, claim)
    if (isPlan(parent.spec)) checkPlan(family, placeOf, claim)
    else checkExits(family, outcome, claim)
    if (parent.spec.type === 'twap') checkSlices(parent.spec, family, outcome, claim)
    else checkGivenUp(family, placeOf, claim)
    if (parent.status === 'canceled') checkCanceled(family, commits, placeOf, claim)
    checkReads(family, outcome, claim)
  }
  const isCalm = [...orders.values()].every((order) => !isOpen(order))
  claim(!isCalm || reads.resting === 0, 'reads disagree', () => `${reads.resting} rest, and all have ended`)
  for (const [id, { projection }] of stored) {
    claim(!isCalm || !projection.isResting, 'reads disagree', () => `${id} rests, and has ended`)
  }
}

/** What the children may sell together. */
function totalOf({ parent }: Family): bigint {
  if (isPlan(parent.spec)) return parent.spec.amountIn
  return 'fill' in parent ? parent.fill.amountOut : 0n
}

/** By the ledger, whatever the logs say. */
function checkSold(family: Family, { ledger }: Outcome, claim: Claim): void {
  const sold = family.children.map(({ spec }) =>
    ledger
      .filter((entry) => entry.orderId === spec.orderId && !entry.isReverted)
      .reduce((sum, { amountIn }) => sum + amountIn, 0n),
  )
  const total = totalOf(family)
  const all = sold.reduce((sum, amount) => sum + amount, 0n)
  const { orderId, type } = family.parent.spec
  claim(all <= total, 'group over-trades', () => `the children of ${orderId} sold ${sold} of ${total}`)
  const wholes = sold.filter((amount) => amount > 0n && amount >= total).length
  claim(type === 'twap' || wholes <= 1, 'two legs for one', () => `${wholes} legs of ${orderId} sold all`)
}

// ---- exits --------------------------------------------------------------------------------------------------------

/** Legs are taken on with their parent, and go on or end by the write that ends it. */
function checkExits({ parent, children }: Family, { stored, commits }: Outcome, claim: Claim): void {
  const { orderId } = parent.spec
  const exits = 'exits' in parent.spec ? parent.spec.exits.length : 0
  const numbers = children.map(({ spec }) => spec.parent?.number)
  claim(
    isDeepStrictEqual(
      numbers,
      Array.from({ length: exits }, (_, i) => i + 1),
    ),
    'leg not started',
    () => `${orderId} has the legs ${numbers}`,
  )
  const committed = (id: OrderId, seq: number) =>
    commits.find(({ event }) => event.orderId === id && event.seq === seq)
  for (const leg of children) {
    const id = leg.spec.orderId
    const about = () => `leg ${id} of ${orderId}`
    const together = committed(id, 1)?.at === committed(orderId, 1)?.at
    claim(together, 'leg not started', () => `${about()} was taken on later`)
    const [accepted, second] = stored.get(id)?.events ?? []
    if (accepted === undefined || isOpen(parent)) continue
    claim(second !== undefined, 'leg not started', () => `${about()} still waits`)
    if (second === undefined) continue
    const isCanceled = second.kind === 'canceled'
    // By its owner, before its parent ended.
    if (isCanceled && JSON.parse(second.data).by !== 'parent') continue
    const last = committed(orderId, parent.seq)
    claim(
      committed(id, 2)?.at === last?.at && second.at === last?.event.at,
      'leg not started',
      () => `${about()} was not moved by the end of its parent`,
    )
    const started = startedAs(decodeSpec(id, JSON.parse(accepted.data)), parent)
    const after = second.kind === 'activated' ? decodeSpec(id, JSON.parse(second.data)) : null
    claim(
      isDeepStrictEqual(after, started),
      'leg not started',
      () => `${about()} goes on with ${after?.amountIn ?? 'nothing'}, not ${started?.amountIn ?? 'nothing'}`,
    )
    // Or has an older exit ended by `parent`, with nothing to sell.
    claim(
      started !== null || leg.status === 'canceled',
      'leg not started',
      () => `${about()} is ${leg.status}`,
    )
  }
}

/** What a leg must sell from the end of its parent on; null where it ends with it. */
function startedAs(spec: OrderSpec, parent: Order): OrderSpec | null {
  if (!('fill' in parent) || spec.parent?.kind !== 'leg') return null
  const total = parent.fill.amountOut
  const amountIn = shareOf(total, spec.parent)
  if (amountIn === 0n) return null
  // Of a launch the token is known only now.
  const tokenIn = parent.spec.type === 'sniper' ? parent.spec.tokenOut : spec.tokenIn
  const started = { ...spec, tokenIn, amountIn, parent: { ...spec.parent, total } } as OrderSpec
  if (started.type === 'market' || isPlan(started)) return null
  const at = parent.updatedAt
  const holdMs = started.type === 'timeStop' ? started.maxHoldMs : 0
  const expiresAt = started.expiresAt
  return {
    ...started,
    ...(started.type === 'timeStop' ? { fireAt: at + holdMs } : {}),
    ...(started.isDefaultExpiry && expiresAt !== null
      ? { expiresAt: at + holdMs + (expiresAt - parent.createdAt) }
      : {}),
  } as OrderSpec
}

/** Rounded up; a share of less than one unit is none. */
function shareOf(total: bigint, { shareBps }: Pick<LegPlace, 'shareBps'>): bigint {
  if (shareBps === null) return total
  const [whole, rest] = [(total * BigInt(shareBps)) / 10_000n, (total * BigInt(shareBps)) % 10_000n]
  return whole > 0n && rest > 0n ? whole + 1n : whole
}

/** A leg makes way for others only once they have sold all, or once the whole is called off. */
function checkGivenUp(family: Family, placeOf: PlaceOf, claim: Claim): void {
  const { parent, children } = family
  for (const leg of children) {
    if (leg.status !== 'canceled') continue
    const at = placeOf(leg.spec.orderId, 'canceled')
    if (leg.by === 'oco') {
      const isCalledOff = parent.status === 'canceled' && placeOf(parent.spec.orderId, 'canceled') < at
      claim(isCalledOff, 'exit given up', () => `${leg.spec.orderId} for a whole that is ${parent.status}`)
    }
    if (leg.by !== 'group') continue
    const sold = children
      .filter(({ spec }) => placeOf(spec.orderId, 'filled') < at)
      .reduce((sum, { spec }) => sum + spec.amountIn, 0n)
    claim(sold >= totalOf(family), 'exit given up', () => `${leg.spec.orderId} for ${sold}`)
  }
}

// ---- plans --------------------------------------------------------------------------------------------------------

function checkPlan({ parent, children }: Family, placeOf: PlaceOf, claim: Claim): void {
  const { orderId, amountIn, type } = parent.spec
  const fills = children.flatMap((child) => ('fill' in child ? child.fill : []))
  const sum = {
    amountIn: fills.reduce((all, fill) => all + fill.amountIn, 0n),
    amountOut: fills.reduce((all, fill) => all + fill.amountOut, 0n),
  }
  const about = () => `${orderId} is ${parent.status}, its children sold ${sum.amountIn} of ${amountIn}`
  if (parent.status === 'canceled' || isOpen(parent)) return
  const isDone = sum.amountIn >= amountIn
  claim(parent.status === (isDone ? 'confirmed' : 'expired'), 'family left open', about)
  const totals = 'totals' in parent ? parent.totals : null
  claim(isDeepStrictEqual({ ...totals }, sum), 'family left open', () => `${about()}, and it says otherwise`)
  // Legs that are left over end after their OCO is completed.
  if (type === 'oco' && isDone) return
  const end = placeOf(orderId, isDone ? 'completed' : 'expired')
  for (const { spec, status } of children) {
    const ended = Math.min(...ends.map((kind) => placeOf(spec.orderId, kind)))
    claim(ended < end, 'family left open', () => `${spec.orderId}, ${status} later than ${orderId}`)
  }
}

const ends = ['filled', 'failed', 'canceled', 'expired'] as const

/** Once the cancel of a plan, or of what legs waited for, is durable, none of its children is sent off. */
function checkCanceled(
  { parent, children }: Family,
  commits: readonly Commit[],
  placeOf: PlaceOf,
  claim: Claim,
): void {
  const at = placeOf(parent.spec.orderId, 'canceled')
  const ids = new Set(children.map(({ spec }) => spec.orderId))
  for (const { event } of commits.slice(at)) {
    const isLate = event.kind === 'submitted' && ids.has(event.orderId)
    claim(
      !isLate,
      'canceled and not',
      () => `${event.orderId} was submitted after ${parent.spec.orderId} ended`,
    )
  }
}

// ---- reads --------------------------------------------------------------------------------------------------------

function checkReads({ parent, children }: Family, { reads }: Outcome, claim: Claim): void {
  const id = parent.spec.orderId
  const byId = children.map(({ spec }) => spec.orderId).toSorted()
  if (byId.length === 0) return
  const found = reads.children.get(id)
  claim(isDeepStrictEqual(found, byId), 'reads disagree', () => `${id} has the children ${found}`)
  const listed = reads.listed.get(id)
  const newestFirst = byId.toReversed()
  claim(isDeepStrictEqual(listed, newestFirst), 'reads disagree', () => `${id} lists ${listed}`)
  if (parent.spec.type === 'twap' || isOpen(parent) || children.some(isOpen)) return
  const isCalledOff = parent.spec.type === 'oco' && parent.status === 'canceled'
  const filled = children.filter((child) => 'fill' in child)
  const sold = isCalledOff ? parent.spec.amountIn : filled.reduce((sum, { spec }) => sum + spec.amountIn, 0n)
  const { claimed, spent } = reads.groups.get(id) ?? {}
  claim(
    claimed === sold && spent === sold,
    'reads disagree',
    () => `the group of ${id} has claimed ${claimed} and sold ${spent}, not ${sold}`,
  )
}
