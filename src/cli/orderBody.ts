// Owns an order as arguments or a file write it: from options to the body of a request. What the engine checks is left to it.

import { readFileSync } from 'node:fs'
import type { Node } from 'jsonc-parser'
import type { OrderRequest } from 'oee-client'
import type { Millis } from '../timing/clock.ts'
import { readDuration, readTime } from './duration.ts'
import { count } from './engineClient.ts'
import { CommandFault, EXIT, UsageError } from './faults.ts'
import type { Terminal } from './terminal.ts'

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const
const flag = (help: string) => ({ type: 'boolean', help }) as const

/** Terms of an order. */
export const terms = {
  type: text(
    '<type>',
    'market (the default), limit, stop, takeProfit, trailingStop, sniper, twap; oco by --body',
  ),
  in: text('<token>', 'the token to sell, by symbol or mint'),
  out: text('<token>', 'the token to buy'),
  amount: text('<decimal>', 'how much of --in to sell'),
  'slippage-bps': text('<bps>', 'how far below the quote it may fill; 100 is 1 %'),
  'limit-price': text('<price>', 'the least to be paid, in --out for one --in'),
  'trigger-price': text('<price>', 'of stop and takeProfit: the price at which it fires'),
  'trailing-bps': text('<bps>', 'of trailingStop: how far the price may fall from its best'),
  'activation-price': text('<price>', 'of trailingStop: the price from which it follows'),
  'price-of': text('<token>', 'tokenOut reads all prices the other way round: in --in for one --out'),
  expires: text('<when>', 'when it ends by itself: 2d, or 2027-01-31T00:00:00Z'),
  'time-in-force': text('<tif>', 'of limit: GTC, GTT, IOC or FOK'),
  'on-immediate': text(
    '<what>',
    'of stop, takeProfit, trailingStop: fire, where the market is there already',
  ),
  slices: text('<n>', 'of twap: how many'),
  duration: text('<time>', 'of twap: over how long, as in 30m'),
  venues: text('<list>', 'only these: raydium, meteora'),
  'max-price-impact-bps': text('<bps>', 'no route that moves the price by more'),
  'no-split': flag('all of it goes one way'),
  'accept-off-market': flag('consent to a limit far worse than the market'),
  'accept-impact': flag('consent to an amount that moves the price by 5 % or more'),
  'client-order-id': text('<id>', 'your own id, unique for ever'),
  body: text('<file>', 'the order as JSON instead, from a file; - is standard input'),
} as const

type Given = { readonly [K in keyof typeof terms]?: string | boolean }

/** Throws a UsageError for options that cannot be meant, and for a body that is not exact. */
export async function orderOf(given: Given, now: Millis, terminal: Terminal): Promise<OrderRequest> {
  const { body, ...rest } = given
  if (body === undefined) return fromOptions(rest as Options, now) as OrderRequest
  if (Object.keys(rest).some((name) => name in terms)) {
    throw new UsageError('With --body the order is all in the file: leave the other terms out.')
  }
  return parseBody(inputOf(String(body), terminal))
}

type Options = { readonly [K in Exclude<keyof typeof terms, 'body'>]?: string } & Readonly<
  Record<string, unknown>
>

function fromOptions(given: Options, now: Millis): object {
  for (const name of ['in', 'out', 'amount'] as const) {
    if (given[name] === undefined) throw new UsageError(`Name --${name}.`)
  }
  const { type = 'market', venues } = given
  const trigger = {
    price: given['trigger-price'],
    trailingBps: count('trailing-bps', given['trailing-bps'], 10_000),
    activationPrice: given['activation-price'],
  }
  return defined({
    type,
    tokenIn: given.in,
    tokenOut: given.out,
    amountIn: given.amount,
    slippageBps: count('slippage-bps', given['slippage-bps'], 10_000),
    limitPrice: given['limit-price'],
    trigger: Object.values(trigger).some((value) => value !== undefined) ? defined(trigger) : undefined,
    priceOf: given['price-of'],
    expiresAt: timeOf('expires', given.expires, now),
    timeInForce: given['time-in-force'],
    onImmediate: given['on-immediate'],
    slices: count('slices', given.slices, 1_000),
    durationMs: durationOf(given.duration),
    venues: venues?.split(',').map((name) => name.trim()),
    maxPriceImpactBps: count('max-price-impact-bps', given['max-price-impact-bps'], 10_000),
    split: given['no-split'] === undefined ? undefined : false,
    acceptOffMarket: given['accept-off-market'],
    acceptImpact: given['accept-impact'],
    clientOrderId: given['client-order-id'],
  })
}

export const defined = (value: object): object =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))

export function timeOf(name: string, given: string | undefined, now: Millis): string | undefined {
  if (given === undefined) return undefined
  const at = readTime(given, now)
  if (at === null) throw new UsageError(`--${name} must be a duration such as 2d, or a time as RFC 3339.`)
  return new Date(at).toISOString()
}

function durationOf(given: string | undefined): Millis | undefined {
  if (given === undefined) return undefined
  const ms = readDuration(given)
  if (ms === null) throw new UsageError('--duration must be a duration such as 90s, 30m, 4h or 1d.')
  return ms
}

// ---- a body -------------------------------------------------------------------------------------------------------

function inputOf(path: string, terminal: Terminal): string {
  try {
    return path === '-' ? terminal.readInput() : readFileSync(path, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'no reason given'
    throw new CommandFault(EXIT.usage, null, `The file of --body cannot be read (${why}).`)
  }
}

/** A double keeps 15 digits of any decimal. */
const EXACT_DIGITS = 15

/** The engine denies a field that is named twice, and a number that loses digits: here both would vanish on their way to it. */
async function parseBody(json: string): Promise<OrderRequest> {
  const { parseTree } = await import('jsonc-parser')
  const tree = parseTree(json)
  if (tree !== undefined) checkExact(tree, json)
  try {
    return JSON.parse(json)
  } catch {
    throw new CommandFault(
      EXIT.usage,
      'invalid_json',
      'The body is not valid JSON: check its quotes, commas and braces.',
    )
  }
}

function checkExact(node: Node, json: string): void {
  const { type, offset, length, children = [] } = node
  const digits = json
    .slice(offset, offset + length)
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
  if (type === 'number' && digits.length > EXACT_DIGITS) {
    throw new CommandFault(
      EXIT.usage,
      'number_not_exact',
      'A number of the body has too many digits: write it as a string.',
    )
  }
  const names = type === 'object' ? children.map((property) => property.children?.[0]?.value) : []
  if (new Set(names).size < names.length) {
    throw new CommandFault(
      EXIT.usage,
      'duplicate_key',
      'The body names a field twice: leave one of them out.',
    )
  }
  for (const child of children) checkExact(child, json)
}
