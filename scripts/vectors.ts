// Checks vectors of on-chain programs against the engine's own mathematics and instructions: `npm run vectors -- <file
// or folder>…`. One line a file; exit 1 if any amount, refusal or instruction differs.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AccountMap } from '../src/dex/pools/accounts.ts'
import type { PoolInstruction, ProgramName, SwapInput } from '../src/dex/pools/pool.ts'
import { type AnyPoolProgram, poolPrograms } from '../src/dex/pools/programs.ts'

type Instruction = {
  readonly programId: string
  readonly accounts: readonly {
    readonly pubkey: string
    readonly signer: boolean
    readonly writable: boolean
  }[]
  readonly data: string
}

type State = {
  readonly clock: { readonly slot: string; readonly unixTimestamp: string }
  readonly accounts: Readonly<Record<string, { readonly owner: string; readonly data: string }>>
  readonly swaps: readonly ({ readonly aToB: boolean; readonly amountIn: string } & (
    | { readonly amountOut: string }
    | { readonly error: string }
  ))[]
  readonly instruction: {
    readonly aToB: boolean
    readonly amountIn: string
    readonly minAmountOut: string
    readonly user: string
    readonly userTokenA: string
    readonly userTokenB: string
    readonly instructions: readonly Instruction[]
  } | null
}

type Vector = { readonly venue: string; readonly pool: string; readonly states: readonly State[] }

/** What came of the swaps of one file: `faults` says in words what is wrong, for people. */
type Tally = {
  exact: number
  wrong: number
  refusedAsProgram: number
  refusedWrongly: number
  instructions: number
  readonly faults: string[]
}

const PROGRAM_OF_VENUE: Readonly<Record<string, ProgramName>> = {
  'raydium-cpmm': 'raydium-cpmm',
  'raydium-ammv4': 'raydium-amm-v4',
  'raydium-clmm': 'raydium-clmm',
  'meteora-dlmm': 'meteora-dlmm',
  'meteora-dammv2': 'meteora-damm-v2',
}

const noTally = (): Tally => ({
  exact: 0,
  wrong: 0,
  refusedAsProgram: 0,
  refusedWrongly: 0,
  instructions: 0,
  faults: [],
})

main(process.argv.slice(2))

function main(paths: readonly string[]): void {
  const files = paths.flatMap(vectorFilesAt)
  if (files.length === 0) {
    console.error('usage: npm run vectors -- <file or folder>…')
    process.exit(1)
  }
  const total = noTally()
  for (const file of files) {
    const tally = noTally()
    const vector: Vector = JSON.parse(readFileSync(file, 'utf8'))
    const program = poolPrograms.find(({ name }) => name === PROGRAM_OF_VENUE[vector.venue])
    if (program === undefined) {
      console.log(`${basename(file)}: skipped, no program for venue ${vector.venue}`)
      continue
    }
    checkVector(program, vector, tally)
    console.log(`${basename(file)}: ${summaryOf(tally)}, instructions ${tally.instructions}`)
    for (const fault of tally.faults) console.log(`  ${fault}`)
    total.exact += tally.exact
    total.wrong += tally.wrong
    total.refusedAsProgram += tally.refusedAsProgram
    total.refusedWrongly += tally.refusedWrongly
  }
  console.log(summaryOf(total))
  process.exit(total.wrong + total.refusedWrongly === 0 ? 0 : 1)
}

function vectorFilesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
}

function summaryOf({ exact, wrong, refusedAsProgram, refusedWrongly }: Tally): string {
  return `exact ${exact}, wrong ${wrong}, refused as the program ${refusedAsProgram}, refused wrongly ${refusedWrongly}`
}

function checkVector(program: AnyPoolProgram, vector: Vector, tally: Tally): void {
  for (const [index, state] of vector.states.entries()) {
    const decoded = program.decode(accountsOf(state), vector.pool)
    if (decoded.kind === 'refused') {
      tally.refusedWrongly += state.swaps.length
      tally.faults.push(`state ${index}: ${decoded.reason}: ${decoded.detail}`)
      continue
    }
    for (const swap of state.swaps) checkSwap(program, decoded.pool, index, state, swap, tally)
    if (state.instruction !== null) {
      checkInstruction(program, decoded.pool, index, state, state.instruction, tally)
    }
  }
}

