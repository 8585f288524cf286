// Owns moments: short on the page, whole in the title, in the zone that was chosen.

import type { JSX } from 'preact'
import { fullTime, shortTime } from '../format.ts'

export function Time({ at }: { readonly at: string }): JSX.Element {
  return (
    <time dateTime={at} title={fullTime(at)}>
      {shortTime(at)}
    </time>
  )
}
