// The streams of a client that is asked to use sockets: over WebSocket where one opens, else over fetch, and on from where they were.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, OeeError } from 'oee-client'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type EmbeddedEngine, startEmbeddedWith } from '../support/engines.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const FAR = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '1', limitPrice: '60' } as const

let engine: EmbeddedEngine
let token: string
let opened = 0

/** What browsers have and Node 20 lacks: the real thing, counted. */
class Counted extends WebSocket {
  constructor(...given: ConstructorParameters<typeof WebSocket>) {
    super(...given)
    opened += 1
  }
}

beforeAll(async () => {
  vi.stubGlobal('WebSocket', Counted)
  const scopes = ['trade', 'read', 'admin'] as const
  const started = await startEmbeddedWith(
    (keys) => keys.create({ name: 'page', scopes, quotas: null, expiresAt: null }),
    { REQUIRE_API_KEYS: 'always' },
  )
  engine = started.engine
  token = started.made.token
})
afterEach(() => {
  opened = 0
})
afterAll(async () => {
  vi.unstubAllGlobals()
  await engine.stop()
})

const client = (apiKey = token) => createClient({ url: engine.url, apiKey, sockets: true, maxRetries: 2 })

test('an order is followed over one socket, which a ticket has opened, to its end', async () => {
  const oee = client()
  const { orderId } = await oee.place({ type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '1' })
  const kinds: string[] = []
  for await (const { kind } of oee.watch(orderId)) kinds.push(kind)
  expect(kinds).toEqual(['accepted', 'triggered', 'routed', 'submitted', 'filled'])
  expect(opened).toBe(1)
})

test('a stream says when it has a connection, and goes on behind its last message when the engine comes back', async () => {
  const oee = client()
  const connections: boolean[] = []
  const seqs: number[] = []
  const { orderId } = await oee.place(FAR)
  for await (const message of oee.watchAll({}, { onConnection: (isOpen) => connections.push(isOpen) })) {
    if (message.kind === 'current' && seqs.length === 0) {
      await oee.amend(orderId, { limitPrice: '61' })
      seqs.push(0)
    }
    if (!('seq' in message) || message.orderId !== orderId) continue
    seqs.push(message.seq)
    if (message.kind === 'amended' && seqs.length === 2) {
      await engine.restart({ REQUIRE_API_KEYS: 'always', PORT: new URL(engine.url).port })
      await oee.cancel(orderId)
    }
    if (message.kind === 'canceled') break
  }
  expect(new Set(seqs).size).toBe(seqs.length)
  expect(connections[0]).toBe(true)
  expect(connections).toContain(false)
  expect(connections.at(-1)).toBe(true)
})

test('what is denied before a socket opens is denied with its reason', async () => {
  const unknown = client().watch('01a207b9-ca92-7195-91cf-eaba8959c2b5').next()
  await expect(unknown).rejects.toMatchObject({ code: 'order_not_found' })
  await expect(client('oee_0123456789abcdef_none').watchAll().next()).rejects.toBeInstanceOf(OeeError)
})

test('where no socket opens the stream comes over fetch', async () => {
  const denying = createServer((request, response) => {
    if (request.url?.startsWith('/api/tickets')) response.end('{"ticket":"t"}')
    else {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"kind":"current","cursor":"c"}\n\n')
    }
  }).listen(0, '127.0.0.1')
  denying.on('upgrade', (_request, socket) => socket.destroy())
  await once(denying, 'listening')
  try {
    const oee = createClient({ url: urlOf(denying), sockets: true })
    const stream = oee.watchAll()
    expect((await stream.next()).value).toEqual({ kind: 'current', cursor: 'c' })
    await stream.return?.()
  } finally {
    denying.closeAllConnections()
    denying.close()
  }
})

test('leaving the loop closes the socket, also while it opens', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  const sockets = new WebSocketServer({ server })
  await once(server, 'listening')
  try {
    const oee = createClient({ url: urlOf(server), sockets: true })
    const closed = new Promise((resolve) =>
      sockets.once('connection', (socket) => socket.once('close', resolve)),
    )
    const stream = oee.watchAll()
    const asked = stream.next()
    await stream.return?.()
    expect(await asked).toMatchObject({ done: true })
    await closed
  } finally {
    sockets.close()
    server.closeAllConnections()
    server.close()
  }
})

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
