// Owns the judgement of TWAP slices: each is decided once, when it is due, placed as decided, and not signed after the plan's end.
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import type { OrderId, TwapSpec } from '../../src/domain/spec.ts'
import { dueAt } from '../../src/domain/triggers/plan.ts'
import type { Family } from './familyReads.ts'
import type { Claim, Outcome } from './invariants.ts'

/** What a slice has that was due shortly before the end. */
const GRACE_MS = 10_000

/** Judged as the events became durable. */
export function checkSlices(
  spec: TwapSpec,
  { children }: Family,
  { commits, submissions, expirings }: Outcome,
  claim: Claim,
): void {
  const numbers = new Map(children.map((child) => [child.spec.orderId, child.spec.parent?.number ?? 0]))
  const decided = new Map<number, bigint>()
  const placed = new Map<OrderId, bigint>()
  const limits = new Set<unknown>()
  for (const { event, at } of commits) {
    const about = () => `${event.kind} ${event.orderId} at ${at}`
    if (event.orderId === spec.orderId) {
      note(event, limits)
      const slice = decisionIn(event)
      if (slice === null || decided.get(slice.number) === slice.amount) continue
      claim(!decided.has(slice.number), 'slice twice', () => `${about()} decides ${slice.number} again`)
      claim(at >= dueAt(spec, slice.number), 'slice twice', () => `${about()} is early`)
      decided.set(slice.number, slice.amount)
    }
    const number = numbers.get(event.orderId)
    if (number === undefined) continue
    if (event.seq === 1) {
      const data = JSON.parse(event.data)
      const amount = BigInt(data.amountInBase)
      claim(decided.get(number) === amount, 'slice twice', () => `${about()} is not as decided`)
      claim(number >= 1 && number <= spec.slices, 'slice twice', () => `${about()} has number ${number}`)
      claim(isOfSize(amount, spec), 'slice twice', () => `${about()} sells ${amount}`)
      claim(limits.has(data.limitPrice), 'slice twice', () => `${about()} sells at ${data.limitPrice}`)
      placed.set(event.orderId, amount)
      const all = [...placed.values()].reduce((sum, each) => sum + each, 0n)
      claim(all <= spec.amountIn, 'slice twice', () => `${about()} makes ${all}`)
    }
    if (['failed', 'canceled', 'expired'].includes(event.kind)) placed.delete(event.orderId)
  }
  for (const { orderId, ownAt } of submissions) {
    const lateMs = ownAt - (spec.startAt + spec.durationMs)
    claim(
      !numbers.has(orderId) || lateMs < GRACE_MS,
      'slice late',
      () => `${orderId} ${lateMs} ms after its plan`,
    )
  }
  for (const { orderId, at, end } of expirings) {
    claim(!numbers.has(orderId) || at >= end, 'expired early', () => `${orderId} by ${end - at} ms`)
  }
  const unique = new Set(numbers.values())
  claim(unique.size === numbers.size, 'slice twice', () => `${spec.orderId} has ${[...numbers.values()]}`)
}

function decisionIn({ data }: LoggedEvent): { readonly number: number; readonly amount: bigint } | null {
  const { slice, sliceBase } = JSON.parse(data).memory ?? {}
  return slice === undefined ? null : { number: Number(slice), amount: BigInt(sliceBase) }
}

/** The prices that the plan has ever asked for. */
function note({ kind, data }: LoggedEvent, limits: Set<unknown>): void {
  if (kind === 'accepted' || kind === 'amended') limits.add(JSON.parse(data).limitPrice)
}

function isOfSize(amount: bigint, { amountIn, slices, catchUp, minSlice }: TwapSpec): boolean {
  const planned = (amountIn + BigInt(slices) - 1n) / BigInt(slices)
  return amount >= minSlice && amount > 0n && amount <= planned * (catchUp === 'spread' ? 3n : 1n)
}
