// Owns the answer to a denied request: RFC 9457 problem details, their codes from one closed table.

import { StoreUnavailable } from '../domain/ports/sql.ts'
import { securityHeaders } from './edge/securityHeaders.ts'

/** HTTP status and title for every code a client can meet. Match on the code, never on the text. */
export const problemTable = {
  invalid_json: { status: 400, title: 'The body is not valid JSON.' },
  invalid_utf8: { status: 400, title: 'The body is not valid UTF-8.' },
  duplicate_key: { status: 400, title: 'The body names a field twice.' },
  too_deep: { status: 400, title: 'The body is nested too deeply.' },
  body_not_object: { status: 400, title: 'The body must be a JSON object.' },
  forbidden_key: { status: 400, title: 'The body names a field that no request may have.' },
  invalid_request: { status: 400, title: 'The request cannot be read.' },
  invalid_cursor: { status: 400, title: 'The cursor is not one this engine gave out.' },
  idempotency_key_invalid: {
    status: 400,
    title: 'Idempotency-Key must be one value of 1 to 255 visible ASCII characters.',
  },
  key_required: { status: 401, title: 'This takes an API key: send Authorization: Bearer with it.' },
  key_invalid: { status: 401, title: 'This key or ticket is not valid, or no longer.' },
  scope_missing: { status: 403, title: 'This key does not have the scope that this takes.' },
  origin_denied: { status: 403, title: 'Pages of this origin may not do this: see ALLOWED_ORIGINS.' },
  order_not_found: { status: 404, title: 'There is no such order.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, title: 'This address does not take that method.' },
  request_timeout: { status: 408, title: 'The request took too long to arrive.' },
  cursor_expired: {
    status: 410,
    title: 'The events behind this cursor are not kept any more: start over without a cursor.',
  },
  too_late: {
    status: 409,
    title: 'The order is past changing and canceling: its swap has been submitted or it has ended.',
  },
  client_order_id_taken: { status: 409, title: 'Another order has this clientOrderId.' },
  version_mismatch: { status: 412, title: 'The order has moved on: its seq is not that of If-Match.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  uri_too_long: { status: 414, title: 'The address is too long.' },
  unsupported_media_type: {
    status: 415,
    title: 'The body must be application/json in UTF-8, not encoded further.',
  },
  missing_field: { status: 422, title: 'A required field is missing.' },
  unknown_field: { status: 422, title: 'The request has a field that this engine does not know.' },
  invalid_type: { status: 422, title: 'A field has the wrong type or form.' },
  unsupported_order_type: { status: 422, title: 'This order type is not supported.' },
  unknown_token: { status: 422, title: 'The token is not known here.' },
  same_token: { status: 422, title: 'The two tokens are the same.' },
  token_taken: { status: 422, title: 'Another token has this symbol or mint.' },
  no_forks: {
    status: 422,
    title: 'This chain never forks: with SIM_SPEED=instant, or SIM_FINALITY_BLOCKS below 2.',
  },
  no_such_pool: { status: 422, title: 'No pool of these venues trades the two tokens.' },
  amount_malformed: { status: 422, title: 'The amount must be a plain decimal such as "12.5".' },
  amount_not_positive: { status: 422, title: 'The amount must be more than zero.' },
  amount_precision: { status: 422, title: 'The amount has more decimals than the token.' },
  amount_range: { status: 422, title: 'The amount is larger than any token account can hold.' },
  number_not_exact: { status: 422, title: 'The number cannot be read back exactly; send it as a string.' },
  token_not_allowed: { status: 422, title: 'This key may not trade the token.' },
  order_notional_exceeded: { status: 422, title: 'This key may not sell so much in one order.' },
  slippage_invalid: { status: 422, title: 'The slippage must be a whole number of bps within the limit.' },
  slippage_twice: { status: 422, title: 'Give slippage or slippageBps, not both.' },
  price_malformed: { status: 422, title: 'A price must be a positive plain decimal such as "4.05".' },
  unknown_source: { status: 422, title: 'The source of the price is not known here.' },
  expiry_invalid: { status: 422, title: 'expiresAt must be a time to come within the limit, as RFC 3339.' },
  start_invalid: { status: 422, title: 'startAt must be a time to come within the limit, as RFC 3339.' },
  terms_contradict: { status: 422, title: 'Two terms of the order contradict each other.' },
  would_fire_at_once: {
    status: 422,
    title: 'The market is at the trigger price already. Send onImmediate: "fire" if that is meant.',
  },
  off_market: {
    status: 422,
    title: 'The limit is more than 5 % worse than the market. Send acceptOffMarket: true if that is meant.',
  },
  impact_needs_consent: {
    status: 422,
    title: 'The amount itself worsens the price by 5 % or more. Send acceptImpact: true if that is meant.',
  },
  filter_required: { status: 422, title: 'Name the orders: with at least one filter, or all=true alone.' },
  confirm_invalid: { status: 422, title: 'The token is not one that was given out for this key and filter.' },
  confirm_expired: { status: 422, title: 'The token is too old: ask for the count again.' },
  pool_too_old: { status: 422, title: 'The first pool of the token is older than the order allows.' },
  not_amendable: { status: 422, title: 'An order of this type does not have that term.' },
  idempotency_key_reused: {
    status: 422,
    title: 'This Idempotency-Key belongs to a request with another body.',
  },
  upgrade_required: { status: 426, title: 'Open a WebSocket here, or POST an order.' },
  too_many_requests: { status: 429, title: 'This address asks too often.' },
  too_many_sockets: { status: 429, title: 'This address has as many open streams as it may.' },
  rate_limited: { status: 429, title: 'This key has placed as many orders as it may in a minute.' },
  open_orders_exceeded: { status: 429, title: 'This key has as many open orders as it may.' },
  daily_notional_exceeded: {
    status: 429,
    title: 'This key would sell more of the token than it may on one day.',
  },
  entries_halted: {
    status: 429,
    title: 'So many stops of this key were filled that its entries are halted. Exits are taken on.',
  },
  cooldown: { status: 429, title: 'An exit of this key has sold the token: no entry buys it again so soon.' },
  daily_loss_exceeded: {
    status: 429,
    title: 'This key could lose more of the token than it may on one day. Exits are taken on.',
  },
  daily_fees_exceeded: {
    status: 429,
    title: 'This key has paid as many network fees as it may on one day. Exits are taken on.',
  },
  headers_too_large: { status: 431, title: 'The headers are too large.' },
  internal_error: { status: 500, title: 'The engine met an unexpected fault.' },
  store_unavailable: {
    status: 503,
    title:
      'The order store did not answer; what became of the request is not known. Repeat it with the same key.',
  },
  overloaded: { status: 503, title: 'More orders come than can be done in time: this one was not taken on.' },
  too_many_resting_orders: { status: 503, title: 'As many orders rest here as may: see MAX_RESTING_ORDERS.' },
  trading_halted: { status: 503, title: 'Trading is halted, or entries are: this order is not taken on.' },
  queue_unavailable: { status: 503, title: 'New orders cannot be taken on right now.' },
  shutting_down: { status: 503, title: 'This process is shutting down.' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problemTable

export type FieldError = { readonly field: string; readonly code: ProblemCode; readonly detail: string }

/** Why a request is denied: thrown anywhere while it is handled, turned into an answer in one place. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly detail: string | undefined
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ProblemCode,
    more: {
      readonly detail?: string
      readonly errors?: readonly FieldError[]
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    // No stack trace: collecting one costs more than the whole denial, and under overload denials come in thousands.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(code)
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.detail = more.detail
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
  }
}

/** The Problem for any error: its own, or what a fault means to a client. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(error instanceof StoreUnavailable ? 'store_unavailable' : 'internal_error')
}

/** Retry-After of a 503 that names no time itself. */
const RETRY_AFTER_S = '1'

/** The problem+json body. */
export function problemBody({ code, detail, errors }: Problem, requestId: string, instance?: string) {
  const { status, title } = problemTable[code]
  return {
    type: `urn:order-execution-engine:problem:${code}`,
    title,
    status,
    code,
    ...(detail === undefined ? {} : { detail }),
    ...(instance === undefined ? {} : { instance }),
    requestId,
    ...(errors.length === 0 ? {} : { errors }),
  }
}

/** All headers of a problem's answer but its length; with Retry-After where a retry helps. */
export function problemHeaders(problem: Problem): Record<string, string> {
  const retry = problemTable[problem.code].status === 503 ? { 'retry-after': RETRY_AFTER_S } : {}
  // Closing while the client still sends would reset the connection before it reads the answer; the rest is drained.
  const drain = problem.code === 'body_too_large' ? { connection: 'keep-alive' } : {}
  return {
    'content-type': 'application/problem+json',
    ...securityHeaders,
    ...retry,
    ...drain,
    ...problem.headers,
  }
}

/** One Problem for several field errors, with the code of the first. */
export function denied(errors: readonly FieldError[]): Problem {
  const [first] = errors
  if (first === undefined) throw new Error('a denial needs a reason')
  return new Problem(first.code, { errors, detail: first.detail })
}
