// Owns what must hold after every schedule, whatever befell it.
import { isDeepStrictEqual } from 'node:util'
import { type LoggedEvent, messageText, replayLog } from '../../src/domain/eventCodec.ts'
import { isOpen, isOpenStatus } from '../../src/domain/lifecycle.ts'
import type { FilledOrder, Order } from '../../src/domain/order.ts'
import type { ReportedFill } from '../../src/domain/ports/orders.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import type { Millis } from '../../src/timing/clock.ts'
import type { Acts } from './acts.ts'
import type { Entry, FakeChain } from './chain.ts'
import type { Told } from './clients.ts'
import type { Stored } from './durable.ts'
import { MAX_ATTEMPTS } from './engine.ts'
import { checkFamilies } from './families.ts'
import { type FamilyReads, parentIn } from './familyReads.ts'
import type { Launched } from './launches.ts'
import type { Limited } from './limits.ts'
import { checkPromptness } from './promptness.ts'
import { checkTriggers } from './triggers.ts'

export type Outcome = Told &
  Acts &
  Limited &
  Pick<FakeChain, 'ledger' | 'doubled' | 'sent' | 'undone'> & {
    readonly stored: ReadonlyMap<OrderId, Stored>
    /** The same a while after every order had ended. */
    readonly later: ReadonlyMap<OrderId, Stored>
    /** Fills that the engine reported as undone by a fork, and where their swaps landed after all. */
    readonly rolledBack: readonly (ReportedFill & { readonly landedAgain: number | null })[]
    /** What the engine itself reported as a defect. */
    readonly defects: readonly string[]
    readonly endedAt: Millis
    readonly prices: FakeChain['prices']
    readonly launches: readonly Launched[]
    /** What the tables said of families once every order had ended. */
    readonly reads: FamilyReads
  }

export type Violation =
  | 'landed twice'
  | 'gap in the log'
  | 'illegal history'
  | 'replay differs'
  | 'time goes back'
  | 'below the minimum'
  | 'ledger disagrees'
  | 'rolled back in silence'
  | 'false alarm'
  | 'sent before durable'
  | 'acknowledged and lost'
  | 'canceled and not'
  | 'two orders under one key'
  | 'heard something else'
  | 'reads go back'
  | 'never ended'
  | 'too many attempts'
  | 'closed and changed'
  | 'defect reported'
  | 'submitted while halted'
  | 'signed an old quote'
  | 'not sent again'
  | 'undone and not sent again'
  | 'beyond a limit'
  | 'refused without need'
  | 'refused otherwise'
  | 'fired without its price'
  | 'bought against a guard'
  | 'missed'
  | 'past its limit'
  | 'exit given up'
  | 'watermark moved back'
  | 'expired early'
  | 'group over-trades'
  | 'two legs for one'
  | 'leg not started'
  | 'family left open'
  | 'slice twice'
  | 'slice late'
  | 'reads disagree'

export type Claim = (holds: boolean, broken: Violation, about: () => unknown) => void

/** Every broken rule with the order that broke it; none when all is well. */
export function violations(outcome: Outcome): string[] {
  const { stored, later, sent, acknowledged, canceled, byKey, heard, read, defects } = outcome
  const found: string[] = []
  const claim: Claim = (holds, broken, about) => {
    if (!holds) found.push(`${broken}: ${String(about())}`)
  }
  for (const id of acknowledged) claim(stored.has(id), 'acknowledged and lost', () => id)
  for (const id of canceled) {
    claim(stored.get(id)?.projection.status === 'canceled', 'canceled and not', () => id)
  }
  for (const { orderId, signature, durable } of sent) {
    claim(durable, 'sent before durable', () => signature)
    claim(stored.has(orderId), 'ledger disagrees', () => `${signature} belongs to no order`)
  }
  for (const [key, ids] of byKey) {
    claim(new Set(ids).size <= 1, 'two orders under one key', () => `${key}: ${ids}`)
  }
  const alone = [...stored.values()].filter((order) => parentIn(order) === null)
  claim(alone.length <= outcome.placed.size, 'two orders under one key', () => `${alone.length} orders`)
  for (const [id, events] of heard) checkHeard(id, events, later.get(id)?.events ?? [], claim)
  for (const [id, seqs] of read) {
    const isUpward = seqs.every((seq, i) => seq >= (seqs[i - 1] ?? 1))
    claim(isUpward, 'reads go back', () => `${id} was shown as ${seqs}`)
  }
  for (const defect of defects) claim(false, 'defect reported', () => defect)
  checkPromptness(outcome, claim)
  checkLimits(outcome, claim)
  for (const id of outcome.doubled) claim(false, 'landed twice', () => id)
  const orders = new Map<OrderId, Order>()
  for (const [id, each] of stored) {
    claim(isDeepStrictEqual(each, later.get(id)), 'closed and changed', () => id)
    const order = checkLog(id, each, outcome, claim)
    if (order !== null) orders.set(id, order)
  }
  checkFamilies(orders, outcome, claim)
  return found
}

