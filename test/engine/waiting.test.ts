// Why an order has not fired, on its streams: in the log as of each look, and live where a client asks for it.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  EXECUTE,
  expectProblem,
  getOrder,
  type Json,
  type OrderBody,
  openSocket,
  post,
  refusedUpgrade,
  type Stream,
  send,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded({ SIM_SLOT_MS: '50' })
})
afterAll(() => engine.stop())

/** A limit that the market does not reach. */
const LIMIT = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '1', limitPrice: '40' }
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })

async function rest(): Promise<string> {
  const { orderId } = (await post<OrderBody>(`${engine.url}${EXECUTE}`, LIMIT)).body
  await until(async () => expect(await getOrder(engine.url, orderId)).toMatchObject({ resting: true }))
  return orderId
}

const wsUrl = (query: string) => `${engine.url.replace('http', 'ws')}${EXECUTE}?${query}`
const cancel = (orderId: string) => send(`${engine.url}/api/orders/${orderId}`, { method: 'DELETE' })
const messagesOf = ({ frames }: Stream): readonly Json[] => frames.map((frame) => JSON.parse(frame))
const kindsOf = (stream: Stream) => messagesOf(stream).map(({ kind }) => kind)

const answer = {
  for: '40',
  now: expect.stringMatching(/^[\d.]+$/),
  distanceBps: expect.any(Number),
  evaluatedAt: expect.stringMatching(/Z$/),
  slot: expect.any(Number),
  blocker: 'price',
}

test('each rested event says why, as of that look', async () => {
  const orderId = await rest()
  const { events } = await getOrder(engine.url, orderId)
  expect(events[1]).toMatchObject({ kind: 'rested', waiting: answer })
  await cancel(orderId)
})

test('a socket that asks for them gets live reasons, without a seq, and resumes behind its last event', async () => {
  const orderId = await rest()
  const stream = openSocket(wsUrl(`orderId=${orderId}&waiting=true`))
  await until(() => expect(kindsOf(stream).filter((kind) => kind === 'waiting').length).toBeGreaterThan(1))
  const live = messagesOf(stream).filter(({ kind }) => kind === 'waiting')
  expect(live[0]).toEqual({ orderId, kind: 'waiting', waiting: answer })
  stream.socket.close()
  await stream.closed
  const resumed = openSocket(wsUrl(`orderId=${orderId}&waiting=true&after=2`))
  await until(() => expect(kindsOf(resumed)).toContain('waiting'))
  await cancel(orderId)
  const { code } = await resumed.closed
  expect(code).toBe(1000)
  expect(kindsOf(resumed).filter((kind) => kind !== 'waiting')).toEqual(['canceled'])
  expect(messagesOf(resumed).at(-1)).toMatchObject({ kind: 'canceled', seq: 3 })
})

test('a socket that does not ask for it gets events only', async () => {
  const orderId = await rest()
  const [asking, other] = [
    openSocket(wsUrl(`orderId=${orderId}&waiting=true`)),
    openSocket(wsUrl(`orderId=${orderId}&waiting=false`)),
  ]
  await until(() => expect(kindsOf(asking)).toContain('waiting'))
  await cancel(orderId)
  await other.closed
  expect(kindsOf(other)).toEqual(['accepted', 'rested', 'canceled'])
})

test('a socket that places its order may ask too', async () => {
  const stream = openSocket(wsUrl('waiting=true'))
  stream.socket.once('open', () => stream.socket.send(JSON.stringify(LIMIT)))
  await until(() => expect(kindsOf(stream)).toContain('waiting'))
  const { orderId } = messagesOf(stream)[0] as { orderId: string }
  await cancel(orderId)
  expect((await stream.closed).code).toBe(1000)
})

test('over server-sent events a live answer has no id: Last-Event-ID stays that of the log', async () => {
  const orderId = await rest()
  const response = await fetch(`${engine.url}/api/orders/${orderId}/events?waiting=true`)
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk)
    if (text.includes('event: waiting')) await cancel(orderId)
  }
  const blocks = text.split('\n\n').filter((block) => block.includes('data: '))
  const live = blocks.filter((block) => block.startsWith('event: waiting\ndata: {'))
  expect(live.length).toBeGreaterThan(0)
  expect(JSON.parse((live[0] ?? '').split('data: ')[1] ?? '')).toEqual({
    orderId,
    kind: 'waiting',
    waiting: answer,
  })
  const ids = blocks.filter((block) => !live.includes(block)).map((block) => block.split('\n')[0])
  expect(ids).toEqual(['id: 1', 'id: 2', 'id: 3'])
})

test('it is asked for by true or false', async () => {
  const orderId = await rest()
  expectProblem(await send(`${engine.url}/api/orders/${orderId}/events?waiting=yes`), 422, 'invalid_type')
  expect(await refusedUpgrade(wsUrl(`orderId=${orderId}&waiting=1`))).toMatchObject({ status: 422 })
  await cancel(orderId)
})
