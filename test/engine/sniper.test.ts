// Orders for tokens that are launched, from outside: placed over HTTP, fired by a launch, judged by the ledger.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  EXECUTE,
  ended,
  expectProblem,
  getOrder,
  type Json,
  type OrderBody,
  post,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

const settings = { SIM_SLOT_MS: '50', SWEEP_MS: '200' }
const purchase = { type: 'sniper', tokenIn: 'SOL', amountIn: '1', slippageBps: 1_000 }

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })

type Launched = { readonly mint: string; readonly pool: string; readonly slot: number }
type Refusals = readonly { readonly guard: string; readonly detail: string }[]

/** Mints and creators that no token of the engine has. */
const mints = [
  '3vW8hRnCkV7b2nTq1uYpXz5dLmS4sFgJ6aEoKcQiBtNr',
  '4wX9iSoDmW8c3oUr2vZqYa6eMnT5tGhK7bFpLdRjCuPs',
  '5xY1jTpEnX9d4pVs3waRZb7fNoU6uHiL8cGqMeSkDvQt',
  '6yZ2kUqFoY1e5qWt4xbSac8gPpV7vJjM9dHrNfTmEwRu',
] as const
const [first, second, third, fourth] = mints

async function launch(url: string, symbol: string, more: Json = {}): Promise<Launched> {
  const reply = await post<Launched>(`${url}/api/simulation/launches`, {
    symbol,
    liquidity: '200',
    venue: 'raydium',
    ...more,
  })
  expect(reply).toMatchObject({ status: 201 })
  return reply.body
}

async function snipe(url: string, tokenOut: string, more: Json = {}, headers: Record<string, string> = {}) {
  const reply = await post<OrderBody>(`${url}${EXECUTE}`, { ...purchase, tokenOut, ...more }, headers)
  expect({ status: reply.status, body: reply.body }).toMatchObject({ status: 201 })
  return reply.body.orderId
}

const legsOf = async (url: string, orderId: string) =>
  (await getOrder(url, orderId)).children as readonly OrderBody[]

async function slotOf(url: string): Promise<number> {
  const { body } = await send<{ quotes: readonly { slot: number }[] }>(
    `${url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`,
  )
  return body.quotes[0]?.slot ?? 0
}

const kindsOf = ({ events }: OrderBody) => events.map(({ kind }) => kind)
const eventsOf = ({ events }: OrderBody, kind: string): readonly Json[] =>
  events.filter((event) => event.kind === kind)

/** What the guards have refused so far, by the log. */
const refusedIn = (order: OrderBody): readonly string[] =>
  eventsOf(order, 'rested').flatMap(({ guardReport }) =>
    ((guardReport as { refusals: Refusals } | undefined)?.refusals ?? []).map(({ guard }) => guard),
  )

/** The order once its guards have refused, and the log holds it. */
async function refused(url: string, orderId: string): Promise<OrderBody> {
  await until(async () => expect(refusedIn(await getOrder(url, orderId))).not.toEqual([]))
  return getOrder(url, orderId)
}

