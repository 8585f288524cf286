// Owns the tokens that can be traded, asked for once and again when one is not known.

import { signal } from '@preact/signals'
import type { Token } from 'oee-client'
import { call, client } from '../../engine.ts'

export const tokens = signal<readonly Token[]>([])

export async function readTokens(): Promise<void> {
  const outcome = await call(client.tokens())
  if ('value' in outcome) tokens.value = outcome.value
}
