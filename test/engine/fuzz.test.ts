// Arbitrary input from outside never yields a 5xx or a dropped connection, whatever it is.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXAMPLE, EXECUTE, post, send } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { fuzzBodies, fuzzFrames } from './fuzzing.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

test('bodies', async () => {
  const tally = await fuzzBodies(engine.url, { count: 800 })
  expect([...tally.keys()]).toContain('422 unknown_field')
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
  const tally = await fuzzFrames(engine.url, { count: 480 })
  expect([...tally.keys()]).toEqual(expect.arrayContaining(['1002', '1008']))
})

test('the engine is alive and took it all without an internal error', async () => {
  expect(await post(`${engine.url}${EXECUTE}`, EXAMPLE)).toMatchObject({ status: 201 })
  const { body } = await send<string>(`${engine.url}/metrics`)
  expect(body).not.toMatch(/code="internal_error"|part="(http|step)"/)
})
