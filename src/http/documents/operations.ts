// Owns what the documentation says of each operation beyond its schemas: its id, its group, and every code that it can answer.

import type { ProblemCode } from '../problems.ts'

/** The groups of the documentation, in its order. */
export const tags = {
  orders: 'Place, follow, change and cancel orders.',
  market: 'Tokens, pools, quotes, depth and candles, and the wallet.',
  access: 'Tickets for the sockets of web pages.',
  operation: 'Health, the system, metrics, and the trading switch.',
  simulation:
    'The simulated world: what landed on its chain, what an operator does to it, and the audit of both.',
} as const

export type Operation = {
  readonly id: string
  readonly tag: keyof typeof tags
  /** Beyond those of every operation, of its access, of its body and of its query. */
  readonly codes: readonly ProblemCode[]
  /** Over which carriers it answers with a stream. */
  readonly stream?: 'websocket' | 'sse' | 'both'
}

/** Any request may be answered so, and most before its operation is known. */
export const everyCodes: readonly ProblemCode[] = [
  'invalid_request',
  'request_timeout',
  'uri_too_long',
  'headers_too_large',
  'too_many_requests',
  'internal_error',
]
/** Of all but health checks. */
export const workingCodes: readonly ProblemCode[] = ['shutting_down', 'store_unavailable']
export const keyCodes: readonly ProblemCode[] = ['key_required', 'key_invalid']
export const queryCodes: readonly ProblemCode[] = ['unknown_field', 'invalid_type', 'missing_field']
/** Where a body may be sent, whether or not one is taken. */
export const sizeCodes: readonly ProblemCode[] = ['body_too_large']
export const bodyCodes: readonly ProblemCode[] = [
  'invalid_json',
  'invalid_utf8',
  'duplicate_key',
  'too_deep',
  'body_not_object',
  'forbidden_key',
  'unsupported_media_type',
  'missing_field',
  'unknown_field',
  'invalid_type',
  'number_not_exact',
]
export const socketCodes: readonly ProblemCode[] = ['upgrade_required', 'origin_denied']
export const streamCodes: readonly ProblemCode[] = ['too_many_sockets']

const pairCodes = ['unknown_token', 'same_token'] as const
const amountCodes = ['amount_malformed', 'amount_precision', 'amount_not_positive', 'amount_range'] as const
const termCodes = ['price_malformed', 'expiry_invalid', 'terms_contradict', 'slippage_invalid'] as const

/** What an order can be denied for, wherever it is placed. */
const placing: readonly ProblemCode[] = [
  ...pairCodes,
  ...amountCodes,
  ...termCodes,
  'unsupported_order_type',
  'slippage_twice',
  'start_invalid',
  'unknown_source',
  'would_fire_at_once',
  'off_market',
  'impact_needs_consent',
  'pool_too_old',
  'token_not_allowed',
  'order_notional_exceeded',
  'client_order_id_taken',
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'rate_limited',
  'open_orders_exceeded',
  'daily_notional_exceeded',
  'entries_halted',
  'cooldown',
  'daily_loss_exceeded',
  'daily_fees_exceeded',
  'too_many_resting_orders',
  'trading_halted',
  'queue_unavailable',
]
const quoting: readonly ProblemCode[] = [...pairCodes, ...amountCodes, 'slippage_invalid']
const filtering: readonly ProblemCode[] = ['unknown_token']

