// Owns what the ticket remembers: in this browser the pairs chosen last, in this tab the order placed last.

import { signal } from '@preact/signals'
import { kept } from '../../../settings.ts'
import type { Form } from '../model/form.ts'
import { type Pair, readRecent, withRecent } from '../model/pair.ts'

export const recentPairs = kept<readonly Pair[]>('recentPairs', [], readRecent)

export function noteRecent(pair: Pair): void {
  recentPairs.value = withRecent(recentPairs.peek(), pair)
}

const LAST = 'oee.lastOrder'

function readForm(): Form | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(LAST) ?? 'null')
    return typeof value === 'object' ? (value as Form | null) : null
  } catch {
    return null
  }
}

/** The terms of the order that was placed last. */
export const lastForm = signal<Form | null>(readForm())
lastForm.subscribe((form) => {
  try {
    if (form !== null) sessionStorage.setItem(LAST, JSON.stringify(form))
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
})
