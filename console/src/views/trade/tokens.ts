// Owns the tokens that can be traded: asked for when the view opens, and on while one of the pair is not known yet.

import { effect, signal } from '@preact/signals'
import type { Token } from 'oee-client'
import { call, client } from '../../engine.ts'
import type { Pair } from './model/pair.ts'

export const tokens = signal<readonly Token[]>([])

export const isKnown = (name: string): boolean =>
  tokens.value.some(({ symbol, mint }) => symbol === name || mint === name)

/** Of a sniper; not before the tokens have been read. */
export const isUnlaunched = (name: string): boolean => tokens.value.length > 0 && !isKnown(name)

const AGAIN_MS = 3_000

async function readTokens(): Promise<void> {
  const outcome = await call(client.tokens())
  if ('value' in outcome) tokens.value = outcome.value
}

/** Until the returned function is called. */
export function followTokens(pair: () => Pair): () => void {
  void readTokens()
  return effect(() => {
    const { tokenIn, tokenOut } = pair()
    if (isKnown(tokenIn) && isKnown(tokenOut)) return
    const timer = setInterval(readTokens, AGAIN_MS)
    return () => clearInterval(timer)
  })
}
