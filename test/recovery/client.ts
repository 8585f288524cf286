// Owns the clients of real engines: load that never gives up on an order, and the lists that are judged.
import { setTimeout as sleep } from 'node:timers/promises'

export type OrderView = {
  readonly orderId: string
  readonly status: string
  readonly seq: number
  readonly signature?: string
  readonly amountOutBase?: string
}

export type EventView = {
  readonly seq: number
  readonly kind: string
  readonly status: string
  readonly at: string
}

export type SwapView = {
  readonly signature: string
  readonly orderId: string
  readonly amountOutBase: string
  readonly error: object | null
}

const PAIRS = [
  ['A', 'B'],
  ['SOL', 'USDC'],
  ['USDC', 'SOL'],
  ['BONK', 'SOL'],
] as const

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

/** Places order number `number` under its key. */
export function place(url: string, key: string, number: number) {
  const [tokenIn, tokenOut] = PAIRS[number % PAIRS.length] ?? PAIRS[0]
  const order = { type: 'market', tokenIn, tokenOut, amountIn: String(1 + (number % 50)), slippageBps: 100 }
  return ask<OrderView & { code?: string }>(`${url}/api/orders/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(order),
  })
}

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

/** The ledger of the simulated chain: the judge. */
export const ledger = (url: string) => pages<SwapView>(`${url}/api/simulation/swaps?`, 'swaps')

export const eventsOf = async (url: string, orderId: string) =>
  (await must<{ events: readonly EventView[] }>(`${url}/api/orders/${orderId}`)).events

export type Load = {
  /** One key for each order, in the order in which they were first sent. */
  readonly keys: readonly string[]
  /** Which order stands for a key, as the engine has answered. */
  readonly acknowledged: ReadonlyMap<string, string>
  /** Answers that no client should ever get, as `status code`. */
  readonly refusals: readonly string[]
  /** Sends no new orders; resolves when every order sent is acknowledged. */
  stop(): Promise<void>
}

const RETRY_MS = 50

/**
 * Clients that place one order after the other at `url()`, until stopped. An order without an answer, or one that cannot be
 * taken right now, is sent again under its key until there is one.
 */
export function startLoad(name: string, url: () => string, clients: number, pauseMs: number): Load {
  const keys: string[] = []
  const acknowledged = new Map<string, string>()
  const refusals: string[] = []
  let stopped = false

  async function client(): Promise<void> {
    while (!stopped) {
      const number = keys.push(`${name}-${keys.length}`) - 1
      while (!(await send(keys[number] ?? '', number))) await sleep(RETRY_MS)
      await sleep(pauseMs)
    }
  }

  /** Whether the order is settled: taken, or refused for good. */
  async function send(key: string, number: number): Promise<boolean> {
    const reply = await place(url(), key, number)
    if (reply === null || reply.status === 503) return false
    if (reply.status === 201) acknowledged.set(key, reply.body.orderId)
    else refusals.push(`${reply.status} ${reply.body.code}`)
    return true
  }

  const running = Promise.all(Array.from({ length: clients }, client))
  return {
    keys,
    acknowledged,
    refusals,
    async stop() {
      stopped = true
      await running
    },
  }
}