describe('an order for a token that is not launched yet', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  test('rests, learns the token from its launch, and buys it once', async () => {
    const { url } = engine
    const orderId = await snipe(url, first, { guards: { minLiquidity: '50', maxPrice: '0.001' } })
    await until(async () => expect(await getOrder(url, orderId)).toMatchObject({ resting: true }))
    expect(await getOrder(url, orderId)).toMatchObject({
      tokenOut: first,
      tokenOutDecimals: null,
      waiting: { blocker: 'not_launched', for: '0.001', now: null },
      summary: expect.stringContaining(`Sell 1 SOL for ${first} once it is launched`),
    })
    await launch(url, 'MOON', { mint: first })
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed', tokenOut: 'MOON', tokenOutDecimals: 6, attempt: 1 })
    expect(kindsOf(order)).toEqual([
      'accepted',
      'rested',
      'amended',
      'rested',
      'triggered',
      'routed',
      'submitted',
      'filled',
    ])
    expect(eventsOf(order, 'amended')).toMatchObject([{ by: 'engine', tokenOut: 'MOON' }])
    const [{ observations } = { observations: [] }] = eventsOf(order, 'triggered')
    expect(new Set((observations as Json[]).map(({ slot }) => slot)).size).toBe(3)
    expect(Number(order.amountOut)).toBeGreaterThan(4_900_000)
    expect(await swapsOf(url, orderId)).toMatchObject([{ error: null }])
  })

  test('with exits sells what it has bought, by its stop or after its time', async () => {
    const { url } = engine
    const [byStop, byTime] = [
      await snipe(url, second, { exits: [{ type: 'stop', trigger: { price: '0.00000015' } }] }),
      await snipe(url, second, {
        exits: [{ type: 'takeProfit', trigger: { price: '1' } }],
        maxHoldMs: 1_000,
      }),
    ]
    const [dormant] = await legsOf(url, byStop)
    expect(dormant).toMatchObject({
      tokenIn: second,
      tokenInDecimals: null,
      amountIn: '0',
      waiting: { blocker: 'not_started', for: '0.00000015' },
    })
    await launch(url, 'EXITED', { mint: second })
    const bought = [await ended(url, byStop), await ended(url, byTime)]
    for (const order of bought) expect(order).toMatchObject({ status: 'confirmed', tokenOut: 'EXITED' })
    await until(async () =>
      expect((await legsOf(url, byTime)).map(({ status }) => status)).toEqual(['canceled', 'confirmed']),
    )
    const [, timeStop] = await legsOf(url, byTime)
    expect(timeStop).toMatchObject({ type: 'timeStop', tokenIn: 'EXITED', amountIn: bought[1]?.amountOut })

    const [stop] = await legsOf(url, byStop)
    expect(stop).toMatchObject({
      status: 'pending',
      tokenIn: 'EXITED',
      tokenInDecimals: 6,
      amountIn: bought[0]?.amountOut,
    })
    const fall = { token: 'EXITED', against: 'SOL', factor: '0.5' }
    expect(await post(`${url}/api/simulation/moves`, fall)).toMatchObject({ status: 200 })
    await until(async () => expect((await legsOf(url, byStop))[0]).toMatchObject({ status: 'confirmed' }))
    expect(await swapsOf(url, String(stop?.orderId))).toMatchObject([{ error: null }])
  })
})

