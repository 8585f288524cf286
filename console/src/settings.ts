// Owns what a person has chosen for this browser: theme, time zone, saved views. Kept in localStorage where there is one.

import { effect, signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'
export type Zone = 'utc' | 'local'
export type SavedView = { readonly name: string; readonly query: string }

const PREFIX = 'oee.'

/** Undefined for what is absent or no JSON. */
function load(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

function store(name: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // A browser that keeps nothing: the choice holds for this page.
  }
}

/** A choice that outlives the page. `read` returns undefined for what is none. */
export function kept<T>(name: string, absent: T, read: (value: unknown) => T | undefined) {
  const choice = signal<T>(read(load(name)) ?? absent)
  choice.subscribe((value) => {
    if (value !== absent || load(name) !== undefined) store(name, value)
  })
  return choice
}

const oneOf =
  <T extends string>(...all: readonly T[]) =>
  (value: unknown): T | undefined =>
    all.find((each) => each === value)

export const theme = kept<Theme>('theme', 'system', oneOf('system', 'light', 'dark'))
export const zone = kept<Zone>('zone', 'utc', oneOf('utc', 'local'))

/** At most 20, as links: name and query of the blotter. */
export const savedViews = kept<readonly SavedView[]>('views', [], (value) =>
  Array.isArray(value)
    ? value.filter((each) => typeof each?.name === 'string' && typeof each?.query === 'string').slice(0, 20)
    : undefined,
)

effect(() => {
  const { dataset } = document.documentElement
  if (theme.value === 'system') delete dataset.theme
  else dataset.theme = theme.value
})
