// Owns gathering the evidence about a launched token: its mint, its pools, and what a sale of it would return.

import type { MintInfo, Mints, PoolOrigin } from '../domain/ports/mints.ts'
import type { Route } from '../domain/route.ts'
import type { SniperSpec } from '../domain/spec.ts'
import type { Token } from '../domain/token.ts'
import type { Evidence, TrialSale } from '../domain/triggers/launch.ts'

/** What the chain says of a token, whichever order asks; null where its mint is not there yet. */
type Known = { readonly mint: MintInfo; readonly origins: readonly PoolOrigin[] } | null

/** Null where the mint is not there; rejects when it cannot be read. `route`: null where nothing can be bought. */
export type EvidenceOf = (
  spec: SniperSpec,
  token: Token,
  slot: number,
  route: Route | null,
) => Promise<Evidence | null>

export function createEvidence(mints: Mints): EvidenceOf {
  /** Orders for one token that look in one slot share what they read. */
  let shared = { slot: -1, tokens: new Map<string, Promise<Known>>() }

  function knownOf(mint: string, slot: number): Promise<Known> {
    if (shared.slot !== slot) shared = { slot, tokens: new Map() }
    const { tokens } = shared
    const asked = tokens.get(mint) ?? readKnown(mint, mints)
    tokens.set(mint, asked)
    // What is not there may come within the slot, and a fault may pass.
    const forget = () => tokens.delete(mint)
    asked.then((known) => known === null && forget(), forget)
    return asked
  }

  return async (spec, token, slot, route) => {
    const known = await knownOf(token.mint, slot)
    if (known === null) return null
    const sales = await salesOf(route, spec.tokenOut.mint, mints)
    return { slot, token, ...known, amountOut: route?.amountOut ?? null, sales }
  }
}

async function readKnown(mint: string, mints: Mints): Promise<Known> {
  const [info, origins] = await Promise.all([mints.mintInfo(mint), mints.poolOrigins(mint)])
  return info === null ? null : { mint: info, origins }
}

/** A sale of what each last leg of the route buys, in the pool of that leg. */
const salesOf = (route: Route | null, mint: string, mints: Mints): Promise<TrialSale[]> =>
  Promise.all(
    (route?.legs ?? [])
      .filter(({ tokenOut }) => tokenOut.mint === mint)
      .map(async ({ pool, amountIn, amountOut }) => {
        const outcome = await mints.trySale(mint, pool, amountOut).catch(() => null)
        return { pool, spent: amountIn, outcome }
      }),
  )
