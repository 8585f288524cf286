// Streams of the market from outside: quotes over WebSocket and server-sent events, their errors and their end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, heard, openSocket, post, refusedUpgrade, send } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded({ SIM_SLOT_MS: '50' })
})
afterAll(() => engine.stop())

const QUOTES = '/api/quotes/stream?tokenIn=A&tokenOut=B&amountIn=100'
const socketAt = (path: string) => openSocket(`${engine.url.replace('http', 'ws')}${path}`)

/** The first messages over server-sent events, as their lines. */
async function overEvents(path: string, count: number): Promise<string[][]> {
  const stop = new AbortController()
  const answer = await fetch(engine.url + path, { signal: stop.signal })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.split('\n\n').length <= count) text += (await reader?.read())?.value ?? ''
  stop.abort()
  return text
    .split('\n\n')
    .slice(0, count)
    .map((message) => message.split('\n'))
}

describe('the stream of quotes', () => {
  test('gives what GET /api/quotes answers, and again when it changes', async () => {
    const stream = socketAt(QUOTES)
    await heard(stream, 3)
    stream.socket.close()
    const messages = stream.frames.map((frame) => JSON.parse(frame))
    const { body } = await send(`${engine.url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=100`)
    for (const { at, slot, ...message } of messages) {
      expect(Object.keys(message)).toEqual(Object.keys(body))
      expect([Date.parse(at), slot]).toEqual([expect.any(Number), expect.any(Number)])
    }
    const slots = messages.map(({ slot }) => slot)
    expect(slots).toEqual([...new Set(slots)].toSorted((a, b) => a - b))
  })

  test('moves with the market', async () => {
    const stream = socketAt(QUOTES.replace('tokenIn=A&tokenOut=B', 'tokenIn=USDC&tokenOut=RAY'))
    await heard(stream, 1)
    await post(`${engine.url}/api/simulation/moves`, { token: 'RAY', against: 'USDC', factor: '0.5' })
    const paid = () => stream.frames.map((frame) => Number(JSON.parse(frame).route.amountOut))
    await expect.poll(() => (paid().at(-1) ?? 0) / (paid()[0] ?? 1), { timeout: 10_000 }).toBeGreaterThan(1.8)
    stream.socket.close()
  })

  test('is the same over server-sent events, each one event of the kind quote, without an id', async () => {
    for (const lines of await overEvents(QUOTES, 2)) {
      expect(lines).toEqual(['event: quote', expect.stringMatching(/^data: \{"tokenIn":"A"/)])
    }
  })
})

describe('a stream that cannot be had', () => {
  test.each([
    ['tokenIn=A&tokenOut=B&amountIn=0', 422, 'amount_not_positive'],
    ['tokenIn=A&tokenOut=A&amountIn=1', 422, 'same_token'],
    ['tokenIn=A&tokenOut=NONE&amountIn=1', 422, 'unknown_token'],
    ['tokenIn=A&tokenOut=B', 422, 'missing_field'],
    ['tokenIn=A&tokenOut=B&amountIn=1&cursor=1', 422, 'unknown_field'],
  ])('%s is denied before the stream begins, over both carriers', async (query, status, code) => {
    const path = `/api/quotes/stream?${query}`
    expectProblem(await send(engine.url + path), status, code)
    expectProblem(await refusedUpgrade(engine.url.replace('http', 'ws') + path), status, code)
  })
})

test('a stream ends with the engine: 1001 on a socket', async () => {
  const other = await startEmbedded()
  const stream = openSocket(`${other.url.replace('http', 'ws')}${QUOTES}`)
  await heard(stream, 1)
  const answer = await fetch(other.url + QUOTES)
  await other.stop()
  expect((await stream.closed).code).toBe(1001)
  expect(await answer.text()).toMatch(/^event: quote\n/)
})
