// Owns the location: which view is shown and in what state, all of it in the URL behind the #, so that a link shows the same.

import { computed, effect, signal } from '@preact/signals'

export const views = ['trade', 'blotter', 'order', 'portfolio', 'market', 'system'] as const
export type ViewName = (typeof views)[number]

export const viewTitles: Readonly<Record<ViewName, string>> = {
  trade: 'Trade',
  blotter: 'Orders',
  order: 'Order',
  portfolio: 'Portfolio',
  market: 'Market',
  system: 'System',
}

/** What a view keeps in the URL: names and texts. */
export type Params = Readonly<Record<string, string | undefined>>

const hash = signal(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})

const words = computed(() => hash.value.replace(/^#\/?/, '').split('?'))

/** The view that is shown; the blotter where the URL names none. */
export const view = computed<ViewName>(() => views.find((name) => name === words.value[0]) ?? 'blotter')
export const params = computed(() => new URLSearchParams(words.value[1] ?? ''))

/** A link to a view, for `href`. What is undefined or empty is left out. */
export function linkTo(name: ViewName, given: Params = {}): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined && value !== '') query.set(key, value)
  }
  const text = query.toString()
  return text === '' ? `#/${name}` : `#/${name}?${text}`
}

/** Shows a view, as a new step of the browser's history. */
export function go(name: ViewName, given: Params = {}): void {
  location.hash = linkTo(name, given)
  // Its event comes later, and until then the view that is left would write its state over the address.
  hash.value = location.hash
}

const left = new Map<ViewName, Params>()
effect(() => {
  left.set(view.value, Object.fromEntries(params.value))
})

/** Shows a view as it was left, as a new step of the history. */
export const goBackTo = (name: ViewName): void => go(name, left.get(name))

/** Changes the state of the view that is shown, without a step of the history; undefined or empty takes a name away. */
export function setParams(changes: Params): void {
  const next = { ...Object.fromEntries(params.value), ...changes }
  const link = linkTo(view.value, next)
  // The view may have been left by a link or a step back, of which the event is still to come.
  if (link === hash.value || location.hash !== hash.value) return
  history.replaceState(null, '', link)
  hash.value = location.hash
}
