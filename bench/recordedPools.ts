// The pools recorded in `test/vectors`, as decoded states with the accounts they were read from.

import { readdirSync, readFileSync } from 'node:fs'
import type { AccountMap, PoolProgram } from '../src/dex/pools/pool.ts'

const VECTORS = new URL('../test/vectors/', import.meta.url)

type Vector = {
  readonly pool: string
  readonly states: readonly {
    readonly clock: { readonly slot: string; readonly unixTimestamp: string }
    readonly accounts: Readonly<Record<string, { readonly owner: string; readonly data: string }>>
  }[]
}

/** The cluster's clock: all of it that a quote depends on. */
export type Moment = { readonly slot: bigint; readonly unixTimestamp: bigint }

/** One pool at one moment: decoded, and as the bytes that every decoder can read. */
export type PoolState<P> = {
  readonly address: string
  readonly accounts: AccountMap
  readonly at: Moment
  readonly pool: P
}

/** Every state of every recorded pool of a program. Throws for one that the program's decoder refuses. */
export function recordedPools<P>(program: PoolProgram<P>): PoolState<P>[] {
  const name = program.name.replace('amm-v4', 'ammv4').replace('damm-v2', 'dammv2')
  const files = readdirSync(VECTORS).filter((file) => file.startsWith(`${name}-`))
  return files.flatMap((file) => {
    const { pool: address, states }: Vector = JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8'))
    return states.map(({ clock, accounts }) => {
      const entries = Object.entries(accounts).map(([key, { owner, data }]) => {
        return [key, { owner, data: new Uint8Array(Buffer.from(data, 'base64')) }] as const
      })
      const at = { slot: BigInt(clock.slot), unixTimestamp: BigInt(clock.unixTimestamp) }
      return stateOf(program, address, new Map(entries), at)
    })
  })
}

/** What the program's decoder reads from these accounts. Throws if it refuses them. */
export function stateOf<P>(
  program: PoolProgram<P>,
  address: string,
  accounts: AccountMap,
  at: Moment,
): PoolState<P> {
  const decoded = program.decode(accounts, address)
  if (decoded.kind === 'refused') throw new Error(`${decoded.reason}: ${decoded.detail}`)
  return { address, accounts, at, pool: decoded.pool }
}
