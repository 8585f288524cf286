// The client against a real engine: every call does what its type says.
import { createClient, OeeError, type Order } from 'oee-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProxy, type TcpProxy } from '../recovery/tcpProxy.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

const MARKET = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: '100', slippageBps: 300 } as const
/** Never fires: ten times the market. */
const RESTING = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '1', limitPrice: '60' } as const

let engine: EmbeddedEngine
let proxy: TcpProxy
let oee: ReturnType<typeof createClient>
/** The same engine, through connections that the test cuts. */
let cut: ReturnType<typeof createClient>

beforeAll(async () => {
  engine = await startEmbedded()
  proxy = await startProxy(Number(new URL(engine.url).port))
  oee = createClient({ url: engine.url })
  cut = createClient({ url: `http://127.0.0.1:${proxy.port}` })
}, 60_000)
afterAll(async () => {
  await proxy.close()
  await engine.stop()
})

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const got: T[] = []
  for await (const item of items) got.push(item)
  return got
}

const failure = async (call: Promise<unknown>): Promise<OeeError> => {
  const error = await call.catch((reason: unknown) => reason)
  if (!(error instanceof OeeError)) throw new Error(`no OeeError: ${JSON.stringify(error)}`)
  return error
}

test('an order is previewed, placed and followed to its end', async () => {
  const preview = await oee.preview(MARKET)
  expect(preview).toMatchObject({
    tokenIn: 'A',
    amountIn: '100',
    warnings: [],
    route: { legs: expect.any(Array) },
  })
  const { orderId, status } = await oee.place(MARKET)
  expect(status).toBe('pending')
  const events = await all(oee.watch(orderId))
  expect(events.map(({ kind }) => kind)).toEqual(['accepted', 'triggered', 'routed', 'submitted', 'filled'])
  const order = await oee.order(orderId)
  expect(order).toMatchObject({ status: 'confirmed', endReason: 'filled', events: [...events] })
  expect(await oee.waitFor(orderId, 'submitted')).toMatchObject({ status: 'confirmed' })
  expect(await failure(oee.waitFor(orderId, 'canceled'))).toMatchObject({ code: 'ended' })
})

test('the same key is the same order', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => oee.place(MARKET, { idempotencyKey: 'same' })))
  expect(second?.orderId).toBe(first?.orderId)
  expect(await failure(oee.place({ ...MARKET, amountIn: '7' }, { idempotencyKey: 'same' }))).toMatchObject({
    code: 'idempotency_key_reused',
    status: 422,
  })
})

describe('orders that rest', () => {
  test('are listed over pages, amended, and canceled in two steps', async () => {
    const placed = await Promise.all(
      Array.from({ length: 120 }, (_, i) => oee.place({ ...RESTING, clientOrderId: `page-${i}` })),
    )
    const listed: Order[] = []
    for await (const order of oee.list({ type: 'limit', status: 'pending' })) listed.push(order)
    expect(listed.map(({ orderId }) => orderId).toSorted()).toEqual(
      placed.map(({ orderId }) => orderId).toSorted(),
    )

    const [first] = listed
    const id = first?.orderId ?? ''
    const amended = await oee.amend(id, { limitPrice: '70' }, { ifMatch: first?.seq ?? 0 })
    expect(amended).toMatchObject({ limitPrice: '70', status: 'pending' })
    expect(await failure(oee.amend(id, { limitPrice: '71' }, { ifMatch: 1 }))).toMatchObject({
      code: 'version_mismatch',
      status: 412,
    })
    expect(await oee.cancel(id)).toMatchObject({ status: 'canceled' })
    expect(await oee.cancel(id)).toMatchObject({ status: 'canceled' })

    const counted = await oee.cancelAll({ type: 'limit' })
    expect(counted).toMatchObject({ count: 119, token: expect.any(String) })
    const canceled = await oee.cancelAll({ type: 'limit' }, { confirm: counted.token })
    expect(canceled).toMatchObject({ canceled: 119, remaining: 0 })
  }, 120_000)

  test('say live why they wait, and end where they are canceled', async () => {
    const { orderId } = await oee.place(RESTING)
    const kinds: string[] = []
    for await (const message of oee.watch(orderId, { waiting: true })) {
      kinds.push(message.kind)
      if (message.kind === 'waiting') await oee.cancel(orderId)
    }
    expect(kinds).toContain('waiting')
    expect(kinds.at(-1)).toBe('canceled')
  })
})

