// The on-chain programs whose pools this engine quotes.

import { meteoraDammV2 } from './meteoraDammV2.ts'
import { meteoraDlmm } from './meteoraDlmm.ts'
import type { PoolProgram } from './pool.ts'
import { raydiumAmmV4 } from './raydiumAmmV4.ts'
import { raydiumClmm } from './raydiumClmm.ts'
import { raydiumCpmm } from './raydiumCpmm.ts'

/** A program whose pools are opaque to the holder: only what it decoded itself may be handed back to it. */
export type AnyPoolProgram = PoolProgram<unknown>

export const poolPrograms: readonly AnyPoolProgram[] = [
  raydiumCpmm,
  raydiumAmmV4,
  raydiumClmm,
  meteoraDlmm,
  meteoraDammV2,
]
