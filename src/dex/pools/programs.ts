// The on-chain programs whose pools this engine quotes.

import { meteoraDammV2 } from './meteoraDammV2.ts'
import { meteoraDlmm } from './meteoraDlmm.ts'
import type { PoolProgram, ProgramName } from './pool.ts'
import { raydiumAmmV4 } from './raydiumAmmV4.ts'
import { raydiumClmm } from './raydiumClmm.ts'
import { raydiumCpmm } from './raydiumCpmm.ts'

/** A program whose pools are opaque to the holder: only what it decoded itself may be handed back to it. */
export type AnyPoolProgram = PoolProgram<unknown>

const byName: Readonly<Record<ProgramName, AnyPoolProgram>> = {
  'raydium-cpmm': raydiumCpmm,
  'raydium-amm-v4': raydiumAmmV4,
  'raydium-clmm': raydiumClmm,
  'meteora-dlmm': meteoraDlmm,
  'meteora-damm-v2': meteoraDammV2,
}

export const poolPrograms: readonly AnyPoolProgram[] = Object.values(byName)

export const programNamed = (name: ProgramName): AnyPoolProgram => byName[name]