test('the market and the trading switch are asked', async () => {
  expect(await oee.tokens()).toContainEqual(expect.objectContaining({ symbol: 'SOL', decimals: 9 }))
  expect((await oee.pools()).pools[0]).toMatchObject({ venue: expect.any(String), price: expect.any(String) })
  const quote = await oee.quote({
    tokenIn: 'A',
    tokenOut: 'B',
    amountIn: '5',
    venues: ['meteora'],
    split: false,
  })
  expect(quote.route?.legs).toMatchObject([{ venue: 'meteora' }])
  await oee.setTrading('halted')
  expect(await oee.trading()).toMatchObject({ state: 'halted' })
  expect(await failure(createClient({ url: engine.url, maxRetries: 0 }).place(MARKET))).toMatchObject({
    code: 'trading_halted',
    retryAfterMs: 1_000,
    isAmbiguous: false,
  })
  await oee.setTrading('active')
})

test('the wallet, the depth of the market and the system are asked', async () => {
  expect((await oee.wallet()).balances).toContainEqual(expect.objectContaining({ token: 'A' }))
  const depth = await oee.depth({ tokenIn: 'A', tokenOut: 'B', maxAmountIn: '1000', points: 4 })
  expect(depth.points).toHaveLength(4)
  expect(await oee.system()).toMatchObject({ mode: 'simulated', processes: [{ role: 'all' }] })
})

test('a simulated world is made to go wrong, and audited', async () => {
  expect(await oee.setFaults({ venues: { raydium: 'late' } })).toMatchObject({ venues: { raydium: 'late' } })
  expect(await oee.faults()).toMatchObject({ venues: { raydium: 'late', meteora: null } })
  expect(await oee.resetFaults()).toMatchObject({ venues: { raydium: null } })
  expect(await failure(oee.setFaults({ dropRate: 2 }))).toMatchObject({
    code: 'invalid_type',
    errors: [{ field: 'dropRate' }],
  })
  const launched = await oee.launch({ symbol: 'MOON', liquidity: '50', venue: 'meteora' })
  expect(await oee.launches()).toMatchObject([{ symbol: 'MOON', ...launched }])
  // Nothing waits in this engine.
  expect(await failure(oee.fork())).toMatchObject({ code: 'no_forks' })
  expect(await failure(oee.kill('nothing'))).toMatchObject({ code: 'not_found' })
  expect(await oee.audit()).toMatchObject({ lost: 0, doubled: 0 })
})

test('an order that is denied says which fields are at fault', async () => {
  const error = await failure(oee.place({ ...MARKET, tokenOut: 'NOPE' }))
  expect(error).toMatchObject({
    code: 'unknown_token',
    status: 422,
    requestId: expect.stringMatching(/./),
    errors: [{ field: 'tokenOut', code: 'unknown_token' }],
  })
})

test('an order whose answers are lost is placed once', async () => {
  proxy.set({ kind: 'drop-replies' })
  const placing = cut.place(MARKET, { timeoutMs: 9_000 })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  proxy.set({ kind: 'pass' })
  const { orderId } = await placing
  const amount = (order: Order) => order.amountIn === '100' && order.orderId >= orderId
  expect((await all(oee.list({ type: 'market' }))).filter(amount)).toHaveLength(1)
})

test('watch over 50 disconnects misses no event and doubles none', async () => {
  let connections = 0
  const counted: typeof fetch = (input, init) => {
    connections += 1
    return fetch(input, init)
  }
  const { orderId } = await oee.place(RESTING)
  const watched = createClient({ url: `http://127.0.0.1:${proxy.port}`, fetch: counted }).watch(orderId)
  // A head and an event get through, and a part of the next.
  proxy.set({ kind: 'end', afterBytes: 1_600 })
  const seqs: number[] = []
  let price = 60
  for await (const { seq, kind } of watched) {
    seqs.push(seq)
    if (kind !== 'rested') continue
    price += 1
    if (price < 100) await oee.amend(orderId, { limitPrice: `${price}` })
    else if (price === 100) await oee.cancel(orderId)
  }
  proxy.set({ kind: 'pass' })
  const { events } = await oee.order(orderId)
  expect(seqs).toEqual(events.map(({ seq }) => seq))
  expect(connections).toBeGreaterThan(50)
}, 120_000)