describe('an order for any token of a creator', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  const byCreator = async (creator: string, more: Json = {}) => {
    const reply = await post<OrderBody>(`${engine.url}${EXECUTE}`, { ...purchase, creator, ...more })
    expect({ status: reply.status, body: reply.body }).toMatchObject({ status: 201 })
    return reply.body.orderId
  }
  const listed = async (token: string) => {
    const { body } = await send<{ orders: readonly OrderBody[] }>(`${engine.url}/api/orders?token=${token}`)
    return body.orders.map(({ orderId }) => orderId)
  }

  test('buys the first launch that its guards pass, once, and its log says which', async () => {
    const orderId = await byCreator(first, { clientOrderId: 'any-of-first' })
    await until(async () => expect(await getOrder(engine.url, orderId)).toMatchObject({ resting: true }))
    expect(await getOrder(engine.url, orderId)).toMatchObject({
      creator: first,
      tokenOut: first,
      tokenOutDecimals: null,
      waiting: { blocker: 'not_launched' },
      summary: expect.stringContaining(`Sell 1 SOL for the new token once ${first} launches it`),
    })
    expect(await listed(first)).toEqual([orderId])
    await engine.restart(settings)
    const { url } = engine
    await launch(url, 'OTHERS', { creator: second })
    await launch(url, 'SCAM', { creator: first, faults: ['freeze_authority'] })
    const waiting = await refused(url, orderId)
    expect(refusedIn(waiting)).toEqual(['freeze_authority'])
    expect(waiting).toMatchObject({ status: 'pending', tokenOut: first })
    const { mint } = await launch(url, 'GOOD', { creator: first })
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed', creator: first, tokenOut: 'GOOD', tokenOutMint: mint })
    expect(eventsOf(order, 'triggered')).toMatchObject([
      { tokenOut: 'GOOD', tokenOutMint: mint, tokenOutDecimals: 6, observations: [{}, {}, {}] },
    ])
    expect(order.summary).toContain(`Sell 1 SOL for GOOD once ${first} launches it`)
    expect([await listed('GOOD'), await listed(mint), await listed(first)]).toEqual([
      [orderId],
      [orderId],
      [],
    ])
    expect(await swapsOf(url, orderId)).toMatchObject([{ tokenOut: 'GOOD', error: null }])
    await launch(url, 'LATER', { creator: first })
    expect(await byCreator(first, { clientOrderId: 'any-of-first' })).toBe(orderId)
    expect(await swapsOf(url, orderId)).toHaveLength(1)
  })

  test('has exits that sell what it has chosen', async () => {
    const { url } = engine
    const orderId = await byCreator(third, {
      exits: [{ type: 'takeProfit', trigger: { price: '1' } }],
      maxHoldMs: 1_000,
    })
    await launch(url, 'HELD', { creator: third })
    const bought = await ended(url, orderId)
    await until(async () =>
      expect((await legsOf(url, orderId)).map(({ status }) => status)).toEqual(['canceled', 'confirmed']),
    )
    const [takeProfit, timeStop] = await legsOf(url, orderId)
    for (const leg of [takeProfit, timeStop])
      expect(leg).toMatchObject({ tokenIn: 'HELD', tokenInDecimals: 6 })
    expect(timeStop).toMatchObject({ amountIn: bought.amountOut })
    expect(new Set(await listed('HELD'))).toEqual(new Set([orderId, takeProfit?.orderId, timeStop?.orderId]))
    expect(await swapsOf(url, String(timeStop?.orderId))).toMatchObject([{ tokenIn: 'HELD', error: null }])
  })

  test('is previewed with what it would buy now', async () => {
    const preview = () => post(`${engine.url}/api/orders/preview`, { ...purchase, creator: fourth })
    expect(await preview()).toMatchObject({
      status: 200,
      body: { creator: fourth, tokenOut: fourth, route: null, warnings: [{}, { code: 'not_launched' }] },
    })
    await launch(engine.url, 'NOW', { creator: fourth })
    await until(async () =>
      expect((await preview()).body).toMatchObject({
        creator: fourth,
        tokenOut: 'NOW',
        route: { amountOut: expect.any(String) },
        guardReport: { refusals: [] },
      }),
    )
  })

  test('names its creator or its token, not both and not neither', async () => {
    for (const [body, code] of [
      [{ tokenOut: first, creator: second }, 'terms_contradict'],
      [{}, 'missing_field'],
    ] as const) {
      const reply = await post(`${engine.url}${EXECUTE}`, { ...purchase, ...body })
      expectProblem(reply, 422, code)
      expect(reply.body.errors).toMatchObject([
        { field: 'tokenOut', code },
        { field: 'creator', code },
      ])
    }
  })
})

