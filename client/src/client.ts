// Owns the calls: each as a request or a stream.

import { OeeError, withDetails } from './errors.ts'
import type { EventMessage, OrdersMessage, QuotesMessage } from './generated/wire.ts'
import { type ClientOptions, createHttp, type Http, type Query } from './http.ts'
import { openLimit } from './limit.ts'
import { newestSource, orderSource, ordersSource } from './sources.ts'
import { stream } from './stream.ts'
import type {
  CallOptions,
  Candle,
  Client,
  Launch,
  Order,
  OrderAccepted,
  OrderFilter,
  OrderRequest,
  OrderWithEvents,
  Pools,
  SimulationCalls,
  Token,
} from './types.ts'

const EXECUTE = '/api/orders/execute'
const PREVIEW = '/api/orders/preview'
const ORDERS = '/api/orders'
const TRADING = '/api/admin/trading'
const QUOTES = '/api/quotes'
const CANDLES = '/api/candles'
const SIMULATION = '/api/simulation'

/** Throws a TypeError for a `url` that is none. */
export function createClient(options: ClientOptions): Client {
  const http = createHttp(options)
  const get = <T>(path: string, query: Query, callOptions?: CallOptions) =>
    http.call<T>({ method: 'GET', path, query }, callOptions)
  const order: Client['order'] = (id, { events, ...callOptions } = {}) =>
    get<OrderWithEvents>(pathOf(id), { events }, callOptions)
  const watch: Client['watch'] = (id, { after = 0, waiting = false, ...options } = {}) =>
    stream(http, orderSource(id, after, waiting), options) as AsyncIterableIterator<EventMessage>

  return {
    place: (body, placeOptions = {}) => place(http, order, body, placeOptions),
    preview: (body, { idempotencyKey, ...callOptions } = {}) =>
      http.call({ method: 'POST', path: PREVIEW, body, headers: keyHeader(idempotencyKey) }, callOptions),
    order,
    list: (filter = {}, callOptions = {}) => pages(http, filter, callOptions),
    watch,
    watchAll: (filter = {}, { cursor, ...options } = {}) =>
      stream<OrdersMessage>(http, ordersSource(filter, cursor), options),
    waitFor: (id, status, callOptions = {}) => waitFor({ watch, order }, id, [status].flat(), callOptions),
    cancel: (id, callOptions) => http.call({ method: 'DELETE', path: pathOf(id) }, callOptions),
    amend: (id, body, { ifMatch, ...callOptions } = {}) =>
      http.call(
        {
          method: 'PATCH',
          path: pathOf(id),
          body,
          headers: ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` },
          // Repeated after its first success, it would be denied: the order has moved on.
          isOnce: ifMatch !== undefined,
        },
        callOptions,
      ),
    cancelAll: <T>(
      filter: Query,
      { confirm }: { confirm?: string | undefined } = {},
      callOptions?: CallOptions,
    ) => http.call<T>({ method: 'DELETE', path: ORDERS, query: { ...filter, confirm } }, callOptions),
    quote: (request, callOptions) => get(QUOTES, request, callOptions),
    watchQuotes: (request, options = {}) =>
      stream(http, newestSource<QuotesMessage>(`${QUOTES}/stream`, request), options),
    candles: (request, callOptions) => get(CANDLES, request, callOptions),
    watchCandles: (request, options = {}) =>
      stream(http, newestSource<Candle>(`${CANDLES}/stream`, request), options),
    trading: (callOptions) => get(TRADING, {}, callOptions),
    setTrading: (state, callOptions) =>
      http.call({ method: 'PUT', path: TRADING, body: { state } }, callOptions),
    tokens: async (callOptions) =>
      (await get<{ readonly tokens: readonly Token[] }>('/api/tokens', {}, callOptions)).tokens,
    pools: (callOptions) => get<Pools>('/api/pools', {}, callOptions),
    wallet: (callOptions) => get('/api/wallet', {}, callOptions),
    depth: (request, callOptions) => get('/api/depth', request, callOptions),
    system: (callOptions) => get('/api/system', {}, callOptions),
    ...simulationCalls(http, get),
  }
}

type Get = <T>(path: string, query: Query, callOptions?: CallOptions) => Promise<T>

const simulationCalls = (http: Http, get: Get): SimulationCalls => ({
  faults: (callOptions) => get(`${SIMULATION}/faults`, {}, callOptions),
  setFaults: (body, callOptions) =>
    http.call({ method: 'PATCH', path: `${SIMULATION}/faults`, body }, callOptions),
  resetFaults: (callOptions) => http.call({ method: 'DELETE', path: `${SIMULATION}/faults` }, callOptions),
  // Repeated, it would fork again.
  fork: (callOptions) =>
    http.call({ method: 'POST', path: `${SIMULATION}/forks`, isOnce: true }, callOptions),
  // The process that answers may be the one that ends, and a repeat would not find it any more.
  kill: (processId, callOptions) =>
    http.call(
      {
        method: 'DELETE',
        path: `${SIMULATION}/processes/${encodeURIComponent(processId)}`,
        isOnce: true,
      },
      callOptions,
    ),
  audit: (callOptions) => get(`${SIMULATION}/audit`, {}, callOptions),
  launches: async (callOptions) =>
    (await get<{ readonly launches: readonly Launch[] }>(`${SIMULATION}/launches`, {}, callOptions)).launches,
  // Repeated, it would find its own token taken.
  launch: (body, callOptions) =>
    http.call({ method: 'POST', path: `${SIMULATION}/launches`, body, isOnce: true }, callOptions),
})

const pathOf = (id: string) => `${ORDERS}/${encodeURIComponent(id)}`

const keyHeader = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { 'idempotency-key': key }

/** 128 bits; not `randomUUID`, which a page without https lacks. */
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

async function place(
  http: Http,
  order: Client['order'],
  body: OrderRequest,
  { idempotencyKey = newKey(), ...callOptions }: CallOptions & { readonly idempotencyKey?: string },
): Promise<OrderAccepted> {
  const headers = keyHeader(idempotencyKey)
  try {
    return await http.call({ method: 'POST', path: EXECUTE, body, headers }, callOptions)
  } catch (reason) {
    const error = withDetails(reason as OeeError, { idempotencyKey })
    if (!error.isAmbiguous || callOptions.signal?.aborted) throw error
    return placedUnder(http, order, body, headers).catch(() => {
      throw error
    })
  }
}

/** The order that the key stands for, asked without placing one; rejects where there is none, or no answer. */
async function placedUnder(
  http: Http,
  order: Client['order'],
  body: OrderRequest,
  headers: Readonly<Record<string, string>>,
): Promise<OrderAccepted> {
  const soon = { timeoutMs: http.attemptMs }
  const { replayOf } = await http.call<{ replayOf?: string }>(
    { method: 'POST', path: PREVIEW, body, headers },
    soon,
  )
  if (replayOf === undefined) throw new Error('the key stands for no order')
  const { orderId, status, seq, clientOrderId, summary, createdAt } = await order(replayOf, soon)
  return {
    orderId,
    wsUrl: `${http.base.replace(/^http/, 'ws')}${EXECUTE}?orderId=${orderId}`,
    status,
    seq,
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    summary,
    createdAt,
  }
}

type Page = { readonly orders: readonly Order[]; readonly nextCursor: string | null }

const PAGE = 100

async function* pages(
  http: Http,
  filter: OrderFilter,
  callOptions: CallOptions,
): AsyncGenerator<Order, undefined> {
  let cursor: string | undefined
  do {
    const query: Query = { ...filter, limit: PAGE, cursor }
    const page = await http.call<Page>({ method: 'GET', path: ORDERS, query }, callOptions)
    yield* page.orders
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}

async function waitFor(
  { watch, order }: Pick<Client, 'watch' | 'order'>,
  id: string,
  wanted: readonly string[],
  { signal, timeoutMs }: CallOptions,
): Promise<OrderWithEvents> {
  const limit = openLimit(signal, timeoutMs)
  try {
    let last = ''
    for await (const { status } of watch(id, { signal: limit.signal })) {
      if (wanted.includes(status)) return await order(id, { signal: limit.signal })
      last = status
    }
    throw new OeeError('ended', `The order has ended: it is ${last}.`)
  } finally {
    limit.close()
  }
}
