// `npm run bench:quotes`: exact quotes a second on one core, for each program, on recorded pools, by how much of the pool
// a swap crosses; then how fast routes are found. `cold` decodes nothing but quotes a pool that was never quoted before.
import { readdirSync, readFileSync } from 'node:fs'
import type { AnyPoolProgram } from '../src/dex/pools/programs.ts'
import { poolPrograms } from '../src/dex/pools/programs.ts'

const VECTORS = new URL('../test/vectors/', import.meta.url)
const SLICE_MS = 150
const SLICES = 7

type Vector = {
  readonly pool: string
  readonly states: readonly {
    readonly clock: { readonly slot: string; readonly unixTimestamp: string }
    readonly accounts: Readonly<Record<string, { readonly owner: string; readonly data: string }>>
  }[]
}
type Case = {
  readonly state: unknown
  readonly at: { readonly slot: bigint; readonly unixTimestamp: bigint }
}

/** Every state of every recorded pool of a program. */
function casesOf(program: AnyPoolProgram): Case[] {
  const name = program.name.replace('amm-v4', 'ammv4').replace('damm-v2', 'dammv2')
  const files = readdirSync(VECTORS).filter((file) => file.startsWith(`${name}-`))
  return files.flatMap((file) => {
    const { pool, states }: Vector = JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8'))
    return states.flatMap(({ clock, accounts }) => {
      const entries = Object.entries(accounts).map(([address, { owner, data }]) => {
        return [address, { owner, data: new Uint8Array(Buffer.from(data, 'base64')) }] as const
      })
      const decoded = program.decode(new Map(entries), pool)
      const at = { slot: BigInt(clock.slot), unixTimestamp: BigInt(clock.unixTimestamp) }
      return decoded.kind === 'decoded' ? [{ state: decoded.pool, at }] : []
    })
  })
}

/** The amount that fills so many stretches and half of the next; null where the pool has fewer. */
function amountCrossing(program: AnyPoolProgram, { state, at }: Case, crossings: number): bigint | null {
  let amount = 0
  let left = crossings
  for (const { capIn } of program.segments(state, { aToB: true, ...at })) {
    // A pool of one stretch is quoted for a thousandth of what it could take.
    if (left === 0) return BigInt(Math.max(1, Math.floor(amount + Math.min(capIn / 2, 1e12))))
    amount += capIn
    left -= 1
  }
  return null
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

function perSecond(quote: () => void): number {
  const rates = Array.from({ length: SLICES }, () => {
    const startedAt = performance.now()
    let count = 0
    while (performance.now() - startedAt < SLICE_MS) {
      for (let i = 0; i < 200; i += 1) quote()
      count += 200
    }
    return (1_000 * count) / (performance.now() - startedAt)
  })
  return Math.round(median(rates))
}

const crossingsOf: Readonly<Record<string, readonly number[]>> = {
  'raydium-clmm': [0, 3, 20],
  'meteora-dlmm': [1, 10, 60],
}
const rows = poolPrograms.flatMap((program) =>
  (crossingsOf[program.name] ?? [0]).map((crossings) => {
    const cases = casesOf(program)
    for (const each of cases) {
      const amountIn = amountCrossing(program, each, crossings)
      if (amountIn === null) continue
      const input = { aToB: true, amountIn, ...each.at }
      if (program.quoteExactIn(each.state, input).kind === 'refused') continue
      const known = perSecond(() => program.quoteExactIn(each.state, input))
      const cold = perSecond(() => program.quoteExactIn({ ...(each.state as object) }, input))
      return { program: program.name, crossings, 'quotes/s': known, 'quotes/s, cold': cold }
    }
    return {
      program: program.name,
      crossings,
      'quotes/s': 'no recorded pool is so wide',
      'quotes/s, cold': '',
    }
  }),
)
console.table(rows)
await import('./routes.ts')
