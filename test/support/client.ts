// Owns how tests talk to an engine: as any client would, knowing nothing of its inside.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { expect, vi } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'

export type Json = Readonly<Record<string, unknown>>

/** One event of an order as it travels. */
export type Message = Json & {
  readonly orderId: string
  readonly seq: number
  readonly kind: string
  readonly status: string
  readonly attempt: number
  readonly at: string
}

export type Reply<Body = Json> = {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export type Accepted = Json & { readonly orderId: string; readonly wsUrl: string; readonly status: string }

export type OrderBody = Json & {
  readonly orderId: string
  readonly status: string
  readonly attempt: number
  readonly seq: number
  readonly events: readonly Message[]
}

/** A swap on the simulated chain, from the ledger that is the judge of exactly-once. */
export type Swap = Json & {
  readonly signature: string
  readonly orderId: string
  readonly error: Json | null
}

/** The example of the brief, to the letter. */
export const EXAMPLE =
  '{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": 100, "slippage": 0.01 }'
export const EXECUTE = '/api/orders/execute'

export async function send<Body = Json>(url: string, init: RequestInit = {}): Promise<Reply<Body>> {
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** The status of an answer that does not end, or the denial in its place. */
export async function begun(url: string, init: RequestInit = {}): Promise<Omit<Reply, 'headers'>> {
  const answer = await fetch(url, init)
  if (!answer.ok) return { status: answer.status, body: (await answer.json()) as Json }
  await answer.body?.cancel()
  return { status: answer.status, body: {} }
}

/** Sends a body as JSON: text as it is, anything else serialised. */
export function post<Body = Json>(url: string, body: unknown, headers: Record<string, string> = {}) {
  return send<Body>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** Places an order that must be taken. */
export async function place(
  base: string,
  more: Json = {},
  headers: Record<string, string> = {},
): Promise<Accepted> {
  const reply = await post<Accepted>(`${base}${EXECUTE}`, { ...JSON.parse(EXAMPLE), ...more }, headers)
  expect(reply).toMatchObject({ status: 201 })
  return reply.body
}

export const getOrder = async (base: string, orderId: string): Promise<OrderBody> =>
  (await send<OrderBody>(`${base}/api/orders/${orderId}`)).body

/** The order once it has come to its end. */
export async function ended(base: string, orderId: string): Promise<OrderBody> {
  await events(`${base.replace('http', 'ws')}${EXECUTE}?orderId=${orderId}`)
  return getOrder(base, orderId)
}

/** What landed for an order, as the simulated chain has it. */
export const swapsOf = async (
  base: string,
  orderId: string,
  headers: Record<string, string> = {},
): Promise<readonly Swap[]> =>
  (await send<{ swaps: readonly Swap[] }>(`${base}/api/simulation/swaps?orderId=${orderId}`, { headers }))
    .body.swaps

export type Stream = {
  readonly socket: WebSocket
  /** Text frames so far. */
  readonly frames: readonly string[]
  readonly closed: Promise<{ readonly code: number; readonly frames: readonly string[] }>
}

/** Opens a socket and notes all that it says. */
export function openSocket(
  url: string,
  options: ClientOptions = {},
  protocols: readonly string[] = [],
): Stream {
  const socket = new WebSocket(url, [...protocols], options)
  const frames: string[] = []
  socket.on('message', (data) => frames.push(String(data)))
  const closed = once(socket, 'close').then(([code]) => ({ code: Number(code), frames }))
  return { socket, frames, closed }
}

/** All events of a stream that ends well. */
export async function events(wsUrl: string): Promise<readonly Message[]> {
  const { code, frames } = await openSocket(wsUrl).closed
  expect(code).toBe(1000)
  return frames.map((frame) => JSON.parse(frame))
}

/** Waits until a stream has said so many things. */
export const heard = (stream: Stream, count: number) =>
  vi.waitFor(() => expect(stream.frames.length).toBeGreaterThanOrEqual(count), {
    timeout: 10_000,
    interval: 5,
  })

/** Whether a socket opens; it is closed at once. */
export function isOpened(
  url: string,
  options: ClientOptions = {},
  protocols: readonly string[] = [],
): Promise<boolean> {
  const socket = new WebSocket(url, [...protocols], options)
  return new Promise((resolve) => {
    socket.on('error', () => resolve(false))
    socket.on('open', () => {
      socket.terminate()
      resolve(true)
    })
  })
}

/** The answer to an upgrade that is refused. */
export async function refusedUpgrade(
  url: string,
  options: ClientOptions = {},
  protocols: readonly string[] = [],
): Promise<Omit<Reply, 'headers'>> {
  const socket = new WebSocket(url, [...protocols], options)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    socket.on('unexpected-response', (_request, answer) => resolve(answer))
    socket.on('open', () => reject(new Error('the upgrade was not refused')))
    socket.on('error', reject)
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }
}

/** Checks that an answer is a problem as RFC 9457 and our closed table have it. */
export function expectProblem(
  reply: { readonly status: number; readonly body: Json },
  status: number,
  code: string,
) {
  expect(reply).toMatchObject({
    status,
    body: { code, status, type: `urn:order-execution-engine:problem:${code}` },
  })
  expect(reply.body.title).toEqual(expect.stringMatching(/\.$/))
  expect(reply.body.requestId).toEqual(expect.stringMatching(/./))
}
