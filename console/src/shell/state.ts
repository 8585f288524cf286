// Owns which dialog of the shell is open.

import { signal } from '@preact/signals'

export const isPaletteOpen = signal(false)
export const isHelpOpen = signal(false)
export const isMenuOpen = signal(false)
export const isHaltOpen = signal(false)
/** A key is asked for, though none is needed: to take another one. */
export const isKeyOpen = signal(false)
