// Owns how outcomes of acts are shown: above everything, in one corner, announced.

import type { JSX } from 'preact'
import { Problem } from '../parts/Problem.tsx'
import { dismiss, toasts } from '../toasts.ts'

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" aria-live="polite">
      {toasts.value.map(({ id, kind, text, message }) => (
        <div key={id} class={`toast ${kind}`}>
          <p>
            <strong>{text}</strong>
          </p>
          {message === undefined ? null : <Problem message={message} />}
          <button type="button" class="bare toast-close" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ✕
          </button>
        </div>
      ))}
    </div>
  )
}
