// Owns how a status looks: a shape first, then a word, then a color.

import type { JSX } from 'preact'
import type { State } from '../orderState.ts'

type Look = { readonly tone: 'soft' | 'flow' | 'good' | 'bad' | 'warn'; readonly shape: JSX.Element }

/** In a box of 12 by 12. */
const LOOKS: Readonly<Record<State, Look>> = {
  pending: { tone: 'soft', shape: <circle cx="6" cy="6" r="4.25" /> },
  resting: {
    tone: 'soft',
    shape: (
      <>
        <circle cx="6" cy="6" r="4.25" />
        <path class="full" d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" />
      </>
    ),
  },
  paused: { tone: 'warn', shape: <path d="M4 2v8M8 2v8" /> },
  routing: { tone: 'flow', shape: <path d="M1 6h4l4-3.5M5 6l4 3.5M11 2.5H9M11 9.5H9" /> },
  building: { tone: 'flow', shape: <rect x="2" y="2" width="8" height="8" /> },
  submitted: { tone: 'flow', shape: <path class="full" d="M2 1.5 11 6l-9 4.5z" /> },
  confirmed: {
    tone: 'good',
    shape: (
      <>
        <circle class="full" cx="6" cy="6" r="5" />
        <path class="cut-out" d="m3.6 6.2 1.7 1.7 3.2-3.6" />
      </>
    ),
  },
  failed: { tone: 'bad', shape: <path d="m2 2 8 8M10 2l-8 8" /> },
  canceled: {
    tone: 'soft',
    shape: (
      <>
        <circle cx="6" cy="6" r="4.25" />
        <path d="m3 9 6-6" />
      </>
    ),
  },
  expired: { tone: 'soft', shape: <path d="M2.5 1.75h7L6 6l3.5 4.25h-7L6 6z" /> },
}

const OTHER: Look = { tone: 'soft', shape: <circle class="full" cx="6" cy="6" r="2" /> }

/** A status that only a newer engine has is a dot with its name. */
const lookOf = (state: string): Look => LOOKS[state as State] ?? OTHER

export const toneOf = (state: string): Look['tone'] => lookOf(state).tone

type MarkProps = {
  readonly state: string
  readonly size?: number
  /** Where it stands in a drawing. */
  readonly x?: number
  readonly y?: number
}

export function StatusMark({ state, size = 12, x, y }: MarkProps): JSX.Element {
  const { tone, shape } = lookOf(state)
  return (
    <svg class={`mark ${tone}`} viewBox="0 0 12 12" x={x} y={y} width={size} height={size} aria-hidden="true">
      {shape}
    </svg>
  )
}

export function Status({
  state,
  size = 12,
}: {
  readonly state: string
  readonly size?: number
}): JSX.Element {
  return (
    <span class={`status ${toneOf(state)}`}>
      <StatusMark state={state} size={size} />
      {state}
    </span>
  )
}
