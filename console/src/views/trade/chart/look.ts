// Owns the colors of the canvas: those of the page, and anew when the theme changes.

import { effect } from '@preact/signals'
import { theme } from '../../../settings.ts'
import type { Look } from './priceChart.ts'

const tokens = ['ink', 'soft', 'line', 'paper', 'brand', 'flow'] as const

/** The tokens are written for both themes at once: only an element that has them knows which holds. */
export function lookOf(container: HTMLElement): Look {
  const probe = container.appendChild(document.createElement('span'))
  // Forced colors make one color of all: a canvas is not forced, and would be blank.
  probe.style.setProperty('forced-color-adjust', 'none')
  const color = (name: string) => {
    probe.style.setProperty('color', `var(--${name})`)
    return getComputedStyle(probe).color
  }
  const colors = Object.fromEntries(tokens.map((name) => [name, color(name)])) as Omit<Look, 'font'>
  const font = getComputedStyle(container).fontFamily
  probe.remove()
  return { ...colors, font }
}

/** Calls `onChange` when the page changes its theme, until the returned function is called. */
export function followTheme(onChange: () => void): () => void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', onChange)
  const stop = effect(() => {
    theme.value
    // The page takes the theme on in an effect of its own.
    queueMicrotask(onChange)
  })
  return () => {
    dark.removeEventListener('change', onChange)
    stop()
  }
}