describe('a token that a guard refuses', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  test.each([
    ['mint_authority', 'mint_authority'],
    ['freeze_authority', 'freeze_authority'],
    ['permanent_delegate', 'permanent_delegate'],
    ['transfer_hook', 'transfer_hook'],
    ['transfer_fee', 'transfer_fee'],
    ['unknown_extension', 'unknown_extension'],
    ['no_sell', 'sale'],
  ])('is not bought for its %s, unless the order says that it may be', async (fault, guard) => {
    const { url } = engine
    const symbol = `X${fault.replaceAll('_', '')}`.slice(0, 16)
    const { mint } = await launch(url, symbol, { faults: [fault], inSlots: 4, venue: 'meteora' })
    const refusedId = await snipe(url, mint)
    const allowedId = await snipe(url, mint, { guards: { allow: [guard] } })
    const order = await refused(url, refusedId)
    expect(order).toMatchObject({
      status: 'pending',
      resting: true,
      waiting: { blocker: 'guard', detail: expect.stringContaining(`${guard}: `) },
      memory: { refused: guard },
    })
    expect(refusedIn(order)).toEqual([guard])
    expect(await ended(url, allowedId)).toMatchObject({
      status: 'confirmed',
      tokenOut: symbol,
      summary: expect.stringContaining(`whatever its ${guard}`),
    })
    expect(await swapsOf(url, refusedId)).toEqual([])
    expect((await getOrder(url, refusedId)).seq).toBe(order.seq)
  })

  test.each(['raydium', 'meteora'])('is not bought on %s once its liquidity is withdrawn', async (venue) => {
    const { url } = engine
    const { mint } = await launch(url, `DRAINED${venue}`, { faults: ['drained'], inSlots: 4, venue })
    const patient = await snipe(url, mint, { guards: { passes: 15 } })
    const choosy = await snipe(url, mint, { guards: { minAgeSlots: 15, minLiquidity: '50' } })
    await until(async () => expect(refusedIn(await getOrder(url, patient))).toContain('sale'))
    await until(async () => expect(refusedIn(await getOrder(url, choosy))).toContain('liquidity'))
    const order = await getOrder(url, choosy)
    expect(order).toMatchObject({ status: 'pending' })
    expect(refusedIn(order)[0]).toBe('pool_age')
    for (const orderId of [patient, choosy]) expect(await swapsOf(url, orderId)).toEqual([])
  })

  test('is not bought for more than it may cost, with less liquidity, or of the wrong creator', async () => {
    const { url } = engine
    const creator = second
    const { mint } = await launch(url, 'PICKY', { inSlots: 4, liquidity: '40', creator })
    const orderIds = {
      price: await snipe(url, mint, { guards: { maxPrice: '0.00000001' } }),
      liquidity: await snipe(url, mint, { guards: { minLiquidity: '40.000000001' } }),
      creator: await snipe(url, mint, { guards: { denyCreators: [creator] } }),
    }
    const elsewhere = await snipe(url, mint, { guards: { allowCreators: [third] } })
    const fitting = await snipe(url, mint, {
      guards: { allowCreators: [third, creator], minLiquidity: '39', maxPrice: '0.0000001' },
    })
    for (const [guard, orderId] of [...Object.entries(orderIds), ['creator', elsewhere] as const]) {
      expect(refusedIn(await refused(url, orderId))).toEqual([guard])
    }
    const order = await ended(url, fitting)
    expect(order).toMatchObject({ status: 'confirmed' })
    const [routed] = eventsOf(order, 'routed')
    // One SOL at a ten-millionth of a SOL each, in whole tokens.
    expect(Number(routed?.minAmountOut)).toBeGreaterThanOrEqual(10_000_000)
  })

  test('is bought by an order whose limit is raised meanwhile', async () => {
    const { url } = engine
    const { mint } = await launch(url, 'RAISED', { inSlots: 4 })
    const orderId = await snipe(url, mint, { guards: { maxPrice: '0.00000001' } })
    await refused(url, orderId)
    const changed = await send(`${url}/api/orders/${orderId}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ limitPrice: '0.001', amountIn: '0.5' }),
    })
    expect(changed).toMatchObject({ status: 200, body: { guards: { maxPrice: '0.001' }, amountIn: '0.5' } })
    expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed', amountIn: '0.5' })
  })

  test('is bought by an order whose guards are amended meanwhile, by the seq that its client has seen', async () => {
    const { url } = engine
    const { mint } = await launch(url, 'EASED', { inSlots: 4, faults: ['mint_authority'] })
    const orderId = await snipe(url, mint, { guards: { minLiquidity: '500', passes: 2 } })
    const { seq } = await refused(url, orderId)
    const change = (guards: Json, ifMatch: number) =>
      send<OrderBody>(`${url}/api/orders/${orderId}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', 'if-match': String(ifMatch) },
        body: JSON.stringify({ guards }),
      })
    expectProblem(await change({ minLiquidity: null }, seq - 1), 412, 'version_mismatch')
    expect(await change({ minLiquidity: null, maxTransferFeeBps: 5 }, seq)).toMatchObject({
      status: 200,
      body: { guards: { maxTransferFeeBps: 5, passes: 2, maxAgeSlots: 1_500 } },
    })
    await until(async () =>
      expect(refusedIn(await getOrder(url, orderId))).toEqual([
        'mint_authority',
        'liquidity',
        'mint_authority',
      ]),
    )
    const order = await getOrder(url, orderId)
    expect(order.guards).not.toHaveProperty('minLiquidity')
    expectProblem(
      await change({ allow: ['transfer_fee'], maxTransferFeeBps: 7 }, order.seq),
      422,
      'terms_contradict',
    )
    expect(await change({ allow: ['mint_authority'] }, order.seq)).toMatchObject({ status: 200 })
    expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed', tokenOut: 'EASED' })
  })

  test('ends its order once it is too old to be bought', async () => {
    const { url } = engine
    const { mint } = await launch(url, 'LATE', { faults: ['mint_authority'], inSlots: 4 })
    const orderId = await snipe(url, mint, { guards: { maxAgeSlots: 10 } })
    expect(await ended(url, orderId)).toMatchObject({
      status: 'failed',
      endReason: 'pool_too_old',
      reachedChain: false,
      failure: { code: 'pool_too_old', detail: expect.stringContaining('at most 10 are allowed') },
    })
    const late = { ...purchase, tokenOut: mint, guards: { maxAgeSlots: 10 } }
    expectProblem(await post(`${url}${EXECUTE}`, late), 422, 'pool_too_old')
    expectProblem(await post(`${url}${EXECUTE}`, { ...purchase, tokenOut: 'JUP' }), 422, 'pool_too_old')
  })
})

