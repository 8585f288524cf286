// Owns how the circuit breaker of a venue looks: a shape, a word, then a color.

import type { JSX } from 'preact'

const LOOKS: Readonly<Record<string, readonly [tone: string, word: string, path: string]>> = {
  closed: ['good', 'closed', 'M1 6h10'],
  half_open: ['warn', 'half open', 'M1 6h4l4-3'],
  open: ['bad', 'open', 'M1 6h3l4-4.5M9 6h2'],
}

export function Breaker({ state }: { readonly state: string }): JSX.Element {
  const [tone, word, path] = LOOKS[state] ?? ['soft', state, 'M5 6h2']
  return (
    <span class={`status ${tone}`}>
      <svg class={`mark ${tone}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <path d={path} />
      </svg>
      {word}
    </span>
  )
}
