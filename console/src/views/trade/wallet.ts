// Owns what the wallet holds, as of a few seconds ago at most.

import { effect, signal } from '@preact/signals'
import type { Wallet } from 'oee-client'
import { call, client, isConnected } from '../../engine.ts'
import { countOf, revision } from '../../orders.ts'
import { shareOf } from './model/decimal.ts'
import { tokens } from './tokens.ts'

const AGAIN_MS = 5_000
/** Several fills at once are one reason to look. */
const AFTER_FILL_MS = 300

/** Null until it is known, and for a key that may not see it. */
const wallet = signal<Wallet | null>(null)

export type Balance = {
  /** What is not reserved by orders that wait. */
  readonly free: string
  readonly freeBase: string
  readonly decimals: number
}

export function balanceOf(symbol: string): Balance | null {
  const token = tokens.value.find((each) => each.symbol === symbol)
  if (wallet.value === null || token === undefined) return null
  const held = wallet.value.balances.find(({ mint }) => mint === token.mint)
  const freeBase = BigInt(held?.amountBase ?? 0) - BigInt(held?.reservedBase ?? 0)
  const atLeastNone = (freeBase < 0n ? 0n : freeBase).toString()
  return {
    free: shareOf(atLeastNone, 10_000, token.decimals),
    freeBase: atLeastNone,
    decimals: token.decimals,
  }
}

/** Looks now, then now and then and after each fill, until the returned function is called. */
export function followWallet(): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined
  async function look(): Promise<void> {
    if (document.hidden || !isConnected.peek()) return
    const outcome = await call(client.wallet())
    if ('value' in outcome) wallet.value = outcome.value
  }
  void look()
  const timer = setInterval(look, AGAIN_MS)
  let filled = countOf('confirmed')
  const unfollow = effect(() => {
    revision.value
    if (countOf('confirmed') === filled) return
    filled = countOf('confirmed')
    clearTimeout(soon)
    soon = setTimeout(look, AFTER_FILL_MS)
  })
  return () => {
    clearTimeout(soon)
    clearInterval(timer)
    unfollow()
  }
}
