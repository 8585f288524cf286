// Owns figures in a column: their points stand under each other.

import type { ComponentChildren, JSX } from 'preact'
import { amount } from '../format.ts'
import './sheet.css'

type Props = {
  /** A decimal; the whole of it is in the title. */
  readonly value: string
  /** Places shown, up to 6. */
  readonly decimals?: number
  readonly unit?: ComponentChildren
}

export function Points({ value, decimals = 6, unit }: Props): JSX.Element {
  const [whole, places] = amount(value, decimals).split('.')
  return (
    <span class="points" title={value}>
      <span class="points-whole">{whole}</span>
      <span class="points-places">{places === undefined ? '' : `.${places}`}</span>
      {unit === undefined ? null : <span class="points-unit">{unit}</span>}
    </span>
  )
}
