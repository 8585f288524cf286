// The documents that the engine serves: valid as what they claim to be, and true of what is answered and streamed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { transitions } from '../../src/domain/lifecycle.ts'
import { operationsOf, readApi } from '../support/apiDocument.ts'
import { ended, events, type Json, openSocket, place, send } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

const require = createRequire(import.meta.url)
const LIFECYCLE = new URL('../../docs/lifecycle.md', import.meta.url)

type Message = { readonly payload: Json }
type AsyncApi = {
  readonly channels: Readonly<Record<string, { readonly address: string; readonly messages: Json }>>
  readonly components: { readonly messages: Readonly<Record<string, Message>> }
}

let engine: EmbeddedEngine
let asyncApi: AsyncApi
beforeAll(async () => {
  engine = await startEmbedded()
  asyncApi = (await send<AsyncApi>(`${engine.url}/asyncapi.json`)).body
})
afterAll(() => engine.stop())

/** What is wrong with a value by a schema; empty where it fits. */
function faults(schema: object, value: unknown, options = {}): readonly string[] {
  const check = addFormats.default(new Ajv({ strict: false, allErrors: true, ...options })).compile(schema)
  check(value)
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const faultsOf = (message: Json) =>
  faults(asyncApi.components.messages[String(message.kind)]?.payload ?? {}, message)

describe('/asyncapi.json', () => {
  test('is valid AsyncAPI 3', () => {
    const published = require('@asyncapi/specs/schemas/3.0.0.json')
    // It brings the schema of schemas with it.
    const options = { meta: false, validateSchema: false, allErrors: false }
    expect(faults(published, asyncApi, options)).toEqual([])
    expect(faults(published, { ...asyncApi, channels: [] }, options)).not.toEqual([])
  })

  test('names a message for each kind of event, and every message of its channels', () => {
    const { channels, components } = asyncApi
    expect(Object.keys(components.messages)).toEqual(expect.arrayContaining(Object.keys(transitions)))
    const used = Object.values(channels).flatMap(({ messages }) => Object.keys(messages))
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(components.messages).toSorted())
  })

  test('has the address of every stream of /openapi.json', async () => {
    const streams = operationsOf(await readApi(engine.url)).filter(({ operation: { responses } }) => {
      return (
        '101' in responses || Object.values(responses).some((each) => each.content?.['text/event-stream'])
      )
    })
    const addresses = Object.values(asyncApi.channels).map(({ address }) => address)
    expect(streams.map(({ path }) => path).toSorted()).toEqual(addresses.toSorted())
  })

  test('describes each event as docs/lifecycle.md shows it', () => {
    const blocks = readFileSync(LIFECYCLE, 'utf8').matchAll(/^```json\n([\s\S]*?)^```/gm)
    const shown: Json[] = [...blocks].map(([, text = '']) => JSON.parse(text))
    expect(shown.length).toBeGreaterThan(10)
    expect(shown.map((message) => [message.kind, faultsOf(message)])).toEqual(
      shown.map(({ kind }) => [kind, []]),
    )
  })

  test('describes what is streamed', async () => {
    const { wsUrl } = await place(engine.url)
    for (const message of await events(wsUrl))
      expect([message.kind, faultsOf(message)]).toEqual([message.kind, []])
    const market = {
      quote: '/api/quotes/stream?tokenIn=A&tokenOut=B&amountIn=1',
      candle: '/api/candles/stream?base=A&quote=B&interval=1s',
    }
    for (const [name, path] of Object.entries(market)) {
      const stream = openSocket(engine.url.replace('http', 'ws') + path)
      await vi.waitFor(() => expect(stream.frames.length).toBeGreaterThan(0), 10_000)
      stream.socket.close()
      const message = JSON.parse(stream.frames[0] ?? '')
      const payload = asyncApi.components.messages[name]?.payload ?? {}
      expect([name, faults(payload, message)]).toEqual([name, []])
      expect(faults(payload, {})).not.toEqual([])
    }
  })
})

test('/openapi.json describes the answers that are read', async () => {
  const { orderId } = await place(engine.url)
  await ended(engine.url, orderId)
  const api = await readApi(engine.url)
  const paths: Readonly<Record<string, string>> = {
    '/api/orders/{id}': `/api/orders/${orderId}`,
    '/api/orders': '/api/orders',
    '/api/quotes': '/api/quotes?tokenIn=A&tokenOut=B&amountIn=1',
    '/api/candles': '/api/candles?base=A&quote=B&interval=1s&limit=5',
    '/api/admin/trading': '/api/admin/trading',
    '/api/depth': '/api/depth?tokenIn=A&tokenOut=B&maxAmountIn=1000',
    '/api/wallet': '/api/wallet',
    '/api/system': '/api/system',
    '/api/simulation/faults': '/api/simulation/faults',
    '/api/simulation/launches': '/api/simulation/launches',
    '/api/simulation/audit': '/api/simulation/audit',
    '/api/tokens': '/api/tokens',
    '/api/pools': '/api/pools',
    '/healthz': '/healthz',
    '/readyz': '/readyz',
  }
  for (const [path, address] of Object.entries(paths)) {
    const schema = api.paths[path]?.get?.responses['200']?.content?.['application/json']?.schema ?? {}
    const { body } = await send(engine.url + address)
    expect([path, faults({ ...schema, components: api.components }, body)]).toEqual([path, []])
    expect(faults({ ...schema, components: api.components }, {})).not.toEqual([])
  }
})

test('/llms.txt names only addresses that there are', async () => {
  const { status, headers, body } = await send<string>(`${engine.url}/llms.txt`)
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  const api = await readApi(engine.url)
  const named = [...body.matchAll(/`(GET|POST|DELETE) (http\S+?)(?:\?\S*)?`/g)]
  expect(named.length).toBeGreaterThan(5)
  for (const [, method = '', url = ''] of named) {
    const path = url.slice(engine.url.length).replace('{orderId}', '{id}')
    expect([path, api.paths[path]?.[method.toLowerCase()]]).toEqual([path, expect.any(Object)])
  }
  for (const [, url = ''] of body.matchAll(/\]\((\S+)\)/g)) expect((await fetch(url)).status).toBe(200)
})
