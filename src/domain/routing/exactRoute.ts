// Owns the exact amounts of a route: from floating-point flows to base units, each leg quoted by its own pool.

import { MAX_BASE_UNITS } from '../amount.ts'
import type { ExactQuote } from '../pool.ts'
import { capacityOf } from './curve.ts'
import type { Choice } from './legSet.ts'
import type { Candidate, LegSet, Network } from './network.ts'
import { spread } from './split.ts'

/** A leg in base units, as its pool quoted it. */
export type ExactLeg = {
  readonly kind: 'leg'
  readonly candidate: Candidate
  readonly amountIn: bigint
  readonly amountOut: bigint
}

export type ExactRoute = {
  readonly kind: 'exact'
  readonly legs: readonly ExactLeg[]
  readonly amountOut: bigint
}

export type ExactOutcome =
  | ExactRoute
  /** A pool refused the part meant for it. */
  | { readonly kind: 'refused'; readonly candidate: Candidate; readonly reason: string }

/**
 * The choice in base units. The amounts of the first legs add up to exactly `amountIn`. The legs out of an intermediate
 * token take exactly what the legs into it are quoted to pay, less the buffer of the hop. Legs are in the order of execution.
 */
export function exactRoute(network: Network, choice: Choice, amountIn: bigint): ExactOutcome {
  const { legs, split } = choice
  const entries = chosen(legs, [...network.direct, ...network.hops.flatMap(({ first }) => first)])
  const entered = fillLegs(entries, split.flows, amountIn)
  if (!Array.isArray(entered)) return entered
  const exact = entered.filter(({ candidate }) => candidate.stage === 'direct')
  for (const [k, { second }] of network.hops.entries()) {
    const into = entered.filter(({ candidate }) => candidate.hop === k)
    if (into.length === 0) continue
    const between = countedOn(into, network.hopBufferBps)
    const exits = chosen(legs, second)
    const flows = new Float64Array(legs.length)
    spread(exits, Number(between), flows)
    const left = fillLegs(exits, flows, between)
    if (!Array.isArray(left)) return left
    exact.push(...into, ...left)
  }
  const amountOut = exact
    .filter(({ candidate }) => candidate.stage !== 'first')
    .reduce((sum, leg) => sum + leg.amountOut, 0n)
  return { kind: 'exact', legs: exact, amountOut }
}

function countedOn(into: readonly ExactLeg[], bufferBps: number): bigint {
  const paid = into.reduce((sum, leg) => sum + leg.amountOut, 0n)
  return (paid * BigInt(10_000 - bufferBps)) / 10_000n
}

const chosen = (legs: LegSet, candidates: readonly Candidate[]) =>
  candidates.filter(({ index }) => legs[index] === 1)

type Refusal = Extract<ExactOutcome, { kind: 'refused' }>

/** Quotes of parallel legs whose amounts add up to `total`: flows rounded down, the rest to the leg with most room. */
function fillLegs(
  candidates: readonly Candidate[],
  flows: Float64Array,
  total: bigint,
): ExactLeg[] | Refusal {
  const amounts = candidates.map(({ index }) => BigInt(Math.floor(flows[index] ?? 0)))
  const roomOf = ({ curve, index }: Candidate) => capacityOf(curve) - (flows[index] ?? 0)
  const rest = total - amounts.reduce((sum, amount) => sum + amount, 0n)
  const last = rest < 0n ? greatest(amounts) : greatest(candidates.map(roomOf))
  const lastAmount = (amounts[last] ?? 0n) + rest

  const filled: ExactLeg[] = []
  for (const [i, candidate] of candidates.entries()) {
    const amount = amounts[i] ?? 0n
    if (i === last || amount === 0n) continue
    const leg = quoted(candidate, amount)
    if (leg.kind === 'refused') return leg
    filled.push(leg)
  }
  const candidate = candidates[last]
  if (candidate === undefined || lastAmount === 0n) return filled
  const leg = quoted(candidate, lastAmount)
  if (leg.kind === 'refused') return leg
  return [...filled, leg].sort((a, b) => a.candidate.index - b.candidate.index)
}

/** A pool's quote. One with an output or fee that no swap can have is turned into a refusal. */
export function quoteFrom({ pool, aToB }: Candidate, amountIn: bigint): ExactQuote {
  const quote = pool.quote(aToB, amountIn)
  if (quote.kind === 'refused') return quote
  const { amountOut, fee } = quote
  const isPossible = amountOut > 0n && amountOut <= MAX_BASE_UNITS && fee >= 0n && fee <= MAX_BASE_UNITS
  if (isPossible) return quote
  const detail = `it quoted ${amountOut} for ${amountIn}, at a fee of ${fee}`
  return { kind: 'refused', reason: 'quote_rejected', detail }
}

function quoted(candidate: Candidate, amountIn: bigint): ExactLeg | Refusal {
  const quote = quoteFrom(candidate, amountIn)
  if (quote.kind === 'refused') return { kind: 'refused', candidate, reason: quote.reason }
  return { kind: 'leg', candidate, amountIn, amountOut: quote.amountOut }
}

/** The index of the greatest value, the first of equals. */
function greatest(values: readonly (bigint | number)[]): number {
  return values.reduce<number>((best, value, i) => (value > (values[best] ?? value) ? i : best), 0)
}
