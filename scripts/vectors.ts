// Checks vectors of on-chain programs against the engine's own quotes and instructions: `npm run vectors -- <file or
// folder>…`. Prints one line a file and the faults below it; exit 1 if any amount, refusal or instruction differs.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AccountMap, PoolInstruction, ProgramName, Refused, SwapInput } from '../src/dex/pools/pool.ts'
import { type AnyPoolProgram, poolPrograms } from '../src/dex/pools/programs.ts'

type VectorSwap = { readonly aToB: boolean; readonly amountIn: string } & (
  | { readonly amountOut: string }
  | { readonly error: string }
)
type VectorInstruction = Pick<PoolInstruction, 'programId' | 'accounts'> & { readonly data: string }
type VectorCall = {
  readonly aToB: boolean
  readonly amountIn: string
  readonly minAmountOut: string
  readonly user: string
  readonly userTokenA: string
  readonly userTokenB: string
  readonly instructions: readonly VectorInstruction[]
}
type State = {
  readonly clock: { readonly slot: string; readonly unixTimestamp: string }
  readonly accounts: Readonly<Record<string, { readonly owner: string; readonly data: string }>>
  readonly swaps: readonly VectorSwap[]
  readonly instruction: VectorCall | null
}
type Vector = { readonly venue: string; readonly pool: string; readonly states: readonly State[] }

/** What one swap or instruction proved, and what is wrong with it, in words. */
type Verdict = {
  readonly kind: 'exact' | 'wrong' | 'refusedAsProgram' | 'refusedWrongly' | 'sameInstruction'
  readonly fault?: string
}

const PROGRAM_OF_VENUE: Readonly<Record<string, ProgramName>> = {
  'raydium-cpmm': 'raydium-cpmm',
  'raydium-ammv4': 'raydium-amm-v4',
  'raydium-clmm': 'raydium-clmm',
  'meteora-dlmm': 'meteora-dlmm',
  'meteora-dammv2': 'meteora-damm-v2',
}

main(process.argv.slice(2))

function main(paths: readonly string[]): void {
  const files = paths.flatMap(vectorFilesAt)
  if (files.length === 0) {
    console.error('usage: npm run vectors -- <file or folder>…')
    process.exit(1)
  }
  const all = files.flatMap((file) => {
    const verdicts = verdictsOf(JSON.parse(readFileSync(file, 'utf8')))
    console.log(`${basename(file)}: ${summaryOf(verdicts)}`)
    for (const { fault } of verdicts) if (fault !== undefined) console.log(`  ${fault}`)
    return verdicts
  })
  console.log(summaryOf(all))
  process.exit(all.some(({ fault }) => fault !== undefined) ? 1 : 0)
}

function vectorFilesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
}

function summaryOf(verdicts: readonly Verdict[]): string {
  const count = (kind: Verdict['kind']) => verdicts.filter((verdict) => verdict.kind === kind).length
  return [
    `exact ${count('exact')}`,
    `wrong ${count('wrong')}`,
    `refused as the program ${count('refusedAsProgram')}`,
    `refused wrongly ${count('refusedWrongly')}`,
  ].join(', ')
}

function verdictsOf({ venue, pool: address, states }: Vector): readonly Verdict[] {
  const program = poolPrograms.find(({ name }) => name === PROGRAM_OF_VENUE[venue])
  return states.flatMap((state, index) => {
    const decoded = program?.decode(accountsOf(state), address)
    if (program === undefined || decoded === undefined || decoded.kind === 'refused') {
      const why = decoded?.kind === 'refused' ? reasonOf(decoded) : `no program for venue ${venue}`
      const asked = [...state.swaps, ...(state.instruction === null ? [] : [state.instruction])]
      return asked.map(() => ({ kind: 'refusedWrongly', fault: `state ${index}: ${why}` }))
    }
    const swaps = state.swaps.map((swap) => swapVerdict(program, decoded.pool, state, swap))
    const { instruction } = state
    const verdicts =
      instruction === null ? swaps : [...swaps, callVerdict(program, decoded.pool, state, instruction)]
    return verdicts.map(({ kind, fault }) =>
      fault === undefined ? { kind } : { kind, fault: `state ${index}, ${fault}` },
    )
  })
}

function swapVerdict(program: AnyPoolProgram, pool: unknown, state: State, swap: VectorSwap): Verdict {
  const quote = program.quoteExactIn(pool, inputOf(state, swap))
  const truth = 'amountOut' in swap ? `pays ${swap.amountOut}` : `fails with ${swap.error}`
  const asked = `${swap.amountIn} ${swap.aToB ? 'a to b' : 'b to a'}`
  if (quote.kind === 'quoted') {
    const isExact = 'amountOut' in swap && swap.amountOut === `${quote.amountOut}`
    if (isExact) return { kind: 'exact' }
    return { kind: 'wrong', fault: `${asked}: quoted ${quote.amountOut}, the program ${truth}` }
  }
  const isSame = 'error' in swap && program.errors.get(errorNumberOf(swap.error)) === quote.reason
  if (isSame) return { kind: 'refusedAsProgram' }
  return { kind: 'refusedWrongly', fault: `${asked}: ${reasonOf(quote)}, the program ${truth}` }
}

function callVerdict(program: AnyPoolProgram, pool: unknown, state: State, call: VectorCall): Verdict {
  const { minAmountOut, user, userTokenA, userTokenB, instructions } = call
  const theirs = instructions.find(({ programId }) => programId === program.programId)
  const ours = program.swapInstruction(pool, {
    ...inputOf(state, call),
    minAmountOut: BigInt(minAmountOut),
    user,
    userTokenA,
    userTokenB,
  })
  const difference = differenceOf(ours, theirs)
  if (difference === null) return { kind: 'sameInstruction' }
  return { kind: 'wrong', fault: `instruction: ${difference}` }
}

/** The first thing in which our instruction is not the SDK's, in words. */
function differenceOf(ours: PoolInstruction | Refused, theirs: VectorInstruction | undefined): string | null {
  if ('reason' in ours) return reasonOf(ours)
  if (theirs === undefined) return 'the vector has none of this program'
  const data = Buffer.from(ours.data).toString('base64')
  if (data !== theirs.data) return `data ${data}, not ${theirs.data}`
  const [own, sdk] = [ours, theirs].map(({ accounts }) =>
    accounts.map(
      ({ pubkey, signer, writable }) => `${pubkey}${signer ? ' signer' : ''}${writable ? ' writable' : ''}`,
    ),
  ) as [string[], string[]]
  const length = Math.max(own.length, sdk.length)
  const at = Array.from({ length }, (_, i) => i).find((i) => own[i] !== sdk[i])
  return at === undefined ? null : `account ${at} is ${own[at] ?? 'absent'}, not ${sdk[at] ?? 'absent'}`
}

const reasonOf = ({ reason, detail }: Refused): string => `refused as ${reason} (${detail})`

function accountsOf({ accounts }: State): AccountMap {
  return new Map(
    Object.entries(accounts).map(([address, { owner, data }]) => [
      address,
      { owner, data: new Uint8Array(Buffer.from(data, 'base64')) },
    ]),
  )
}

function inputOf({ clock }: State, { aToB, amountIn }: Pick<VectorSwap, 'aToB' | 'amountIn'>): SwapInput {
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
