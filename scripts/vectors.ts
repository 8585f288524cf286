// Checks vectors of on-chain programs against the engine's own quotes and instructions: `npm run vectors -- <file or
// folder>…`. Prints one line per file with its faults below; exit 1 if any amount, refusal or instruction differs, or a file
// is not a vector.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import Type, { type Static } from 'typebox'
import { Errors } from 'typebox/value'
import type { AccountMap, PoolInstruction, ProgramName, Refused, SwapInput } from '../src/dex/pools/pool.ts'
import { type AnyPoolProgram, poolPrograms } from '../src/dex/pools/programs.ts'
import { commandLineWith } from './commandLine.ts'

const Digits = Type.String({ pattern: '^\\d+$' })
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' })
const asked = { aToB: Type.Boolean(), amountIn: Digits }
const Swap = Type.Union([
  Type.Object({ ...asked, amountOut: Digits }),
  Type.Object({ ...asked, error: Type.String() }),
])
const Account = Type.Object({ pubkey: Type.String(), signer: Type.Boolean(), writable: Type.Boolean() })
const Instruction = Type.Object({
  programId: Type.String(),
  accounts: Type.Array(Account),
  data: Base64,
})
const Call = Type.Object({
  ...asked,
  minAmountOut: Digits,
  user: Type.String(),
  userTokenA: Type.String(),
  userTokenB: Type.String(),
  instructions: Type.Array(Instruction),
})
const State = Type.Object({
  clock: Type.Object({ slot: Digits, unixTimestamp: Digits }),
  accounts: Type.Record(Type.String(), Type.Object({ owner: Type.String(), data: Base64 })),
  swaps: Type.Array(Swap, { minItems: 1 }),
  instruction: Type.Union([Call, Type.Null()]),
})
/** The format of `test/vectors/README.md`. Other fields are ignored. */
const Vector = Type.Object({
  venue: Type.String(),
  pool: Type.String(),
  states: Type.Array(State, { minItems: 1 }),
})
type VectorSwap = Static<typeof Swap>
type VectorInstruction = Static<typeof Instruction>
type VectorCall = Static<typeof Call>
type State = Static<typeof State>
type Vector = Static<typeof Vector>

/** The result of one swap or instruction: what it proved, and its faults in words. */
type Verdict = {
  readonly kind: 'exact' | 'wrong' | 'refusedAsProgram' | 'refusedWrongly' | 'sameInstruction' | 'unreadable'
  readonly fault?: string
}

const ABOUT =
  'Checks vectors of on-chain programs against quotes and instructions of the engine; exits 1 if any differs.'

const PROGRAM_OF_VENUE: Readonly<Record<string, ProgramName>> = {
  'raydium-cpmm': 'raydium-cpmm',
  'raydium-ammv4': 'raydium-amm-v4',
  'raydium-clmm': 'raydium-clmm',
  'meteora-dlmm': 'meteora-dlmm',
  'meteora-dammv2': 'meteora-damm-v2',
}

const reasonOf = ({ reason, detail }: Refused): string => `refused as ${reason} (${detail})`

function main(): void {
  const { operands } = commandLineWith('file or folder', ABOUT, {})
  const files = operands.flatMap(vectorFilesAt)
  const all = files.flatMap((file) => {
    const verdicts = verdictsIn(file)
    console.log(`${basename(file)}: ${summaryOf(verdicts)}`)
    for (const line of faultLinesOf(verdicts)) console.log(`  ${line}`)
    return verdicts
  })
  console.log(summaryOf(all))
  process.exitCode = all.some(({ fault }) => fault !== undefined) ? 1 : 0
}

function vectorFilesAt(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => name.endsWith('.json'))
  if (names.length === 0) throw new Error(`${path} holds no vector (*.json)`)
  return names.sort().map((name) => join(path, name))
}

function verdictsIn(file: string): readonly Verdict[] {
  const vector = vectorFrom(readFileSync(file, 'utf8'))
  if (typeof vector === 'string') return [{ kind: 'unreadable', fault: `unreadable: ${vector}` }]
  return verdictsOf(vector)
}

/** The vector, or why the text is not one. */
function vectorFrom(text: string): Vector | string {
  try {
    const vector: Vector = JSON.parse(text)
    const [error] = Errors(Vector, vector)
    return error === undefined ? vector : `${error.instancePath || 'it'} ${error.message}`
  } catch (error) {
    return (error as Error).message
  }
}

/** A refused state yields the same fault for each of its swaps. */
function faultLinesOf(verdicts: readonly Verdict[]): readonly string[] {
  const times = new Map<string, number>()
  for (const { fault } of verdicts) if (fault !== undefined) times.set(fault, (times.get(fault) ?? 0) + 1)
  return [...times].map(([fault, count]) => (count === 1 ? fault : `${fault}, ${count} times`))
}

function summaryOf(verdicts: readonly Verdict[]): string {
  const count = (kind: Verdict['kind']) => verdicts.filter((verdict) => verdict.kind === kind).length
  const unreadable = count('unreadable')
  return [
    `exact ${count('exact')}`,
    `wrong ${count('wrong')}`,
    `refused as the program ${count('refusedAsProgram')}`,
    `refused wrongly ${count('refusedWrongly')}`,
    ...(unreadable === 0 ? [] : [`unreadable ${unreadable}`]),
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
  const isSame = !('amountOut' in swap) && program.errors.get(errorNumberOf(swap.error)) === quote.reason
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

/** The first difference between our instruction and the SDK's, in words. */
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

main()