test('watchAll over 50 disconnects gives what there is, then misses no event and doubles none', async () => {
  let connections = 0
  const counted: typeof fetch = (input, init) => {
    connections += 1
    return fetch(input, init)
  }
  const before = await oee.place({ ...RESTING, clientOrderId: 'before' })
  const through = createClient({ url: `http://127.0.0.1:${proxy.port}`, fetch: counted })
  const messages = through.watchAll({ type: 'limit', token: 'A' })
  const shown: string[] = []
  for (;;) {
    const { value } = await messages.next()
    if (value.kind === 'current') break
    if (value.kind === 'order') shown.push(value.order.orderId)
  }
  expect(shown).toContain(before.orderId)

  // A head and one or two events get through, and a part of the next.
  proxy.set({ kind: 'end', afterBytes: 3_500 })
  const placed: string[] = []
  const changing = (async () => {
    for (let i = 0; i < 12; i += 1) {
      const { orderId } = await oee.place(RESTING)
      placed.push(orderId)
      for (let price = 61; price < 71; price += 1) await oee.amend(orderId, { limitPrice: `${price}` })
      await oee.cancel(orderId)
    }
    await oee.cancel(before.orderId)
  })()
  const seqs = new Map<string, number[]>()
  for await (const message of messages) {
    if (!('seq' in message)) continue
    seqs.set(message.orderId, [...(seqs.get(message.orderId) ?? []), message.seq])
    if (message.orderId === before.orderId && message.kind === 'canceled') break
  }
  await changing
  proxy.set({ kind: 'pass' })
  for (const orderId of placed) {
    const { events } = await oee.order(orderId)
    expect(seqs.get(orderId)).toEqual(events.map(({ seq }) => seq))
  }
  expect(connections).toBeGreaterThan(50)
}, 180_000)

test('quotes and candles are followed', async () => {
  const quotes = oee.watchQuotes({ tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '2', slippageBps: 50 })
  for await (const { route, at } of quotes) {
    expect({ route, at }).toMatchObject({
      route: { legs: expect.any(Array) },
      at: expect.stringMatching(/Z$/),
    })
    break
  }
  const pair = { base: 'SOL', quote: 'USDC', interval: '1s' } as const
  const price = expect.stringMatching(/^\d+(\.\d+)?$/)
  const candle = { at: expect.stringMatching(/Z$/), open: price, high: price, low: price, close: price }
  for await (const newest of oee.watchCandles(pair)) {
    expect(newest).toMatchObject(candle)
    break
  }
  expect(await oee.candles({ ...pair, limit: 1 })).toEqual({ ...pair, candles: [candle] })
}, 60_000)

test('a cursor that was forged is denied', async () => {
  expect(await failure(all(oee.watchAll({}, { cursor: 'forged' })))).toMatchObject({
    code: 'invalid_cursor',
    status: 400,
  })
})

test('watch goes on where it was when the engine comes back from a restart', async () => {
  const own = await startEmbedded()
  const { url } = own
  const client = createClient({ url })
  try {
    const { orderId } = await client.place(RESTING)
    const kinds: string[] = []
    for await (const { kind } of client.watch(orderId)) {
      kinds.push(kind)
      if (kind === 'accepted') await client.amend(orderId, { limitPrice: '61' })
      if (kind === 'amended' && kinds.filter((each) => each === 'amended').length === 1) {
        await own.restart({ PORT: new URL(url).port })
        await client.amend(orderId, { limitPrice: '62' })
        await client.cancel(orderId)
      }
    }
    const { events } = await client.order(orderId)
    expect(kinds).toEqual(events.map(({ kind }) => kind))
    expect(kinds.filter((kind) => kind === 'amended')).toHaveLength(2)
  } finally {
    await own.stop()
  }
}, 120_000)
