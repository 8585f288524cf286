// Owns a figure of a summary: what it is, its value, and what the value is worth.

import type { ComponentChildren, JSX } from 'preact'
import './sheet.css'

type Props = {
  readonly label: string
  readonly value: ComponentChildren
  readonly note?: ComponentChildren
  readonly tone?: 'good' | 'warn' | 'bad'
}

export function Figure({ label, value, note = '', tone }: Props): JSX.Element {
  return (
    <div class="figure">
      <span class="label">{label}</span>
      <span class={`figure-value ${tone ?? ''}`}>{value}</span>
      <span class="figure-note">{note}</span>
    </div>
  )
}
