// An agent trades over stdio, through the SDK's own client: only what it has previewed, and once.
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { createClient } from 'oee-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedEngine, startEmbeddedWith } from '../support/engines.ts'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const OEE = fileURLToPath(new URL('../../src/oee.ts', import.meta.url))
const ORDER = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 300 }
/** Never fires: many times the market. */
const RESTING = { ...ORDER, type: 'limit', limitPrice: '60' }

type Answer = Readonly<Record<string, unknown>>

let engine: EmbeddedEngine
let trader: Agent
let reader: Agent
let key: string

beforeAll(async () => {
  const started = await startEmbeddedWith(
    async (keys) => {
      const create = async (name: string, scopes: ('trade' | 'read')[]) =>
        (await keys.create({ name, scopes, quotas: null, expiresAt: null })).token
      return { trade: await create('trader', ['trade', 'read']), read: await create('reader', ['read']) }
    },
    { REQUIRE_API_KEYS: 'always' },
  )
  engine = started.engine
  key = started.made.trade
  trader = await openAgent(started.made.trade)
  reader = await openAgent(started.made.read)
}, 60_000)
afterAll(async () => {
  await trader.close()
  await reader.close()
  await engine.stop()
})

type Agent = Awaited<ReturnType<typeof openAgent>>

async function openAgent(apiKey: string) {
  const client = new Client({ name: 'test', version: '0' })
  const args = ['--import', 'tsx', OEE, 'mcp']
  const env = { OEE_URL: engine.url, OEE_API_KEY: apiKey }
  await client.connect(new StdioClientTransport({ command: process.execPath, args, cwd: PROJECT, env }))
  return {
    tools: async () => (await client.listTools()).tools,
    async use(name: string, wanted: Readonly<Record<string, unknown>>) {
      const { isError = false, content } = await client.callTool({ name, arguments: wanted })
      const [{ text }] = content as [{ text: string }]
      return { isError, text, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Answer }
    },
    close: () => client.close(),
  }
}

const orders = async () => {
  const all = []
  for await (const order of createClient({ url: engine.url, apiKey: key }).list()) all.push(order)
  return all
}

test('the agent finds its tools, and which of them change something', async () => {
  const tools = await trader.tools()
  expect(Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint]))).toEqual(
    {
      quote: true,
      preview: true,
      place: false,
      cancel: false,
      list: true,
      explain: true,
      watch: true,
    },
  )
})

test('an order is quoted, previewed, placed, watched and explained', async () => {
  const { body: quote } = await trader.use('quote', { tokenIn: 'A', tokenOut: 'B', amountIn: '100' })
  expect(quote).toMatchObject({ route: { legs: expect.any(Array) } })
  const before = (await orders()).length
  const { body: preview } = await trader.use('preview', { order: ORDER })
  expect(preview).toMatchObject({ token: expect.any(String), summary: expect.stringContaining('Sell 100 A') })
  expect(await orders()).toHaveLength(before)

  const { body: placed } = await trader.use('place', { token: preview.token })
  const { body: watched } = await trader.use('watch', { orderId: placed.orderId })
  expect(watched.events).toMatchObject([
    { kind: 'accepted' },
    { kind: 'triggered' },
    { kind: 'routed' },
    { kind: 'submitted' },
    { kind: 'filled' },
  ])
  expect((await trader.use('explain', { orderId: placed.orderId })).body).toMatchObject({
    endReason: 'filled',
  })

  const { body: again } = await trader.use('place', { token: preview.token })
  expect(again.orderId).toBe(placed.orderId)
  expect(await orders()).toHaveLength(before + 1)
})

test('nothing is placed that was not previewed', async () => {
  const before = (await orders()).length
  for (const token of ['', 'made-up']) {
    const { isError, body } = await trader.use('place', { token })
    expect({ isError, body }).toMatchObject({ isError: true, body: { code: 'preview_needed' } })
  }
  expect((await trader.use('place', { order: ORDER })).isError).toBe(true)
  expect(await orders()).toHaveLength(before)
})

test('an order that rests is watched for as long as was asked, explained, listed and canceled', async () => {
  const { body: preview } = await trader.use('preview', { order: RESTING })
  const { body: placed } = await trader.use('place', { token: preview.token })
  const { body: watched } = await trader.use('watch', { orderId: placed.orderId, seconds: 1 })
  const kinds = (watched.events as readonly { kind: string }[]).map(({ kind }) => kind)
  expect(kinds[0]).toBe('accepted')
  expect(kinds).not.toContain('filled')
  expect((await trader.use('explain', { orderId: placed.orderId })).body).toMatchObject({
    waiting: { blocker: 'price', distanceBps: expect.any(Number) },
  })
  const { body: listed } = await trader.use('list', { status: 'pending' })
  expect(listed.orders).toMatchObject([{ orderId: placed.orderId }])
  expect((await trader.use('cancel', { orderId: placed.orderId })).body).toMatchObject({ status: 'canceled' })
})

test('a denial has the code of the engine, and the scopes of the key hold', async () => {
  const wrong = await trader.use('preview', { order: { ...ORDER, tokenOut: 'NOPE' } })
  expect(wrong).toMatchObject({
    isError: true,
    body: { code: 'unknown_token', errors: [{ field: 'tokenOut' }] },
  })
  expect(await reader.use('preview', { order: ORDER })).toMatchObject({
    isError: true,
    body: { code: 'scope_missing', status: 403 },
  })
})