function checkLimits({ beyondLimits, refusedWithoutNeed, due, refused, later }: Outcome, claim: Claim): void {
  for (const excess of beyondLimits) claim(false, 'beyond a limit', () => excess)
  for (const refusal of refusedWithoutNeed) claim(false, 'refused without need', () => refusal)
  for (const [id, { limit }] of refused) {
    claim(due.get(id) === limit, 'refused otherwise', () => `${id} by ${limit}, not ${due.get(id)}`)
  }
  for (const id of due.keys()) claim(!later.has(id), 'refused otherwise', () => `${id} is stored`)
}

function checkHeard(
  id: OrderId,
  heard: readonly LoggedEvent[],
  logged: readonly LoggedEvent[],
  claim: Claim,
): void {
  const isSame = heard.length === logged.length && heard.every((event, i) => event === logged[i])
  if (isSame) return
  const [told, stored] = [heard.map(messageText), logged.map(messageText)]
  claim(isDeepStrictEqual(told, stored), 'heard something else', () => `${id}: ${told} instead of ${stored}`)
}

/** The order that the log comes to; null where it cannot be read. */
function checkLog(id: OrderId, { events, projection }: Stored, outcome: Outcome, claim: Claim): Order | null {
  claim(!isOpenStatus(projection.status), 'never ended', () => `${id} is ${projection.status}`)
  events.forEach(({ seq, at }, i) => {
    claim(seq === i + 1, 'gap in the log', () => `${id} has seq ${seq} at place ${i + 1}`)
    claim(at >= (events[i - 1]?.at ?? 0), 'time goes back', () => `${id} at seq ${seq}`)
  })
  const replayed = tryReplay(events)
  claim(!(replayed instanceof Error), 'illegal history', () => `${id}: ${replayed}`)
  if (replayed === null || replayed instanceof Error) return null
  const { status, seq, attempt } = replayed
  const isSame = status === projection.status && seq === projection.seq && attempt === projection.attempt
  claim(
    isSame,
    'replay differs',
    () => `${id} is ${status} ${seq}, not ${projection.status} ${projection.seq}`,
  )
  const isExit = 'slippageLadderBps' in replayed.spec
  claim(isExit || attempt <= MAX_ATTEMPTS, 'too many attempts', () => `${id} is at attempt ${attempt}`)
  checkTriggers(replayed, events, outcome, claim)
  checkAgainstLedger(replayed, outcome, claim)
  return replayed
}

function tryReplay(events: readonly LoggedEvent[]): Order | Error | null {
  try {
    return replayLog(events)
  } catch (error) {
    return error as Error
  }
}

/** The ledger is right: an order that says otherwise is wrong, unless a fork has made it so and the engine has said it. */
function checkAgainstLedger(order: Order, { ledger, undone, rolledBack }: Outcome, claim: Claim): void {
  const { orderId } = order.spec
  const landed = ledger.filter((entry) => entry.orderId === orderId && !entry.isReverted)
  const reports = rolledBack.filter((report) => report.orderId === orderId)
  for (const { amountOut, minAmountOut } of landed) {
    claim(
      amountOut >= minAmountOut && minAmountOut > 0n,
      'below the minimum',
      () => `${orderId} got ${amountOut}`,
    )
  }
  if (!('fill' in order)) {
    claim(
      isOpen(order) || landed.length === 0,
      'ledger disagrees',
      () => `${orderId} is ${order.status} but landed`,
    )
    claim(reports.length === 0, 'false alarm', () => orderId)
    return
  }
  const { fill, swap, route } = order
  claim(fill.amountOut >= route.minAmountOut, 'below the minimum', () => `${orderId} says ${fill.amountOut}`)
  if (isFill(order, ledger)) {
    claim(reports.length === 0, 'false alarm', () => `${orderId} stands in slot ${fill.slot}`)
    return
  }
  const wasUndone = isFill(order, undone)
  claim(wasUndone, 'ledger disagrees', () => {
    return `${orderId} says ${[swap.signature, fill.amountIn, fill.amountOut]}, the ledger ${landed.map(({ signature }) => signature)}`
  })
  claim(!wasUndone || reports.length > 0, 'rolled back in silence', () => orderId)
  const [standing] = ledger.filter(({ signature }) => signature === swap.signature)
  for (const { landedAgain } of reports) {
    claim(landedAgain === (standing?.height ?? null), 'false alarm', () => `${orderId} in ${landedAgain}`)
  }
}

/** Whether these entries hold what the order says it was filled by, to the unit. */
function isFill({ swap, fill }: FilledOrder, entries: readonly Entry[]): boolean {
  return entries.some(
    (entry) =>
      !entry.isReverted &&
      entry.signature === swap.signature &&
      entry.height === fill.slot &&
      entry.amountIn === fill.amountIn &&
      entry.amountOut === fill.amountOut,
  )
}

/** Whether followers have heard all there is, and the engine has said of every fill that is gone that it is. */
export function isSettled({ stored, heard, ledger, rolledBack }: Outcome): boolean {
  for (const [id, events] of heard) if (events.length < (stored.get(id)?.events.length ?? 0)) return false
  const reported = new Set(rolledBack.map(({ orderId }) => orderId))
  for (const [id, { events, projection }] of stored) {
    if (projection.status !== 'confirmed' || reported.has(id)) continue
    const order = tryReplay(events)
    if (order === null || order instanceof Error || !('fill' in order)) continue
    if (!isFill(order, ledger)) return false
  }
  return true
}
