// Owns the list of on-chain programs whose pools this engine quotes, by the venue that runs them.

import { type VenueName, venueNames } from '../../domain/route.ts'
import { meteoraDammV2 } from './meteoraDammV2/program.ts'
import { meteoraDlmm } from './meteoraDlmm/program.ts'
import type { PoolProgram } from './pool.ts'
import { raydiumAmmV4 } from './raydiumAmmV4/program.ts'
import { raydiumClmm } from './raydiumClmm/program.ts'
import { raydiumCpmm } from './raydiumCpmm/program.ts'

/** A program with opaque pools: it accepts only pools that it decoded itself. */
export type AnyPoolProgram = PoolProgram<unknown>

/** A third DEX is a folder per program, its name in `venueNames` and its line here. */
export const venuePrograms: Readonly<Record<VenueName, readonly AnyPoolProgram[]>> = {
  raydium: [raydiumCpmm, raydiumAmmV4, raydiumClmm],
  meteora: [meteoraDlmm, meteoraDammV2],
}

export const poolPrograms: readonly AnyPoolProgram[] = venueNames.flatMap((name) => venuePrograms[name])

const byName: ReadonlyMap<string, AnyPoolProgram> = new Map(
  poolPrograms.map((program) => [program.name, program]),
)

/** Throws where no venue runs a program of this name. */
export function programNamed(name: string): AnyPoolProgram {
  const program = byName.get(name)
  if (program === undefined) throw new Error(`no program is called ${name}`)
  return program
}