describe('while it waits for a launch', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  const change = (orderId: string, body: Json) =>
    send<OrderBody>(`${engine.url}/api/orders/${orderId}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  test('a paused order buys once it is resumed, and a canceled one never', async () => {
    const { url } = engine
    const [paused, canceled] = [await snipe(url, first), await snipe(url, first)]
    expect(await change(paused, { state: 'paused' })).toMatchObject({ status: 200 })
    expect(await send(`${url}/api/orders/${canceled}`, { method: 'DELETE' })).toMatchObject({ status: 200 })
    const other = await snipe(url, first)
    await launch(url, 'WAITED', { mint: first })
    expect(await ended(url, other)).toMatchObject({ status: 'confirmed' })
    expect(await getOrder(url, paused)).toMatchObject({ status: 'pending', tokenOut: first })
    expect(await change(paused, { state: 'active' })).toMatchObject({ status: 200 })
    expect(await ended(url, paused)).toMatchObject({ status: 'confirmed', tokenOut: 'WAITED' })
    expect(await swapsOf(url, canceled)).toEqual([])
  })

  test('an order ends at its time, and outlives a restart until then', async () => {
    const expiresAt = new Date(Date.now() + 2_500).toISOString()
    const [ending, waiting] = [
      await snipe(engine.url, second, { expiresAt }),
      await snipe(engine.url, second, { clientOrderId: 'waits' }),
    ]
    await engine.restart(settings)
    const { url } = engine
    expect(await ended(url, ending)).toMatchObject({ status: 'expired', endReason: 'expired' })
    await launch(url, 'RESTARTED', { mint: second })
    expect(await ended(url, waiting)).toMatchObject({ status: 'confirmed', tokenOut: 'RESTARTED' })
    // The same request, of a token that has got its name by now.
    expect(await snipe(url, second, { clientOrderId: 'waits' })).toBe(waiting)
  })

  test('a halt that outlasts what the guards have found has them asked again', async () => {
    await engine.restart({ ...settings, QUOTE_MAX_AGE_MS: '300' })
    const { url } = engine
    const switchTo = async (state: string) =>
      expect(
        await send(`${url}/api/admin/trading`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ state }),
        }),
      ).toMatchObject({ status: 200 })
    const orderId = await snipe(url, fourth)
    await switchTo('halted')
    const { slot } = await launch(url, 'HALTED', { mint: fourth, faults: ['drained'] })
    await until(async () => expect(await getOrder(url, orderId)).toMatchObject({ status: 'building' }))
    await until(async () => expect(await slotOf(url)).toBeGreaterThan(slot + 15))
    await switchTo('active')
    const order = await refused(url, orderId)
    expect(order).toMatchObject({ status: 'pending' })
    const reasons = eventsOf(order, 'rested').flatMap(({ failure }) => failure ?? [])
    expect(reasons).toMatchObject([{ code: 'guards_outdated' }])
    expect(refusedIn(order)).toEqual(['sale'])
    expect(await swapsOf(url, orderId)).toEqual([])
  })

  test('forks that undo the launch and the purchase make no second one', async () => {
    await engine.restart({ ...settings, SIM_SPEED: 'realistic', SIM_FORK_RATE: '0.2' })
    const { url } = engine
    const orderIds = await Promise.all(Array.from({ length: 5 }, () => snipe(url, third)))
    await launch(url, 'FORKED', { mint: third })
    for (const orderId of orderIds) {
      expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed', tokenOut: 'FORKED' })
    }
    await until(async () => {
      for (const orderId of orderIds) {
        expect((await swapsOf(url, orderId)).filter(({ error }) => error === null)).toHaveLength(1)
      }
    })
  }, 60_000)
})

describe('a preview, and terms that make no sense', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  const preview = (body: Json) => post(`${engine.url}/api/orders/preview`, { ...purchase, ...body })

  test('a preview says what the guards find now, and that nothing is launched yet', async () => {
    expect(await preview({ tokenOut: fourth })).toMatchObject({
      status: 200,
      body: { route: null, warnings: [{ code: 'no_route' }, { code: 'not_launched' }] },
    })
    const { mint } = await launch(engine.url, 'SHOWN', { mint: fourth, faults: ['freeze_authority'] })
    await until(async () => expect((await preview({ tokenOut: mint })).body).toHaveProperty('guardReport'))
    expect((await preview({ tokenOut: mint })).body).toMatchObject({
      tokenOut: 'SHOWN',
      route: { amountOut: expect.any(String) },
      guardReport: {
        slot: expect.any(Number),
        refusals: [{ guard: 'freeze_authority', detail: expect.stringContaining('can freeze') }],
      },
      warnings: [{ code: 'guard', detail: expect.stringContaining('freeze_authority: ') }],
      guards: { maxTransferFeeBps: 0, maxAgeSlots: 1_500, minSaleBps: 8_000, passes: 3 },
    })
  })

  test.each<[string, Json, string, string]>([
    ['a symbol that is no token', { tokenOut: 'NOSUCH' }, 'unknown_token', 'tokenOut'],
    ['a mint of 31 bytes', { tokenOut: '1'.repeat(32).slice(1) }, 'unknown_token', 'tokenOut'],
    ['a mint of too many bytes', { tokenOut: 'z'.repeat(44) }, 'unknown_token', 'tokenOut'],
    [
      'a sale of a token that is not known',
      { tokenIn: 'NOSUCH', tokenOut: first },
      'unknown_token',
      'tokenIn',
    ],
    ['the same token twice', { tokenOut: 'SOL' }, 'same_token', 'tokenOut'],
    [
      'ages that no pool has',
      { guards: { minAgeSlots: 20, maxAgeSlots: 10 } },
      'terms_contradict',
      'guards.minAgeSlots',
    ],
    [
      'an age above the default bound',
      { guards: { minAgeSlots: 2_000 } },
      'terms_contradict',
      'guards.minAgeSlots',
    ],
    [
      'a creator allowed and denied',
      { guards: { allowCreators: [second], denyCreators: [second] } },
      'terms_contradict',
      'guards.denyCreators',
    ],
    [
      'any fee, up to a bound',
      { guards: { maxTransferFeeBps: 5, allow: ['transfer_fee'] } },
      'terms_contradict',
      'guards.maxTransferFeeBps',
    ],
    [
      'any age, up to a bound',
      { guards: { maxAgeSlots: 5, allow: ['pool_age'] } },
      'terms_contradict',
      'guards.maxAgeSlots',
    ],
    [
      'a creator that is no address',
      { guards: { denyCreators: ['z'.repeat(44)] } },
      'invalid_type',
      'guards.denyCreators.0',
    ],
    ['liquidity in words', { guards: { minLiquidity: 'much' } }, 'amount_malformed', 'guards.minLiquidity'],
    [
      'liquidity in parts of a lamport',
      { guards: { minLiquidity: '0.0000000001' } },
      'amount_malformed',
      'guards.minLiquidity',
    ],
    ['a price below zero', { guards: { maxPrice: '-1' } }, 'price_malformed', 'guards.maxPrice'],
    [
      'a creator that is no address',
      { creator: 'z'.repeat(44), tokenOut: undefined },
      'invalid_type',
      'creator',
    ],
    [
      'a creator that it denies',
      { creator: second, tokenOut: undefined, guards: { denyCreators: [second] } },
      'terms_contradict',
      'guards.denyCreators',
    ],
    [
      'a creator that is not among those that it allows',
      { creator: second, tokenOut: undefined, guards: { allowCreators: [first] } },
      'terms_contradict',
      'guards.allowCreators',
    ],
    ['no pass', { guards: { passes: 0 } }, 'invalid_type', 'guards.passes'],
    [
      'a sale that returns more than all',
      { guards: { minSaleBps: 10_001 } },
      'invalid_type',
      'guards.minSaleBps',
    ],
    ['a consent that there is not', { guards: { allow: ['anything'] } }, 'invalid_type', 'guards.allow.0'],
    ['a guard that there is not', { guards: { holders: 5 } }, 'unknown_field', 'guards.holders'],
    ['a limit, which is a guard here', { limitPrice: '1' }, 'unknown_field', 'limitPrice'],
    ['an end that is past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiry_invalid', 'expiresAt'],
  ])('%s is denied', async (_name, body, code, field) => {
    const terms = { tokenOut: first, ...body }
    const [previewed, placed] = [
      await preview(terms),
      await post(`${engine.url}${EXECUTE}`, { ...purchase, ...terms }),
    ]
    for (const reply of [previewed, placed]) {
      expectProblem(reply, 422, code)
      expect(reply.body.errors).toEqual([
        expect.objectContaining({ field, code, detail: expect.any(String) }),
      ])
    }
  })
})

describeDistributed('orders for a token that is launched, on several processes', () => {
  test('buy once, whichever process sees the launch', async () => {
    const { engines, stop } = await startDistributed(['api', 'worker', 'worker'], settings)
    const url = engines[0]?.url ?? ''
    const orderIds = await Promise.all(Array.from({ length: 10 }, () => snipe(url, first)))
    const ofCreator = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const reply = await post<OrderBody>(`${url}${EXECUTE}`, { ...purchase, creator: second })
        return reply.body.orderId
      }),
    )
    await launch(url, 'SHARED', { mint: first, creator: second })
    for (const orderId of [...orderIds, ...ofCreator]) {
      expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed', tokenOut: 'SHARED' })
      const swaps = await swapsOf(url, orderId)
      // Fifteen purchases move the price of one small pool: some revert, and are tried again.
      expect(swaps.filter(({ error }) => error === null)).toHaveLength(1)
    }
    await stop()
  })
})
