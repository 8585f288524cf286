// Owns reading an order request: from its body to an order spec, or to every field at fault.

import { bps, exactDecimal, MAX_SLIPPAGE_BPS, parseAmount } from '../../domain/amount.ts'
import type { OrderId, OrderSpec } from '../../domain/spec.ts'
import { readConstraints } from '../../domain/specCodec.ts'
import { type Token, type TokenList, unlaunched } from '../../domain/token.ts'
import { denied, type FieldError, Problem } from '../problems.ts'
import type { OrderRequest, SniperRequest } from '../schemas/orderSchemas.ts'
import { ADDRESS_FORM, isAddress } from './addressField.ts'
import { type Given, readExits, readOcoLegs, readTwap } from './familyRequest.ts'
import { readAmount } from './fields.ts'
import { type ExpiryRules, readExit, readLimit } from './restingRequest.ts'
import { readSniper } from './sniperRequest.ts'

type RequestContext = {
  readonly orderId: OrderId
  readonly owner: string
  readonly tokens: TokenList
  readonly defaultSlippageBps: number
  readonly expiry: ExpiryRules
}

/** A request that asks for what is past already. It may be the repeat of one that came in time. */
export class LateRequest extends Problem {
  readonly spec: OrderSpec

  constructor(errors: readonly FieldError[], spec: OrderSpec) {
    const { code, detail } = denied(errors)
    super(code, { errors, ...(detail === undefined ? {} : { detail }) })
    this.spec = spec
  }
}

/**
 * The spec of the order that a valid request asks for. Throws a Problem that names every field at fault: a LateRequest, where all
 * it lacks is that its times are to come.
 */
export function toOrderSpec(request: OrderRequest, context: RequestContext): OrderSpec {
  const errors: FieldError[] = []
  const late: FieldError[] = []
  const pair = readTokens(request, context.tokens, errors)
  const slippage = { asked: readSlippage(request, errors), otherwise: context.defaultSlippageBps }
  const amountIn = pair === null ? null : readAmount(request.amountIn, pair.tokenIn, errors)
  const own = readOwn(request, { slippage, expiry: { ...context.expiry, late }, pair, amountIn }, errors)
  if (pair === null || amountIn === null || errors.length > 0) throw denied([...errors, ...late])
  const { orderId, owner } = context
  const constraints = readConstraints(request)
  const spec = {
    orderId,
    owner,
    ...pair,
    amountIn,
    constraints,
    clientOrderId: request.clientOrderId ?? null,
    parent: null,
    ...own,
  }
  if (late.length > 0) throw new LateRequest(late, spec)
  return spec
}

/** The terms of the order's type. Adds to `errors` every field at fault; they then must not be used. */
function readOwn(request: OrderRequest, given: Given, errors: FieldError[]) {
  const slippageBps = bps(given.slippage.asked ?? given.slippage.otherwise)
  switch (request.type) {
    case 'market':
      return { type: request.type, slippageBps, exits: readExits(request, given, errors) }
    case 'oco':
      return { type: request.type, slippageBps, legs: readOcoLegs(request.legs, given, errors) }
    case 'twap':
      return { ...readTwap(request, given, errors), slippageBps }
    case 'limit':
      return {
        ...readLimit(request, given.slippage, given.expiry, errors),
        exits: readExits(request, given, errors),
      }
    case 'sniper':
      return {
        ...readSniper(request, given.slippage, given.expiry, errors),
        exits: readExits(request, given, errors),
      }
    default:
      return readExit(request, given.slippage, given.expiry, errors)
  }
}

