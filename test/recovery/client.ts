// Owns the clients of real engines: load that never gives up on an order, and notes all that it asks and is told.
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { EventView, History, Operation } from './history.ts'
import { launchWith, marketOrder, mixedOrder } from './orderMix.ts'

export type OrderView = {
  readonly orderId: string
  readonly type: string
  /** The order that has brought this one about; absent where it was placed by itself. */
  readonly parentId?: string
  readonly amountInBase: string
  readonly status: string
  readonly seq: number
  readonly createdAt: string
  readonly signature?: string
  readonly amountOutBase?: string
}

export type SwapView = {
  readonly signature: string
  readonly orderId: string
  readonly amountInBase: string
  readonly amountOutBase: string
  readonly error: object | null
}

/** Status and body of an answer, or null when there was none. */
async function ask<T>(
  url: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly body: T } | null> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) })
    return { status: response.status, body: (await response.json()) as T }
  } catch {
    return null
  }
}

async function must<T>(url: string): Promise<T> {
  const reply = await ask<T>(url)
  if (reply?.status !== 200) throw new Error(`GET ${url}: ${JSON.stringify(reply)}`)
  return reply.body
}

/** Places order number `number` under its key: a market order unless another is given. */
export const place = (url: string, key: string, number: number, order: object = marketOrder(number)) =>
  post<OrderView & { code?: string }>(`${url}/api/orders/execute`, order, { 'idempotency-key': key })

const post = <T>(url: string, body: object, headers: Record<string, string> = {}) =>
  ask<T>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

type Page = { readonly nextCursor: string | null } & Readonly<Record<string, unknown>>

async function pages<T>(url: string, name: string): Promise<T[]> {
  const all: T[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await must(`${url}limit=1000${cursor && `&cursor=${cursor}`}`)
    all.push(...(page[name] as T[]))
    cursor = page.nextCursor
  }
  return all
}

export const allOrders = (url: string, status?: string) =>
  pages<OrderView>(`${url}/api/orders?${status === undefined ? '' : `status=${status}&`}`, 'orders')

const OPEN = ['pending', 'routing', 'building', 'submitted']

export async function openOrders(url: string): Promise<OrderView[]> {
  const byStatus = await Promise.all(OPEN.map((status) => allOrders(url, status)))
  return byStatus.flat()
}

/** Cancels what rests, as far as it can be canceled now. */
export async function cancelResting(url: string): Promise<void> {
  const filter = `${url}/api/orders?resting=true`
  const counted = await ask<{ token?: string }>(filter, { method: 'DELETE' })
  const token = counted?.body.token
  if (token !== undefined) await ask(`${filter}&confirm=${token}`, { method: 'DELETE' })
}

/** The ledger of the simulated chain: the judge. */
export const ledger = (url: string) => pages<SwapView>(`${url}/api/simulation/swaps?`, 'swaps')

export const orderWithEvents = (url: string, orderId: string) =>
  must<OrderView & { readonly events: readonly EventView[] }>(`${url}/api/orders/${orderId}`)

export type LoadOptions = {
  readonly clients: number
  /** Between two orders of one client. */
  readonly pauseMs: number
  /** New orders end here; none by default. */
  readonly most?: number
  /** Whether they are of every type, or market orders alone. */
  readonly isMixed?: boolean
}

export type Load = {
  readonly history: History
  /** One key for each order, in the order in which they were first sent. */
  readonly keys: readonly string[]
  /** Which order stands for a key, as the engine has answered. */
  readonly acknowledged: ReadonlyMap<string, string>
  /** The fault has begun or is over. */
  note(what: string): void
  /** Resolves when every client has sent its last order and has it acknowledged. */
  readonly done: Promise<void>
  /** Sends no new orders; resolves when every order sent is acknowledged. */
  stop(): Promise<void>
  /** Resolves when every follower has heard the end of its order; after `patienceMs` they hear no more. */
  heard(patienceMs: number): Promise<void>
}

const RETRY_MS = 50

/**
 * Clients that place one order after the other at `url()`, until stopped. An order without an answer, or one that cannot be
 * taken right now, is sent again under its key until there is one. Some orders are followed over sockets, read at once
 * and again, sent a second time, canceled.
 */
