// Repeating a request from outside: one key is one order, whoever repeats it and however often.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Accepted,
  EXAMPLE,
  EXECUTE,
  ended,
  expectProblem,
  type Json,
  openSocket,
  post,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

const repeat = (body: Json | string, headers: Record<string, string> = {}) =>
  post<Accepted>(`${engine.url}${EXECUTE}`, body, headers)
const example: Json = JSON.parse(EXAMPLE)

/** Both ways to name a request: a header, or a field of the body. */
const ways = [
  {
    name: 'Idempotency-Key',
    ask: (key: string, more: Json = {}) => repeat({ ...example, ...more }, { 'idempotency-key': key }),
    otherBody: { status: 422, code: 'idempotency_key_reused' },
  },
  {
    name: 'clientOrderId',
    ask: (key: string, more: Json = {}) => repeat({ ...example, clientOrderId: key, ...more }),
    otherBody: { status: 409, code: 'client_order_id_taken' },
  },
] as const

for (const { name, ask, otherBody } of ways) {
  describe(name, () => {
    test('and the same body give the same order again, and say that it is a replay', async () => {
      const first = await ask('again')
      const second = await ask('again')
      expect([first.status, second.status]).toEqual([201, 201])
      expect(second.body.orderId).toBe(first.body.orderId)
      expect(second.headers.get('location')).toBe(first.headers.get('location'))
      expect([first, second].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([
        null,
        'true',
      ])
    })

    test('and the same body give the same order again also once its times are past', async () => {
      const expiresAt = new Date(Date.now() + 700).toISOString()
      const terms = { type: 'limit', limitPrice: '1000', expiresAt, slippage: undefined }
      const first = await ask('late', terms)
      expect(first.status).toBe(201)
      expect(await ended(engine.url, first.body.orderId)).toMatchObject({ status: 'expired' })
      const again = await ask('late', terms)
      expect({ ...again, headers: null }).toMatchObject({
        status: 201,
        body: { orderId: first.body.orderId },
      })
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expectProblem(await ask('later', terms), 422, 'expiry_invalid')
      expectProblem(await ask('late', { ...terms, limitPrice: '999' }), 422, 'expiry_invalid')
    })

    test('and the same order spelled otherwise are a replay too', async () => {
      const first = await ask('spelled')
      const again = await ask('spelled', { amountIn: '100.0', slippage: undefined, slippageBps: 100 })
      expect(again.body.orderId).toBe(first.body.orderId)
    })

    test('limits of the route belong to the order: spelled otherwise a replay, others refused', async () => {
      const first = await ask('limited', { venues: ['raydium', 'meteora'], split: true })
      const again = await ask('limited', { venues: ['meteora', 'raydium'] })
      expect(again.body.orderId).toBe(first.body.orderId)
      for (const limits of [{}, { venues: ['raydium'] }, { venues: ['raydium', 'meteora'], split: false }]) {
        expectProblem(await ask('limited', limits), otherBody.status, otherBody.code)
      }
    })

    test('with another body are refused', async () => {
      await ask('other')
      for (const more of [{ amountIn: 101 }, { tokenOut: 'SOL' }, { slippage: 0.02 }]) {
        expectProblem(await ask('other', more), otherBody.status, otherBody.code)
      }
    })

    test('fifty at once are one order and one swap', async () => {
      const replies = await Promise.all(Array.from({ length: 50 }, () => ask('fifty')))
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
      const ids = new Set(replies.map(({ body }) => body.orderId))
      expect(ids.size).toBe(1)
      const replays = replies.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')
      expect(replays).toHaveLength(49)
      const [id = ''] = ids
      expect(await ended(engine.url, id)).toMatchObject({ status: 'confirmed' })
      expect(await swapsOf(engine.url, id)).toHaveLength(1)
    })

    test('replay after the end shows the end', async () => {
      const { body } = await ask('finished')
      await ended(engine.url, body.orderId)
      expect(await ask('finished')).toMatchObject({
        body: { orderId: body.orderId, status: 'confirmed', seq: 5 },
      })
    })

    test('replay after a restart of the engine', async () => {
      const { body } = await ask('restart')
      await engine.restart()
      const again = await ask('restart')
      expect([again.body.orderId, again.headers.get('idempotency-replayed')]).toEqual([body.orderId, 'true'])
    })
  })
}

describe('Idempotency-Key', () => {
  test('means the same quoted and bare', async () => {
    const bare = await repeat(EXAMPLE, { 'idempotency-key': 'quoted' })
    const quoted = await repeat(EXAMPLE, { 'idempotency-key': '"quoted"' })
    expect(quoted.body.orderId).toBe(bare.body.orderId)
  })

  test('of 255 characters is taken', async () => {
    expect(await repeat(EXAMPLE, { 'idempotency-key': 'k'.repeat(255) })).toMatchObject({ status: 201 })
  })

  test('differs by case', async () => {
    const [lower, upper] = [
      await repeat(EXAMPLE, { 'idempotency-key': 'case' }),
      await repeat(EXAMPLE, { 'idempotency-key': 'CASE' }),
    ]
    expect(upper.body.orderId).not.toBe(lower.body.orderId)
  })

  test.each([
    ['empty', ''],
    ['longer than 255', 'k'.repeat(256)],
    ['with a space', 'a b'],
    ['with a tab', 'a\tb'],
    ['beyond ASCII', 'ключ'.replace(/./g, '\u00e9')],
    ['repeated', 'one, two'],
  ])('that is %s is refused', async (_name, key) => {
    expectProblem(await repeat(EXAMPLE, { 'idempotency-key': key }), 400, 'idempotency_key_invalid')
  })
})

test('without a key equal bodies are different orders', async () => {
  const [first, second] = [await repeat(EXAMPLE), await repeat(EXAMPLE)]
  expect(second.body.orderId).not.toBe(first.body.orderId)
})

test('a clientOrderId sent over a socket and again by POST is one order', async () => {
  const body = JSON.stringify({ ...example, clientOrderId: 'both ways'.replace(' ', '-') })
  const stream = openSocket(`${engine.url.replace('http', 'ws')}${EXECUTE}`)
  stream.socket.on('open', () => stream.socket.send(body))
  const { frames } = await stream.closed
  const again = await repeat(body)
  expect(again.body.orderId).toBe(JSON.parse(frames[0] ?? '').orderId)
})
