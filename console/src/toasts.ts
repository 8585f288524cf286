// Owns what is said once: the outcome of an act. It stays until it is read, and screen readers announce it.

import { signal } from '@preact/signals'
import type { Message } from './messages.ts'

export type Toast = {
  readonly id: number
  readonly kind: 'done' | 'failed'
  readonly text: string
  readonly message?: Message
}

const DONE_MS = 5_000
const MOST = 4
let newest = 0

export const toasts = signal<readonly Toast[]>([])

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

/** A success goes by itself. */
export function sayDone(text: string): void {
  const id = add({ kind: 'done', text })
  setTimeout(() => dismiss(id), DONE_MS)
}

/** A failure stays until it is dismissed. */
export function sayFailed(text: string, message: Message): void {
  add({ kind: 'failed', text, message })
}

function add(toast: Omit<Toast, 'id'>): number {
  newest += 1
  toasts.value = [...toasts.value.slice(1 - MOST), { ...toast, id: newest }]
  return newest
}
