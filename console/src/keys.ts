// Owns the keyboard: which keys do what where the page is, so that they can be listed, found and pressed.

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

export type Act = {
  /** As on the keyboard: `x`, `Shift+X`, `Ctrl+K`, `Ctrl+Enter`, `g o` (one after the other). Absent: only the palette has it. */
  readonly keys?: string
  readonly label: string
  run(): void
  /** Also while a field has the focus. */
  readonly inFields?: true
}

export type Acts = { readonly title: string; readonly acts: readonly Act[] }

/** What can be done now, the view's own last. */
export const registered = signal<readonly Acts[]>([])

/** Adds acts for as long as the component is there. Memoize `acts`, or they are added anew with each render. */
export function useActs(title: string, acts: readonly Act[]): void {
  useEffect(() => {
    const own = { title, acts }
    registered.value = [...registered.value, own]
    return () => {
      registered.value = registered.value.filter((each) => each !== own)
    }
  }, [title, acts])
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** What has the focus takes these keys itself, by themselves: with Ctrl they are the page's. */
const isPressed = ({ target, key, ctrlKey, metaKey }: KeyboardEvent) =>
  (key === 'Enter' || key === ' ') &&
  !(ctrlKey || metaKey) &&
  target instanceof HTMLElement &&
  target.closest('button, a[href], summary') !== null

function nameOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string {
  const isLetter = /^[a-z]$/i.test(key)
  // Of other characters Shift is part of the character itself: `?`.
  const shift = shiftKey && (isLetter || key.length > 1) ? 'Shift+' : ''
  return `${ctrlKey || metaKey ? 'Ctrl+' : ''}${altKey ? 'Alt+' : ''}${shift}${isLetter && !shiftKey ? key.toLowerCase() : isLetter ? key.toUpperCase() : key}`
}

const sameKeys = (written: string, pressed: string) =>
  written.replace(/^Ctrl\+([a-z])$/i, (_, letter: string) => `Ctrl+${letter.toLowerCase()}`) === pressed

const SEQUENCE_MS = 1_000
let first = { name: '', at: 0 }

/** The newest acts win. */
function actFor(pressed: string, inField: boolean) {
  return registered.value
    .toReversed()
    .flatMap(({ acts }) => acts)
    .find(
      ({ keys = '', inFields }) =>
        (keys === pressed || sameKeys(keys, pressed)) && (inFields === true || !inField),
    )
}

/** To be called once. */
export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || event.key === 'Shift') return
    if (isPressed(event)) return
    // A dialog has its own keys. Those of what is behind it rest, in its fields too: Ctrl Enter would place the ticket's order.
    if (document.querySelector('dialog[open]') !== null) return
    const inField = isField(event.target)
    const name = nameOf(event)
    const sequence = event.timeStamp - first.at < SEQUENCE_MS ? `${first.name} ${name}` : name
    first = { name, at: inField ? 0 : event.timeStamp }
    // Two keys that belong together mean more than the second alone.
    for (const pressed of sequence === name ? [name] : [sequence, name]) {
      const act = actFor(pressed, inField)
      if (act === undefined) continue
      event.preventDefault()
      first = { name: '', at: 0 }
      act.run()
      return
    }
  })
}
