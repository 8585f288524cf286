// Owns pools as they are listed: which program and tokens each has, and its state at a slot.

import type { Token } from '../../domain/token.ts'
import type { ProgramName } from './pool.ts'

/** A pool and its two tokens; only its program reads its state. */
export type ListedPool = {
  readonly program: ProgramName
  readonly address: string
  readonly tokenA: Token
  readonly tokenB: Token
  /** The fee it was listed with, in parts per million; some programs add to it when prices move. */
  readonly feePpm: number
  readonly state: unknown
}

/** Pools by address, as they were at a slot. */
export type PoolsView = { readonly slot: number; readonly pools: ReadonlyMap<string, ListedPool> }
