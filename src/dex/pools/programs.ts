// The on-chain programs whose pools this engine quotes.

import { meteoraDammV2 } from './meteoraDammV2/program.ts'
import { meteoraDlmm } from './meteoraDlmm/program.ts'
import type { PoolProgram, ProgramName } from './pool.ts'
import { raydiumAmmV4 } from './raydiumAmmV4/program.ts'
import { raydiumClmm } from './raydiumClmm/program.ts'
import { raydiumCpmm } from './raydiumCpmm/program.ts'

/** A program with opaque pools: it accepts only pools that it decoded itself. */
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
