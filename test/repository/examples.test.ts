// Every example that the documents show, replayed against an engine: those of /openapi.json, and the JSON and the requests in
// docs/*.md. A block of a form that is not known here fails: what cannot be replayed is no example.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bodyExamples, queryExamples } from '../../src/http/documents/examples.ts'
import { type ApiDocument, operationsOf, readApi } from '../support/apiDocument.ts'
import { begun, EXECUTE, type Json, openSocket, place, post, send } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))
/** Its messages are compared with those of an engine by docs.test.ts. */
const COMPARED = 'lifecycle.md'
/** The market pays about 4 B for an A: it rests. */
const RESTING = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '100', limitPrice: '6' }
const IN_A_WEEK = new Date(Date.now() + 7 * 86_400_000).toISOString()

let engine: EmbeddedEngine
let api: ApiDocument
beforeAll(async () => {
  engine = await startEmbedded()
  api = await readApi(engine.url)
})
afterAll(() => engine.stop())

const rest = async (): Promise<string> => (await place(engine.url, RESTING, {})).orderId

/** As the documents spell routes in the table of examples. */
const routeOf = (method: string, path: string) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`

type Block = { readonly file: string; readonly text: string }

const blocksOf = (language: string): readonly Block[] =>
  readdirSync(DOCS)
    .filter((file) => file.endsWith('.md') && file !== COMPARED)
    .flatMap((file) => {
      const all = readFileSync(`${DOCS}/${file}`, 'utf8').matchAll(
        new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'),
      )
      return [...all].map(([, text = '']) => ({ file, text: text.trim() }))
    })

/** A field with its value is shown for an object that has it. */
const parse = (text: string): Json => JSON.parse(text.startsWith('"') ? `{${text}}` : text)

const inside = (body: Json, more: readonly string[]): boolean => more.every((field) => field in body)

describe('each JSON in docs/*.md', () => {
  test.each(blocksOf('json').map(({ file, text }) => [file, text] as const))(
    '%s: %s',
    async (_file, text) => {
      const body = parse(text)
      if (inside(body, ['type', 'tokenIn'])) {
        const order = 'expiresAt' in body ? { ...body, expiresAt: IN_A_WEEK } : body
        expect(await post(`${engine.url}/api/orders/preview`, order)).toMatchObject({ status: 200 })
      } else if (inside(body, ['token', 'against'])) {
        expect(await post(`${engine.url}/api/simulation/moves`, { ...body, factor: '1' })).toMatchObject({
          status: 200,
        })
      } else if (inside(body, ['symbol', 'liquidity'])) {
        expect(
          await post(`${engine.url}/api/simulation/launches`, { ...body, symbol: 'OTHER' }),
        ).toMatchObject({
          status: 201,
        })
      } else if (inside(body, ['count'])) {
        expect(Object.keys(body).toSorted()).toEqual(Object.keys(await counted()).toSorted())
      } else if (inside(body, ['canceled'])) {
        const { token } = await counted()
        const { body: answer } = await send(`${engine.url}/api/orders?type=limit&confirm=${token}`, {
          method: 'DELETE',
        })
        expect(Object.keys(body).toSorted()).toEqual(Object.keys(answer).toSorted())
      } else {
        expect(inside(body, ['waiting'])).toBe(true)
        expect(Object.keys(await waiting())).toEqual(
          expect.arrayContaining(Object.keys(body.waiting as Json)),
        )
      }
    },
  )

  const counted = async () => {
    const { body } = await send(`${engine.url}/api/orders?type=limit`, { method: 'DELETE' })
    return body
  }

  /** The first live answer of an order that rests. */
  async function waiting(): Promise<Json> {
    const orderId = await rest()
    const url = `${engine.url.replace('http', 'ws')}${EXECUTE}?orderId=${orderId}&waiting=true`
    const stream = openSocket(url)
    const live = await vi.waitFor(() => {
      const found = stream.frames.map((frame) => JSON.parse(frame)).find(({ kind }) => kind === 'waiting')
      expect(found).toBeDefined()
      return found
    }, 20_000)
    stream.socket.close()
    return live.waiting
  }
})

test('each request of docs/streams.md is answered', async () => {
  const text = readFileSync(`${DOCS}/streams.md`, 'utf8')
  const requests = [...text.matchAll(/^curl -\w+ '(http:\/\/127\.0\.0\.1:3000)([^']+)'/gm)]
  expect(requests.length).toBeGreaterThan(0)
  for (const [, , path] of requests) expect(await begun(engine.url + path)).toMatchObject({ status: 200 })
})

// Behind the documents: its moves of the market would change what their prices mean.
describe('each example of /openapi.json', () => {
  test('stands at an operation that there is, and all are there', () => {
    const all = operationsOf(api)
    const withBodies = all.filter(({ operation }) =>
      Object.values(operation.requestBody?.content ?? {}).some(({ examples }) => examples !== undefined),
    )
    const bodies = withBodies.map(({ method, path }) => routeOf(method, path))
    expect(bodies.toSorted()).toEqual(Object.keys(bodyExamples).toSorted())
    const shown = all.map(({ method, path, operation }) => {
      const examples = operation.parameters?.filter(({ example }) => example !== undefined) ?? []
      return [routeOf(method, path), Object.fromEntries(examples.map(({ name, example }) => [name, example]))]
    })
    expect(Object.fromEntries(shown)).toMatchObject(queryExamples)
    const needBodies = all.filter(({ operation }) => operation.requestBody !== undefined)
    expect(needBodies.map(({ method, path }) => routeOf(method, path)).toSorted()).toEqual(bodies.toSorted())
  })

  test.each(Object.entries(bodyExamples))('of %s is taken', async (route, examples) => {
    const [method = '', path = ''] = route.split(' ')
    const successes = Object.keys(
      operationsOf(api).find((each) => routeOf(each.method, each.path) === route)?.operation.responses ?? {},
    ).filter((status) => status.startsWith('2'))
    const address = engine.url + path.replace(':id', path.includes(':id') ? await rest() : '')
    for (const [name, body] of Object.entries(examples)) {
      const answer = await send(address, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect({ name, status: String(answer.status), body: answer.body }).toMatchObject({
        name,
        status: expect.toBeOneOf(successes),
      })
    }
  })

  test.each(Object.entries(queryExamples))('of the query of %s is taken', async (route, query) => {
    const [method = '', path = ''] = route.split(' ')
    const address = `${engine.url}${path}?${new URLSearchParams(query)}`
    expect(await begun(address, { method })).toMatchObject({ status: 200 })
  })
})