/** The two tokens of an order; null after adding to `errors`. One to be launched is known by its mint alone, or by its creator. */
function readTokens(request: OrderRequest, tokens: TokenList, errors: FieldError[]) {
  const { tokenIn } = request
  if (request.type !== 'sniper') return readPair(tokenIn, request.tokenOut, tokens, errors)
  const bought = readBought(request, errors)
  if (bought !== null && bought.field === 'tokenOut' && tokens.find(bought.name) !== undefined) {
    return readPair(tokenIn, bought.name, tokens, errors)
  }
  const known = tokens.find(tokenIn)
  if (known === undefined) errors.push({ field: 'tokenIn', ...unknownToken })
  if (bought === null) return null
  if (isAddress(bought.name))
    return known === undefined ? null : { tokenIn: known, tokenOut: unlaunched(bought.name) }
  errors.push({ field: bought.field, ...notOneOf[bought.field] })
  return null
}

/** What a sniper buys: a token, or the launch of a creator; null after adding to `errors`. */
function readBought({ tokenOut, creator }: SniperRequest, errors: FieldError[]) {
  if (tokenOut !== undefined && creator === undefined) return { field: 'tokenOut', name: tokenOut } as const
  if (tokenOut === undefined && creator !== undefined) return { field: 'creator', name: creator } as const
  const fault =
    tokenOut === undefined
      ? ({ code: 'missing_field', detail: 'tokenOut, or creator for any token of one' } as const)
      : ({ code: 'terms_contradict', detail: 'either tokenOut or creator' } as const)
  errors.push({ field: 'tokenOut', ...fault }, { field: 'creator', ...fault })
  return null
}

const notOneOf = {
  tokenOut: {
    code: 'unknown_token',
    detail: `neither a token of GET /api/tokens nor a mint: ${ADDRESS_FORM}`,
  },
  creator: { code: 'invalid_type', detail: ADDRESS_FORM },
} as const

const unknownToken = {
  code: 'unknown_token',
  detail: 'see GET /api/tokens for those that are known',
} as const

/** The two tokens, by symbol or mint; null after adding to `errors`. */
export function readPair(
  nameIn: string,
  nameOut: string,
  tokens: TokenList,
  errors: FieldError[],
  [fieldIn, fieldOut] = ['tokenIn', 'tokenOut'],
): { tokenIn: Token; tokenOut: Token } | null {
  const [tokenIn, tokenOut] = [tokens.find(nameIn), tokens.find(nameOut)]
  if (tokenIn === undefined) errors.push({ field: fieldIn, ...unknownToken })
  if (tokenOut === undefined) errors.push({ field: fieldOut, ...unknownToken })
  if (tokenIn === undefined || tokenOut === undefined) return null
  if (tokenIn === tokenOut) {
    errors.push({ field: fieldOut, code: 'same_token', detail: `both are ${tokenIn.symbol}` })
    return null
  }
  return { tokenIn, tokenOut }
}

/** In bps; null where the order names none, or after adding to `errors`. */
function readSlippage(request: OrderRequest, errors: FieldError[]): number | null {
  const { slippage, slippageBps } = request
  if (slippage !== undefined && slippageBps !== undefined) {
    errors.push({ field: 'slippage', code: 'slippage_twice', detail: 'slippageBps is given too' })
  }
  if (slippage === undefined) return slippageBps ?? null
  const text = typeof slippage === 'number' ? (exactDecimal(String(slippage)) ?? '') : slippage
  // A fraction with four decimals is a whole number of bps.
  const read = parseAmount(text, 4)
  if (typeof read === 'bigint' && read <= BigInt(MAX_SLIPPAGE_BPS)) return Number(read)
  const detail = `a fraction from 0.0001 to ${MAX_SLIPPAGE_BPS / 10_000} with at most four decimals`
  errors.push({ field: 'slippage', code: 'slippage_invalid', detail })
  return null
}

/** The key as sent, quoted or bare; null when absent. Throws a Problem for anything that is not one plain key. */
export function readIdempotencyKey(header: string | readonly string[] | undefined): string | null {
  if (header === undefined) return null
  const bare = typeof header === 'string' ? (/^"(.*)"$/.exec(header)?.[1] ?? header) : ''
  if (!/^[\x21-\x7e]{1,255}$/.test(bare)) throw new Problem('idempotency_key_invalid')
  return bare
}