export function startLoad(name: string, url: () => string, options: LoadOptions): Load {
  const { clients, pauseMs, most = Number.POSITIVE_INFINITY, isMixed = false } = options
  const history: Operation[] = []
  const keys: string[] = []
  const acknowledged = new Map<string, string>()
  const following = new Set<Promise<void>>()
  const sockets = new Set<WebSocket>()
  let stopped = false
  let deaf = false

  async function client(): Promise<void> {
    while (!stopped && keys.length < most) {
      const number = keys.push(`${name}-${keys.length}`) - 1
      const launch = isMixed ? launchWith(number) : null
      if (launch !== null) await post(`${url()}/api/simulation/launches`, launch)
      const orderId = await placeForSure(number)
      if (orderId !== null) await useOrder(orderId, number)
      await sleep(pauseMs)
    }
  }

  async function placeForSure(number: number): Promise<string | null> {
    for (;;) {
      const answer = await send(number)
      if (answer !== 'again') return answer
      await sleep(RETRY_MS)
    }
  }

  /** The order's id; null when it was refused for good. */
  async function send(number: number): Promise<string | null | 'again'> {
    const key = keys[number] ?? ''
    const startedAt = Date.now()
    const reply = await place(url(), key, number, isMixed ? mixedOrder(number) : marketOrder(number))
    const orderId = reply?.status === 201 ? reply.body.orderId : null
    history.push({
      op: 'post',
      key,
      startedAt,
      endedAt: Date.now(),
      status: reply?.status ?? null,
      code: reply?.body.code ?? null,
      orderId,
    })
    if (orderId !== null && !acknowledged.has(key)) acknowledged.set(key, orderId)
    return reply === null || reply.status === 503 ? 'again' : orderId
  }

  /** What clients do with their orders, each number its own mixture. */
  async function useOrder(orderId: string, number: number): Promise<void> {
    if (number % 11 === 0) await cancel(orderId)
    if (number % 3 === 0) follow(orderId, number)
    if (number % 5 === 0) await read(orderId)
    if (number % 7 === 0) await send(number)
    if (number % 5 === 0) await read(orderId)
  }

  async function read(orderId: string): Promise<void> {
    const startedAt = Date.now()
    const reply = await ask<OrderView>(`${url()}/api/orders/${orderId}`)
    const [status, seq] = [reply?.status ?? null, reply?.status === 200 ? reply.body.seq : null]
    history.push({ op: 'read', orderId, startedAt, endedAt: Date.now(), status, seq })
  }

  async function cancel(orderId: string): Promise<void> {
    const startedAt = Date.now()
    const reply = await ask(`${url()}/api/orders/${orderId}`, { method: 'DELETE' })
    history.push({ op: 'cancel', orderId, startedAt, endedAt: Date.now(), status: reply?.status ?? null })
  }

  function follow(orderId: string, follower: number): void {
    const followed = followToItsEnd(orderId, follower).finally(() => following.delete(followed))
    following.add(followed)
  }

  async function followToItsEnd(orderId: string, follower: number): Promise<void> {
    let last = 0
    while (!deaf) {
      const query = `orderId=${orderId}&after=${last}`
      const socket = new WebSocket(`${url().replace('http', 'ws')}/api/orders/execute?${query}`)
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('message', (text) => {
        const event = JSON.parse(String(text)) as EventView
        last = event.seq
        history.push({ op: 'message', follower, orderId, at: Date.now(), event })
      })
      // Not once(): that would take a refused upgrade, which is one more reason to come back, for a fault of ours.
      const code = await new Promise<number>((resolve) => socket.on('close', resolve))
      sockets.delete(socket)
      history.push({ op: 'closed', follower, orderId, at: Date.now(), code })
      if (code === 1000) return
      await sleep(RETRY_MS)
    }
  }

  const done = Promise.all(Array.from({ length: clients }, client)).then(() => {})
  return {
    history,
    keys,
    acknowledged,
    done,
    note: (what) => void history.push({ op: 'fault', what, at: Date.now() }),
    async stop() {
      stopped = true
      await done
    },
    async heard(patienceMs) {
      const all = Promise.all(following)
      await Promise.race([all, sleep(patienceMs, undefined, { ref: false })])
      deaf = true
      for (const socket of sockets) socket.terminate()
      await all
    },
  }
}
