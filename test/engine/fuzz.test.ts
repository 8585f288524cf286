// Arbitrary input from outside never yields a 5xx or a dropped connection, whatever it is.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problemTable } from '../../src/http/problems.ts'
import { EXAMPLE, EXECUTE, type Json, openSocket, post, send } from '../client.ts'
import { type EmbeddedEngine, startEmbedded } from '../engines.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

const anything = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true }),
  fc.bigInt().map(String),
  fc.constantFrom('A', 'B', 'SOL', '1', 0.01, 100, 'market', '', null, -0, 1e308),
)
const FIELDS = [
  'type',
  'tokenIn',
  'tokenOut',
  'amountIn',
  'slippage',
  'slippageBps',
  'clientOrderId',
] as const
/** The example with some fields replaced, removed or added. */
const almostOrder = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...FIELDS), anything, { maxKeys: 3 }),
    fc.subarray([...FIELDS], { maxLength: 1 }),
    fc.dictionary(fc.string({ unit: 'binary' }), anything, { maxKeys: 1 }),
  )
  .map(([changed, removed, added]) => {
    const body = { ...JSON.parse(EXAMPLE), ...changed, ...added }
    for (const field of removed) delete body[field]
    return JSON.stringify(body)
  })
/** The example's text with bytes of it overwritten. */
const brokenText = fc
  .array(fc.tuple(fc.nat(EXAMPLE.length - 1), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => {
    const bytes = new Uint8Array(Buffer.from(EXAMPLE))
    for (const [at, byte] of changes) bytes[at] = byte
    return bytes
  })

const acceptable = ({ status, body }: { status: number; body: Json }) =>
  status === 201 || (status < 500 && String(body.code) in problemTable && body.status === status)

test('bodies', async () => {
  const body = fc.oneof(almostOrder, brokenText, fc.json(), fc.uint8Array({ maxLength: 200 }))
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 8, maxLength: 8 }), async (bodies) => {
      const replies = await Promise.all(
        bodies.map((each) =>
          typeof each === 'string'
            ? post(`${engine.url}${EXECUTE}`, each)
            : send(`${engine.url}${EXECUTE}`, {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: new Uint8Array(each),
              }),
        ),
      )
      expect(replies.filter((reply) => !acceptable(reply))).toEqual([])
    }),
    { numRuns: 80 },
  )
})

test('queries and addresses', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 }).map((each) => encodeURIComponent(each))
  const address = fc.oneof(
    fc
      .tuple(fc.constantFrom('limit', 'cursor', 'status', 'token', 'clientOrderId'), text)
      .map(([key, value]) => {
        return `/api/orders?${key}=${value}`
      }),
    fc.tuple(text, text, text).map(([a, b, c]) => `/api/quotes?tokenIn=${a}&tokenOut=${b}&amountIn=${c}`),
    text.map((amount) => `/api/quotes?tokenIn=A&tokenOut=B&amountIn=${amount}`),
    text.map((id) => `/api/orders/${id}`),
    text.map((id) => `/api/orders/${id}/events`),
    text.map((id) => `/api/simulation/swaps?orderId=${id}`),
    text.map((path) => `/${path}`),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(address, { minLength: 8, maxLength: 8 }), async (addresses) => {
      const replies = await Promise.all(addresses.map((each) => send(`${engine.url}${each}`)))
      expect(replies.map(({ status }) => status).filter((status) => status >= 500)).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test('frames', async () => {
  const frame = fc.oneof(almostOrder, fc.json(), fc.string({ unit: 'binary', maxLength: 100 }))
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 4 }), async (frames) => {
      const stream = openSocket(`${engine.url.replace('http', 'ws')}${EXECUTE}`)
      stream.socket.on('open', () => {
        for (const each of frames) stream.socket.send(each)
        // Whatever else: three frames that make no sense end the socket.
        for (let i = 0; i < 3; i++) stream.socket.send('no sense')
      })
      expect([1000, 1008]).toContain((await stream.closed).code)
    }),
    { numRuns: 40 },
  )
})

test('the engine is alive and took it all without an internal error', async () => {
  expect(await post(`${engine.url}${EXECUTE}`, EXAMPLE)).toMatchObject({ status: 201 })
  const { body } = await send<string>(`${engine.url}/metrics`)
  expect(body).not.toMatch(/code="internal_error"|part="(http|step)"/)
})
