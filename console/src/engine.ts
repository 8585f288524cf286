// Owns the one client of the page: its key, and whether the engine answers.

import { computed, signal } from '@preact/signals'
import { createClient, OeeError, type System, type Trading } from 'oee-client'
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
  const response = await fetch(...asked).catch((error: unknown) => {
    // What the page itself has given up says nothing about the engine.
    if (!(error instanceof OeeError && error.code === 'aborted')) setAnswering(false)
    throw error
  })
  setAnswering(true)
  if (response.status === 401) keyProblem.value = hasKey ? 'key_invalid' : 'key_required'
  return response
}

/** Whether what is shown is what is. `since` in ms. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'lost'; readonly since: number }
  | { readonly state: 'denied'; readonly message: Message }

/** It is lost with the stream of all orders, which every page holds, or with any call: a silent network breaks no stream. */
export const connection = signal<Connection>({ state: 'connecting' })
export const isConnected = computed(() => connection.value.state === 'connected')

let isStreaming: boolean | null = null
let isAnswering = true

export function setStreaming(isOpen: boolean): void {
  isStreaming = isOpen
  judgeConnection()
}

function setAnswering(isAnswered: boolean): void {
  isAnswering = isAnswered
  judgeConnection()
}

function judgeConnection(): void {
  const { state } = connection.value
  if (isStreaming === false || !isAnswering) {
    if (state !== 'lost') connection.value = { state: 'lost', since: Date.now() }
  } else if (isStreaming && state !== 'connected') connection.value = { state: 'connected' }
  else if (isStreaming === null && state === 'lost') connection.value = { state: 'connecting' }
}

/** What the engine says of itself every few seconds; null before, and for a key that may not read. */
export const system = signal<System | null>(null)
/** Whether orders trade for real. */
export const mode = computed(() => system.value?.mode ?? null)

/** The trading switch, since when and by whom; null before it is known, and for a key that may not throw it. */
export const trading = signal<Trading | null>(null)
export const tradingState = computed(() => trading.value?.state ?? system.value?.trading ?? null)
let mayThrow = true

/** Errors leave what was known: the connection says that it is old. */
export async function readSystem(): Promise<void> {
  const soon = { timeoutMs: 5_000 }
  try {
    system.value = await client.system(soon)
  } catch {
    return
  }
  if (!mayThrow || trading.value?.state === system.value.trading) return
  try {
    trading.value = await client.trading(soon)
  } catch (error) {
    mayThrow = !(error instanceof OeeError && error.code === 'scope_missing')
  }
}

/** The outcome of a call: its value, or what went wrong, for people. */
export type Outcome<T> = { readonly value: T } | { readonly message: Message }

export const call = <T>(asked: Promise<T>): Promise<Outcome<T>> =>
  asked.then(
    (value) => ({ value }),
    (error: unknown) => ({ message: messageOf(error) }),
  )
