// `npm run bench:quotes`: exact quotes a second of one core, for each program, by how much of the pool a swap crosses,
// beside those of the official SDK where that is installed; then how fast routes are found. `known` quotes one state
// again and again, `new` each state once, right after the swap that made it.

import { commandLine } from '../scripts/commandLine.ts'
import { meteoraDlmm } from '../src/dex/pools/meteoraDlmm/program.ts'
import type { ProgramName, SwapInput } from '../src/dex/pools/pool.ts'
import { type AnyPoolProgram, programNamed } from '../src/dex/pools/programs.ts'
import { raydiumClmm } from '../src/dex/pools/raydiumClmm/program.ts'
import { atMoment, oracleFor } from './oracles/oracles.ts'
import { loadSdks } from './oracles/sdks.ts'
import { type PoolState, recordedPools } from './recordedPools.ts'
import { numberText } from './report.ts'
import { wideClmmPool, wideDlmmPool } from './widePools.ts'

const SLICE_MS = 50
const SLICES = 9
const NEW_STATES = 100

type Case = { readonly program: ProgramName; readonly crossings: number; readonly of: string }

const cases: readonly Case[] = [
  { program: 'raydium-cpmm', crossings: 0, of: '' },
  { program: 'raydium-amm-v4', crossings: 0, of: '' },
  { program: 'raydium-clmm', crossings: 0, of: 'ticks' },
  { program: 'raydium-clmm', crossings: 3, of: 'ticks' },
  { program: 'raydium-clmm', crossings: 20, of: 'ticks' },
  { program: 'meteora-dlmm', crossings: 1, of: 'bins' },
  { program: 'meteora-dlmm', crossings: 10, of: 'bins' },
  { program: 'meteora-dlmm', crossings: 60, of: 'bins' },
  { program: 'meteora-damm-v2', crossings: 0, of: '' },
]

/** The recorded pools of a program, then those made wider. */
function statesOf(program: AnyPoolProgram): readonly PoolState<unknown>[] {
  const recorded = recordedPools(program)
  switch (program.name) {
    case 'raydium-clmm':
      return [...recorded, ...recordedPools(raydiumClmm).map(wideClmmPool)]
    case 'meteora-dlmm':
      return [...recorded, ...recordedPools(meteoraDlmm).map(wideDlmmPool)]
    default:
      return recorded
  }
}

/** The amount that fills so many segments and half of the next; null where the pool has fewer. */
function amountCrossing(
  program: AnyPoolProgram,
  { pool, at }: Pick<PoolState<unknown>, 'pool' | 'at'>,
  crossings: number,
): bigint | null {
  let [amount, left] = [0, crossings]
  for (const { capIn } of program.segments(pool, { aToB: true, ...at })) {
    // A pool of one segment is quoted for a thousandth of what it could take.
    if (left === 0) return BigInt(Math.max(1, Math.floor(amount + Math.min(capIn / 2, 1e12))))
    amount += capIn
    left -= 1
  }
  return null
}

/** The first state in which such a swap goes, and the swap. */
function swapOf(program: AnyPoolProgram, crossings: number) {
  for (const state of statesOf(program)) {
    const amountIn = amountCrossing(program, state, crossings)
    if (amountIn === null) continue
    const input: SwapInput = { aToB: true, amountIn, ...state.at }
    if (program.quoteExactIn(state.pool, input).kind === 'quoted') return { state, input }
  }
  throw new Error(`no ${program.name} pool has ${crossings} crossings`)
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Calls per second of this process's own CPU time, so that other processes do not matter. */
function perSecond(quote: () => void): number {
  const before = process.cpuUsage()
  let [count, spent] = [0, 0]
  // Ever more between two looks at the clock, which takes longer than a quote.
  for (let batch = 1; spent < SLICE_MS; batch *= 2) {
    for (let i = 0; i < batch; i += 1) quote()
    count += batch
    spent = cpuMsSince(before)
  }
  return (1_000 * count) / spent
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** States without memoized curves: each made by a swap of the one before, to and fro about the first price. */
function newStates(program: AnyPoolProgram, { pool, at }: PoolState<unknown>): unknown[] {
  const amountThere = amountCrossing(program, { pool, at }, 0) ?? 1n
  const there = { aToB: true, amountIn: amountThere, ...at }
  const first = program.quoteExactIn(pool, there)
  const back = { aToB: false, amountIn: first.kind === 'quoted' ? first.amountOut : 1n, ...at }
  const states: unknown[] = []
  let last = pool
  for (let i = 0; i < NEW_STATES; i += 1) {
    const swap = program.swap(last, i % 2 === 0 ? there : back)
    if (swap.kind === 'refused') throw new Error(`${program.name}: ${swap.detail}`)
    last = swap.pool
    states.push(last)
  }
  return states
}

function perSecondOfNew(program: AnyPoolProgram, state: PoolState<unknown>, input: SwapInput): number {
  let [count, spent] = [0, 0]
  while (spent < SLICE_MS) {
    const states = newStates(program, state)
    const before = process.cpuUsage()
    for (const pool of states) program.quoteExactIn(pool, input)
    spent += cpuMsSince(before)
    count += states.length
  }
  return (1_000 * count) / spent
}

commandLine(
  'Prints quotes a second of one core, ours and those of the official SDKs, and how fast routes are found.',
  {},
)
const sdks = await loadSdks()

function measured({ program: name, crossings, of }: Case) {
  const program = programNamed(name)
  const { state, input } = swapOf(program, crossings)
  const oracle = sdks === null ? null : oracleFor(sdks, name, state)
  const [known, fresh, sdk]: [number[], number[], number[]] = [[], [], []]
  // By turns, so that a busy moment of the machine slows all of them.
  for (let slice = 0; slice < SLICES; slice += 1) {
    known.push(perSecond(() => program.quoteExactIn(state.pool, input)))
    fresh.push(perSecondOfNew(program, state, input))
    if (oracle === null) continue
    sdk.push(atMoment(state.at, () => perSecond(() => oracle(input.aToB, input.amountIn))))
  }
  const [ours, oursNew, theirs] = [median(known), median(fresh), median(sdk)]
  const times = (rate: number) => (oracle === null ? '' : `${numberText(rate / theirs)}x`)
  return {
    program: of === '' ? name : `${name}, ${crossings} ${of}`,
    'known/s': numberText(ours),
    'new/s': numberText(oursNew),
    'SDK/s': oracle === null ? 'not installed' : numberText(theirs),
    known: times(ours),
    new: times(oursNew),
  }
}

console.table(cases.map(measured))
await import('./routes.ts')