function checkSwap(
  program: AnyPoolProgram,
  pool: unknown,
  index: number,
  state: State,
  swap: State['swaps'][number],
  tally: Tally,
): void {
  const quote = program.quoteExactIn(pool, inputOf(state, swap.aToB, swap.amountIn))
  const name = `state ${index}, ${swap.amountIn} ${swap.aToB ? 'a to b' : 'b to a'}`
  if (quote.kind === 'quoted') {
    const truth = 'amountOut' in swap ? swap.amountOut : swap.error
    if (`${quote.amountOut}` === truth) {
      tally.exact++
      return
    }
    tally.wrong++
    tally.faults.push(`${name}: quoted ${quote.amountOut}, the program says ${truth}`)
    return
  }
  if ('error' in swap && program.errors.get(errorNumberOf(swap.error)) === quote.reason) {
    tally.refusedAsProgram++
    return
  }
  tally.refusedWrongly++
  const truth = 'amountOut' in swap ? `pays ${swap.amountOut}` : `fails with ${swap.error}`
  tally.faults.push(`${name}: refused as ${quote.reason} (${quote.detail}), the program ${truth}`)
}

function checkInstruction(
  program: AnyPoolProgram,
  pool: unknown,
  index: number,
  state: State,
  expected: NonNullable<State['instruction']>,
  tally: Tally,
): void {
  const { aToB, amountIn, minAmountOut, user, userTokenA, userTokenB, instructions } = expected
  const theirs = instructions.find(({ programId }) => programId === program.programId)
  const ours = program.swapInstruction(pool, {
    ...inputOf(state, aToB, amountIn),
    minAmountOut: BigInt(minAmountOut),
    user,
    userTokenA,
    userTokenB,
  })
  const difference = differenceOf(ours, theirs)
  tally.instructions++
  if (difference === null) return
  tally.wrong++
  tally.faults.push(`state ${index}, instruction: ${difference}`)
}

/** The first thing that differs between our instruction and the SDK's, in words; null when they are identical. */
function differenceOf(
  ours: ReturnType<AnyPoolProgram['swapInstruction']>,
  theirs: Instruction | undefined,
): string | null {
  if ('reason' in ours) return `refused as ${ours.reason} (${ours.detail})`
  if (theirs === undefined) return 'the vector has none of this program'
  const data = Buffer.from(ours.data).toString('base64')
  if (data !== theirs.data) return `data ${data}, not ${theirs.data}`
  const [own, sdk] = [accountLines(ours), accountLines(theirs)]
  const at = Array.from({ length: Math.max(own.length, sdk.length) }, (_, i) => i).find(
    (i) => own[i] !== sdk[i],
  )
  return at === undefined ? null : `account ${at} is ${own[at] ?? 'absent'}, not ${sdk[at] ?? 'absent'}`
}

function accountLines({ accounts }: Pick<PoolInstruction, 'accounts'>): readonly string[] {
  return accounts.map(
    ({ pubkey, signer, writable }) => `${pubkey}${signer ? ' signer' : ''}${writable ? ' writable' : ''}`,
  )
}

function accountsOf(state: State): AccountMap {
  return new Map(
    Object.entries(state.accounts).map(([address, { owner, data }]) => [
      address,
      { owner, data: new Uint8Array(Buffer.from(data, 'base64')) },
    ]),
  )
}

function inputOf({ clock }: State, aToB: boolean, amountIn: string): SwapInput {
  return {
    aToB,
    amountIn: BigInt(amountIn),
    slot: BigInt(clock.slot),
    unixTimestamp: BigInt(clock.unixTimestamp),
  }
}

/** The number in `{"InstructionError":[1,{"Custom":6019}]}`; NaN for any other error. */
function errorNumberOf(error: string): number {
  return Number(/"Custom":(\d+)/.exec(error)?.[1])
}
