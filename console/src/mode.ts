// Owns the mode: whether orders trade for real.

import { signal } from '@preact/signals'

/** Null until the engine has said it. */
export const mode = signal<'live' | 'simulated' | null>(null)
