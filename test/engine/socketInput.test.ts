// Bad sockets from outside: refused before the upgrade or closed with the right code; the engine lives on.
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  EXAMPLE,
  EXECUTE,
  events,
  expectProblem,
  openSocket,
  place,
  refusedUpgrade,
  type Stream,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { badFrames } from './badFrames.ts'

const ALLOWED = 'https://app.example'

let engine: EmbeddedEngine
beforeAll(async () => {
  // Quotes take their time, so that an order is still open when a bad frame arrives.
  engine = await startEmbedded({
    ALLOWED_ORIGINS: `${ALLOWED}, https://other.example`,
    SIM_SPEED: 'realistic',
    SIM_SLOT_MS: '50',
    SIM_QUOTE_LATENCY_MS: '300-300',
  })
})
afterAll(() => engine.stop())

const execute = (query = '') => `${engine.url.replace('http', 'ws')}${EXECUTE}${query}`

async function opened(url: string): Promise<Stream> {
  const stream = openSocket(url)
  await once(stream.socket, 'open')
  return stream
}
const onOrder = async () => opened((await place(engine.url)).wsUrl)
const forOrders = () => opened(execute())

describe('an upgrade', () => {
  test.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'https://app.example.evil.example',
  ])('from the foreign origin %s is refused with 403', async (origin) => {
    const { wsUrl } = await place(engine.url)
    expectProblem(await refusedUpgrade(wsUrl, { origin }), 403, 'origin_denied')
    expectProblem(await refusedUpgrade(execute(), { origin }), 403, 'origin_denied')
  })

  test('from our own origin, from those configured, and from programs is taken', async () => {
    for (const origin of [engine.url, ALLOWED, 'https://other.example', undefined]) {
      const { wsUrl } = await place(engine.url)
      const { code } = await openSocket(wsUrl, origin === undefined ? {} : { origin }).closed
      expect(code).toBe(1000)
    }
  })

  test.each(['019f0000-0000-7000-8000-000000000000', 'nonsense', '%00', ''])(
    'for the unknown order "%s" is refused with 404',
    async (orderId) => {
      expectProblem(await refusedUpgrade(execute(`?orderId=${orderId}`)), 404, 'order_not_found')
    },
  )

  test.each(['after=-1', 'after=1e3', 'after=', 'nothing=1', `orderId=${'x'.repeat(65)}`])(
    'with the query %s is refused with 422',
    async (query) => {
      expect(await refusedUpgrade(execute(`?${query}`))).toMatchObject({ status: 422 })
    },
  )

  test('of an address without sockets carries nothing and is closed', async () => {
    const { frames } = await openSocket(`${engine.url.replace('http', 'ws')}/api/orders`).closed
    expect(frames).toEqual([])
  })
})

for (const [what, open] of [
  ['a socket that follows an order', onOrder],
  ['a socket that waits for an order', forOrders],
] as const) {
  describe(what, () => {
    test.each(badFrames)('is closed for %s with %i', async (_what, code, bytes) => {
      const { socket, closed } = await open()
      const { _socket: raw } = socket as unknown as { _socket: { write(bytes: Buffer): void } }
      raw.write(Buffer.from(bytes))
      expect((await closed).code).toBe(code)
    })

    test('is told twice that a frame makes no sense, and closed with 1008 at the third', async () => {
      const { socket, closed } = await open()
      for (const frame of ['hello', '[]', '{"type":"market","amountIn":1,"amountIn":2}']) socket.send(frame)
      const { code, frames } = await closed
      expect(code).toBe(1008)
      const errors = frames.map((frame) => JSON.parse(frame).error).filter((error) => error !== undefined)
      expect(errors).toHaveLength(3)
      for (const error of errors) {
        expect(error).toMatchObject({ status: 400, code: expect.any(String), requestId: expect.any(String) })
      }
    })
  })
}

test('a second order on one socket is refused, and the first goes its way', async () => {
  const { socket, closed } = await forOrders()
  socket.send(EXAMPLE)
  socket.send(EXAMPLE)
  const { code, frames } = await closed
  const said = frames.map((frame) => JSON.parse(frame))
  expect(said.filter(({ error }) => error !== undefined)).toMatchObject([
    { error: { code: 'invalid_request' } },
  ])
  expect(said.at(-1)).toMatchObject({ kind: 'filled' })
  expect(code).toBe(1000)
})

test('a stream survives chatter that stays below three frames', async () => {
  const stream = await onOrder()
  stream.socket.send('hello')
  stream.socket.send('hello')
  const { code, frames } = await stream.closed
  expect(code).toBe(1000)
  expect(frames.map((frame) => JSON.parse(frame).kind).filter(Boolean)).toHaveLength(5)
})

test('the engine is alive afterwards', async () => {
  const { wsUrl } = await place(engine.url)
  expect(await events(wsUrl)).toHaveLength(5)
})
