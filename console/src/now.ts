// Owns the present, as ages and time axes show it.

import { signal } from '@preact/signals'

const TICK_MS = 250

/** Milliseconds since 1970, four times a second while the page is seen. */
export const now = signal(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, TICK_MS)
