// Owns the sign of the engine, as the page at /docs has it.

import type { JSX } from 'preact'

export function Icon(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b7a75" />
      <path
        d="M6 21h7l6-10h7M21 6l5 5-5 5M6 11h5l2 3M18 19l1 2h7"
        fill="none"
        stroke="#fff"
        stroke-width="2.6"
        stroke-linejoin="round"
      />
    </svg>
  )
}