/** By method and route. */
export const operations: Readonly<Record<string, Operation>> = {
  'POST /api/orders/execute': { id: 'placeOrder', tag: 'orders', codes: [...placing, 'overloaded'] },
  'GET /api/orders/execute': {
    id: 'followOrder',
    tag: 'orders',
    codes: ['scope_missing', 'order_not_found', 'overloaded'],
    stream: 'websocket',
  },
  'POST /api/orders/preview': { id: 'previewOrder', tag: 'orders', codes: placing },
  'GET /api/orders': { id: 'listOrders', tag: 'orders', codes: [...filtering, 'invalid_cursor'] },
  'DELETE /api/orders': {
    id: 'cancelOrders',
    tag: 'orders',
    codes: [...filtering, 'filter_required', 'confirm_invalid', 'confirm_expired'],
  },
  'GET /api/orders/stream': {
    id: 'streamOrders',
    tag: 'orders',
    codes: [...filtering, 'invalid_cursor', 'cursor_expired'],
    stream: 'both',
  },
  'GET /api/orders/:id': { id: 'getOrder', tag: 'orders', codes: ['order_not_found'] },
  'PATCH /api/orders/:id': {
    id: 'amendOrder',
    tag: 'orders',
    codes: [...amountCodes, ...termCodes, 'order_not_found', 'too_late', 'version_mismatch', 'not_amendable'],
  },
  'DELETE /api/orders/:id': { id: 'cancelOrder', tag: 'orders', codes: ['order_not_found', 'too_late'] },
  'GET /api/orders/:id/events': {
    id: 'streamOrderEvents',
    tag: 'orders',
    codes: ['order_not_found'],
    stream: 'sse',
  },
  'GET /api/quotes': { id: 'getQuotes', tag: 'market', codes: quoting },
  'GET /api/quotes/stream': { id: 'streamQuotes', tag: 'market', codes: quoting, stream: 'both' },
  'GET /api/candles': { id: 'getCandles', tag: 'market', codes: [...pairCodes, 'no_such_pool'] },
  'GET /api/candles/stream': {
    id: 'streamCandles',
    tag: 'market',
    codes: [...pairCodes, 'no_such_pool'],
    stream: 'both',
  },
  'GET /api/tokens': { id: 'listTokens', tag: 'market', codes: [] },
  'GET /api/pools': { id: 'listPools', tag: 'market', codes: [] },
  'GET /api/depth': { id: 'getDepth', tag: 'market', codes: [...pairCodes, ...amountCodes, 'no_such_pool'] },
  'GET /api/wallet': { id: 'getWallet', tag: 'market', codes: [] },
  'POST /api/tickets': { id: 'issueTicket', tag: 'access', codes: [] },
  'GET /api/admin/trading': { id: 'getTrading', tag: 'operation', codes: [] },
  'PUT /api/admin/trading': { id: 'setTrading', tag: 'operation', codes: [] },
  'GET /api/system': { id: 'getSystem', tag: 'operation', codes: [] },
  'GET /healthz': { id: 'getHealth', tag: 'operation', codes: [] },
  'GET /readyz': { id: 'getReadiness', tag: 'operation', codes: [] },
  'GET /metrics': { id: 'getMetrics', tag: 'operation', codes: [] },
  'GET /api/simulation/swaps': {
    id: 'listSwaps',
    tag: 'simulation',
    codes: ['invalid_cursor'],
  },
  'POST /api/simulation/moves': {
    id: 'moveMarket',
    tag: 'simulation',
    codes: [...pairCodes, 'no_such_pool'],
  },
  'GET /api/simulation/launches': { id: 'listLaunches', tag: 'simulation', codes: [] },
  'POST /api/simulation/launches': {
    id: 'launchToken',
    tag: 'simulation',
    codes: [...amountCodes, 'token_taken'],
  },
  'GET /api/simulation/faults': { id: 'getFaults', tag: 'simulation', codes: [] },
  'PATCH /api/simulation/faults': { id: 'setFaults', tag: 'simulation', codes: [] },
  'DELETE /api/simulation/faults': { id: 'resetFaults', tag: 'simulation', codes: [] },
  'POST /api/simulation/forks': { id: 'forkChain', tag: 'simulation', codes: ['no_forks'] },
  'DELETE /api/simulation/processes/:id': { id: 'killProcess', tag: 'simulation', codes: ['not_found'] },
  'GET /api/simulation/audit': { id: 'auditOrders', tag: 'simulation', codes: [] },
}
