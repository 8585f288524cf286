// Owns the one client of the page: its key, and whether the engine answers.

import { computed, signal } from '@preact/signals'
import { createClient, OeeError, type Trading } from 'oee-client'
import { type Message, messageOf } from './messages.ts'

const KEY = 'oee.key'

/** The key of this tab. It ends with the tab, and no other tab gets it. */
const apiKey = sessionStorage.getItem(KEY) ?? ''
export const hasKey = apiKey !== ''

/** Where the page is, is where the engine is: behind whatever prefix. */
export const client = createClient({
  url: new URL('.', location.href).href,
  fetch: observed,
  // A browser opens six connections to a server at most, and several tabs share them.
  sockets: true,
  ...(hasKey ? { apiKey } : {}),
})

/** Why a key is asked for; null while none is needed. */
export const keyProblem = signal<'key_required' | 'key_invalid' | null>(null)

/** Takes a key for this tab, or forgets it. Everything that was opened without it begins anew; the view is in the URL. */
export function useKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(KEY)
  else sessionStorage.setItem(KEY, key)
  location.reload()
}

async function observed(...asked: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...asked)
  if (response.status === 401) keyProblem.value = hasKey ? 'key_invalid' : 'key_required'
  return response
}

/** Whether what is shown is what is. `since` in ms. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly since: number }
  | { readonly state: 'denied'; readonly message: Message }

/** Of the stream of all orders, which every page holds. */
export const connection = signal<Connection>({ state: 'connecting' })
export const isConnected = computed(() => connection.value.state === 'connected')

export function setConnected(isOpen: boolean): void {
  const { state } = connection.value
  if (isOpen) {
    if (state !== 'connected') connection.value = { state: 'connected' }
  } else if (state !== 'lost') connection.value = { state: 'lost', since: Date.now() }
}

/** Null until it is known, and for a key that may not see it. */
export const trading = signal<Trading | null>(null)

/** Asks for the state of trading; an error leaves what was known. */
export async function readTrading(): Promise<void> {
  try {
    trading.value = await client.trading({ timeoutMs: 5_000 })
  } catch (error) {
    if (error instanceof OeeError && error.code === 'scope_missing') trading.value = null
  }
}

/** The outcome of a call: its value, or what went wrong, for people. */
export type Outcome<T> = { readonly value: T } | { readonly message: Message }

export const call = <T>(asked: Promise<T>): Promise<Outcome<T>> =>
  asked.then(
    (value) => ({ value }),
    (error: unknown) => ({ message: messageOf(error) }),
  )
