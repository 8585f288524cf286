// Quotes and candles from outside: their streams over WebSocket and server-sent events, their errors and their end.
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

const CANDLES = '/api/candles?base=B&quote=A&interval=1s'
const FOLLOWED = CANDLES.replace('candles', 'candles/stream')
type Candle = Record<'at' | 'open' | 'high' | 'low' | 'close', string>
type Candles = Readonly<Record<string, unknown>> & { readonly candles: readonly Candle[] }

describe('the candles of a pair', () => {
  test('are those of the newest seconds, the oldest first', async () => {
    await expect
      .poll(async () => (await send<Candles>(engine.url + CANDLES)).body.candles.length, { timeout: 10_000 })
      .toBeGreaterThan(3)
    const { body } = await send<Candles>(`${engine.url}${CANDLES}&limit=3`)
    expect(body).toMatchObject({ base: 'B', quote: 'A', interval: '1s' })
    const times = body.candles.map(({ at }) => Date.parse(at))
    expect(times).toEqual([0, 1_000, 2_000].map((more) => (times[0] ?? 0) + more))
    for (const { open, high, low, close } of body.candles) {
      const [least, most] = [Math.min(Number(open), Number(close)), Math.max(Number(open), Number(close))]
      expect(Number(low)).toBeLessThanOrEqual(least)
      expect(Number(high)).toBeGreaterThanOrEqual(most)
      expect(Number(close)).toBeGreaterThan(0.1)
      expect(Number(close)).toBeLessThan(0.5)
    }
  })

  test('lie between what a small amount pays and what it costs', async () => {
    const quoteOf = async (query: string) =>
      (await send<{ route: { amountOut: string } }>(`${engine.url}/api/quotes?${query}`)).body.route.amountOut
    const sold = Number(await quoteOf('tokenIn=USDC&tokenOut=SOL&amountIn=1'))
    const bought = 0.01 / Number(await quoteOf('tokenIn=SOL&tokenOut=USDC&amountIn=0.01'))
    const { body } = await send<Candles>(`${engine.url}/api/candles?base=USDC&quote=SOL&interval=1m`)
    const close = Number(body.candles.at(-1)?.close)
    expect(Math.abs(close / Math.sqrt(sold * bought) - 1)).toBeLessThan(0.01)
  })

  test('are there for a token that was launched meanwhile', async () => {
    const launch = { symbol: 'CANDLE', liquidity: '200', venue: 'raydium' }
    await post(`${engine.url}/api/simulation/launches`, launch)
    const ask = () => send<Candles>(`${engine.url}/api/candles?base=CANDLE&quote=SOL&interval=1s`)
    await expect.poll(async () => (await ask()).body.candles?.length, { timeout: 10_000 }).toBeGreaterThan(0)
  })

  test('are streamed: the newest one, again whenever it changes, over both carriers', async () => {
    const stream = socketAt(FOLLOWED)
    await heard(stream, 3)
    stream.socket.close()
    const frames = stream.frames.map((frame) => JSON.parse(frame))
    for (const frame of frames) expect(Object.keys(frame)).toEqual(['at', 'open', 'high', 'low', 'close'])
    expect(new Set(frames.map((frame) => frame.close)).size).toBeGreaterThan(1)
    for (const lines of await overEvents(FOLLOWED, 2)) {
      expect(lines).toEqual(['event: candle', expect.stringMatching(/^data: \{"at":"/)])
    }
  })

  test.each([
    ['base=A&quote=A&interval=1s', 'same_token', 'quote'],
    ['base=A&quote=NONE&interval=1s', 'unknown_token', 'quote'],
    ['base=NONE&quote=A&interval=1s', 'unknown_token', 'base'],
    ['base=A&quote=BONK&interval=1s', 'no_such_pool', undefined],
    ['base=A&quote=B&interval=5s', 'invalid_type', 'interval'],
    ['base=A&quote=B', 'missing_field', 'interval'],
    ['base=A&quote=B&interval=1s&limit=0', 'invalid_type', 'limit'],
  ])('of %s there are none: %s', async (query, code, field) => {
    const reply = await send(`${engine.url}/api/candles?${query}`)
    expectProblem(reply, 422, code)
    const errors = field === undefined ? undefined : [expect.objectContaining({ field, code })]
    expect(reply.body.errors).toEqual(errors)
  })
})

describe('a stream that cannot be had', () => {
  test.each([
    ['quotes/stream?tokenIn=A&tokenOut=B&amountIn=0', 'amount_not_positive'],
    ['quotes/stream?tokenIn=A&tokenOut=A&amountIn=1', 'same_token'],
    ['quotes/stream?tokenIn=A&tokenOut=NONE&amountIn=1', 'unknown_token'],
    ['quotes/stream?tokenIn=A&tokenOut=B', 'missing_field'],
    ['quotes/stream?tokenIn=A&tokenOut=B&amountIn=1&cursor=1', 'unknown_field'],
    ['candles/stream?base=A&quote=BONK&interval=1s', 'no_such_pool'],
    ['candles/stream?base=A&quote=B&interval=1s&limit=1', 'unknown_field'],
  ])('%s is denied before the stream begins, over both carriers', async (path, code) => {
    expectProblem(await send(`${engine.url}/api/${path}`), 422, code)
    expectProblem(await refusedUpgrade(`${engine.url.replace('http', 'ws')}/api/${path}`), 422, code)
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
