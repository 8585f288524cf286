// `npm run oracles`: exact quotes of random pools against the official SDKs, a line for each program. Exit 1 if a quote differs,
// or is refused by only one side, except for the SDK faults named here.

import { commandLine, wholeNumber } from '../../scripts/commandLine.ts'
import type { ProgramName, SwapQuote } from '../../src/dex/pools/pool.ts'
import { type AnyPoolProgram, poolPrograms } from '../../src/dex/pools/programs.ts'
import { seeded } from '../../test/support/routablePools.ts'
import type { PoolState } from '../recordedPools.ts'
import { atMoment, type Oracle, oracleFor } from './oracles.ts'
import { amountFor, Draws, randomPools } from './randomPools.ts'
import { loadSdks, type Sdks } from './sdks.ts'

/** One query to both. The SDK's answer is null for any kind of refusal. */
type Pair = {
  readonly program: ProgramName
  readonly aToB: boolean
  readonly amountIn: bigint
  readonly ours: SwapQuote
  readonly theirs: bigint | null
}
type Verdict = 'exact' | 'different' | 'refused by both' | 'refused by one'

/** Known deviations of the SDKs from the on-chain programs, as the recordings in `test/vectors` prove. */
const sdkFaults: readonly { readonly name: string; readonly explains: (pair: Pair) => boolean }[] = [
  {
    name: 'quotes zero, which the program refuses to pay',
    explains: ({ ours, theirs }) =>
      ours.kind === 'refused' && ours.reason === 'amount_too_small' && theirs === 0n,
  },
  {
    name: 'refuses a price impact of zero out, which the program pays',
    explains: ({ program, ours, theirs }) =>
      program === 'meteora-damm-v2' && ours.kind === 'quoted' && ours.amountOut === 0n && theirs === null,
  },
  {
    // The fee of 25 / 10,000 is less than half a unit; the SDK rounds it up to one.
    name: 'charges a fee on less than 200 units, which the program does not',
    explains: ({ program, amountIn, ours, theirs }) =>
      program === 'raydium-amm-v4' &&
      amountIn < 200n &&
      theirs !== null &&
      theirs < (ours.kind === 'quoted' ? ours.amountOut : 0n),
  },
]

const QUOTES_PER_POOL = 10
const MOST_SHOWN = 5

const { quotes, seed } = commandLine(
  'Compares quotes of random pools with those of the official SDKs; exits 1 if any differs.',
  {
    quotes: wholeNumber('of each program', 5_000, 1),
    seed: wholeNumber('repeats a run', Date.now()),
  },
)
const sdks = await loadSdks()
if (sdks === null)
  throw new Error('the SDKs are not installed: npm ci --prefix bench/oracles --ignore-scripts')
console.log(`${quotes} quotes of each program, seed ${seed}`)
const areClean = poolPrograms.map((program) => isClean(program, pairsOf(program, sdks)))
process.exit(areClean.every(Boolean) ? 0 : 1)

function* pairsOf(program: AnyPoolProgram, installed: Sdks): Generator<Pair> {
  const draws = new Draws(seeded(seed))
  const pools = randomPools(program, draws)
  for (let asked = 0; asked < quotes; asked += QUOTES_PER_POOL) {
    const state = pools.next().value
    yield* atMoment(state.at, () => pairsOfPool(program, installed, state, draws))
  }
}

function pairsOfPool(
  program: AnyPoolProgram,
  installed: Sdks,
  state: PoolState<unknown>,
  draws: Draws,
): readonly Pair[] {
  const oracle = oracleFor(installed, program.name, state)
  return Array.from({ length: QUOTES_PER_POOL }, () => {
    const aToB = draws.chance(0.5)
    const amountIn = amountFor(program, state.pool, aToB, state.at, draws)
    const ours = program.quoteExactIn(state.pool, { aToB, amountIn, ...state.at })
    return { program: program.name, aToB, amountIn, ours, theirs: answerOf(oracle, aToB, amountIn) }
  })
}

function answerOf(oracle: Oracle, aToB: boolean, amountIn: bigint): bigint | null {
  try {
    return oracle(aToB, amountIn)
  } catch {
    return null
  }
}

/** Prints the program's line and whatever no fault of the SDK explains; whether there was none of that. */
function isClean(program: AnyPoolProgram, pairs: Iterable<Pair>): boolean {
  const counts = new Map<string, number>()
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  const unexplained: string[] = []
  for (const pair of pairs) {
    const verdict = verdictOf(pair)
    const isWrong = verdict === 'different' || verdict === 'refused by one'
    const fault = isWrong ? sdkFaults.find(({ explains }) => explains(pair)) : undefined
    count(fault?.name ?? verdict)
    if (isWrong && fault === undefined) unexplained.push(wordsOf(pair))
  }
  const numberOf = (name: string) => counts.get(name) ?? 0
  const verdicts = ['exact', 'different', 'refused by both', 'refused by one'] as const
  const faults = sdkFaults.filter(({ name }) => counts.has(name))
  console.log(
    [
      `${program.name}: ${verdicts.map((verdict) => `${verdict} ${numberOf(verdict)}`).join(', ')}`,
      ...faults.map(({ name }) => `the SDK ${name} ${numberOf(name)}`),
    ].join('; '),
  )
  for (const words of unexplained.slice(0, MOST_SHOWN)) console.log(`  ${words}`)
  // Two that refuse everything agree as well.
  if (numberOf('exact') === 0) console.log('  not one quote was the same')
  return unexplained.length === 0 && numberOf('exact') > 0
}

function verdictOf({ ours, theirs }: Pair): Verdict {
  if (ours.kind === 'refused') return theirs === null ? 'refused by both' : 'refused by one'
  if (theirs === null) return 'refused by one'
  return ours.amountOut === theirs ? 'exact' : 'different'
}

function wordsOf({ aToB, amountIn, ours, theirs }: Pair): string {
  const own = ours.kind === 'quoted' ? `pays ${ours.amountOut}` : `refuses as ${ours.reason} (${ours.detail})`
  return `${amountIn} ${aToB ? 'a to b' : 'b to a'}: ours ${own}, the SDK ${theirs === null ? 'refuses' : `pays ${theirs}`}`
}
