// Owns the keys program: its arguments and its output. How help shows it is keysCommand.ts.

import { parseArgs } from 'node:util'
import { type ApiKey, isUsable, type Scope, scopes } from '../domain/access.ts'
import { formatAmount, parseAmount } from '../domain/amount.ts'
import type { KeyStore } from '../domain/ports/keys.ts'
import type { KeyQuotas } from '../domain/quotas.ts'
import { SOL, type Token, type TokenList } from '../domain/token.ts'
import type { Millis } from '../timing/clock.ts'
import { readDuration, readTime, writeDuration } from './duration.ts'
import { CommandFault, EXIT, UsageError } from './faults.ts'

export type KeysDeps = {
  readonly keys: KeyStore
  readonly tokens: TokenList
  readonly now: Millis
  /** Standard output. A new key is alone on its line, for scripts. */
  print(text: string): void
  /** Standard error: the explanation, for people. */
  explain(text: string): void
}

export async function runKeys([command, ...args]: readonly string[], deps: KeysDeps): Promise<void> {
  switch (command) {
    case 'create':
      return create(args, deps)
    case 'list':
      return list(args, deps)
    case 'revoke':
      return revoke(args, deps)
    default:
      throw new UsageError(command === undefined ? 'Name a command.' : 'There is no such command.')
  }
}

const createOptions = {
  name: { type: 'string' },
  scopes: { type: 'string', default: 'trade,read' },
  expires: { type: 'string' },
  'orders-per-minute': { type: 'string' },
  'open-orders': { type: 'string' },
  'per-order': { type: 'string' },
  'per-day': { type: 'string' },
  tokens: { type: 'string' },
  'halt-after-stops': { type: 'string' },
  cooldown: { type: 'string' },
  'max-loss-per-day': { type: 'string' },
  'max-fees-per-day': { type: 'string' },
  'max-open-positions': { type: 'string' },
} as const
type Values = Partial<Record<keyof typeof createOptions, string>>

async function create(args: string[], { keys, tokens, now, print, explain }: KeysDeps): Promise<void> {
  const { values } = read(() => parseArgs({ args, options: createOptions }))
  const { key, token } = await keys.create({
    name: readName(values.name),
    scopes: readScopes(values.scopes),
    quotas: readLimits(values, tokens),
    expiresAt: values.expires === undefined ? null : readExpiry(values.expires, now),
  })
  explain(
    `${lineOf(key, tokens, now)}\nThis key is shown only once. A running engine accepts it within a second:`,
  )
  print(token)
}

async function list(args: string[], { keys, tokens, now, print }: KeysDeps): Promise<void> {
  read(() => parseArgs({ args }))
  for (const key of await keys.list()) print(lineOf(key, tokens, now))
}

async function revoke(args: string[], { keys, explain }: KeysDeps): Promise<void> {
  const { positionals } = read(() => parseArgs({ args, allowPositionals: true }))
  const [id] = positionals
  if (id === undefined || positionals.length > 1) throw new UsageError('Name the id of one key.')
  if (!(await keys.revoke(id))) {
    throw new CommandFault(
      EXIT.failed,
      'key_not_found',
      'There is no key with this id: "oee keys list" shows all.',
    )
  }
  explain(`Key ${id} is revoked. A running engine denies it within a second.`)
}

/** Arguments that cannot be read are a usage fault. Their text is not repeated: it may hold a key. */
function read<T>(parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new UsageError('These arguments cannot be read.')
  }
}

function readName(text: string | undefined): string {
  if (text === undefined || !/^[\x20-\x7e]{1,64}$/.test(text)) {
    throw new UsageError('--name must name the holder of the key, in 1 to 64 plain characters.')
  }
  return text
}

function readScopes(text: string): readonly Scope[] {
  const wanted = new Set(text.split(',').map((name) => name.trim()))
  const known = scopes.filter((scope) => wanted.delete(scope))
  if (wanted.size > 0 || known.length === 0)
    throw new UsageError(`--scopes must be a list of ${scopes.join(', ')}.`)
  return known
}

function readExpiry(text: string, now: Millis): Millis {
  const at = readTime(text, now)
  if (at === null || at <= now) {
    throw new UsageError('--expires must be a number of days or a time in the future.')
  }
  return at
}

// ---- limits -------------------------------------------------------------------------------------------------------

/** Null when nothing is limited. */
function readLimits(values: Values, tokens: TokenList): KeyQuotas | null {
  const limits: KeyQuotas = {
    ...limit('ordersPerMinute', readCount('orders-per-minute', values)),
    ...limit('openOrders', readCount('open-orders', values)),
    ...limit('perOrder', readAmounts('per-order', values, tokens)),
    ...limit('perDay', readAmounts('per-day', values, tokens)),
    ...limit('tokens', readTokens(values.tokens, tokens)),
    ...readProtections(values, tokens),
  }
  return Object.keys(limits).length === 0 ? null : limits
}

const limit = <K extends keyof KeyQuotas>(name: K, value: KeyQuotas[K]) =>
  value === undefined ? {} : { [name]: value }

function readCount(
  option: 'orders-per-minute' | 'open-orders' | 'max-open-positions',
  values: Values,
): number | undefined {
  const text = values[option]
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new UsageError(`--${option} must be a whole number from 1 to 999999.`)
  return Number(text)
}

function readAmounts(
  option: 'per-order' | 'per-day' | 'max-loss-per-day',
  values: Values,
  tokens: TokenList,
) {
  const text = values[option]
  if (text === undefined) return undefined
  const amounts = text.split(',').map((item): [string, string] => {
    const [name = '', written = ''] = item.split('=')
    const token = tokens.find(name.trim())
    const amount = token === undefined ? 'malformed' : parseAmount(written.trim(), token.decimals)
    if (token === undefined || typeof amount === 'string') {
      throw new UsageError(`--${option} must name tokens known here and amounts, as in SOL=10,USDC=2000.`)
    }
    return [token.mint, amount.toString()]
  })
  if (new Set(amounts.map(([mint]) => mint)).size < amounts.length) {
    throw new UsageError(`--${option} names a token twice.`)
  }
  return Object.fromEntries(amounts)
}

function readTokens(text: string | undefined, tokens: TokenList): readonly string[] | undefined {
  return text?.split(',').map((name) => {
    const token = tokens.find(name.trim())
    if (token === undefined) throw new UsageError('--tokens must name tokens known here, as in SOL,USDC.')
    return token.mint
  })
}

const LONGEST_MS = 30 * 86_400_000

/** Null for what is no duration of at most 30 days. */
function readSpan(text: string): Millis | null {
  const ms = readDuration(text)
  return ms !== null && ms <= LONGEST_MS ? ms : null
}

function readProtections(values: Values, tokens: TokenList): KeyQuotas {
  const cooldown = values.cooldown
  const cooldownMs = cooldown === undefined ? undefined : readSpan(cooldown)
  if (cooldownMs === null) throw new UsageError('--cooldown must be a duration of at most 30d, as in 30m.')
  const fees = values['max-fees-per-day']
  const lamports = fees === undefined ? undefined : parseAmount(fees, SOL.decimals)
  if (typeof lamports === 'string') {
    throw new UsageError('--max-fees-per-day must be an amount of SOL, as in 0.05.')
  }
  return {
    ...limit('haltAfterStops', readHalt(values['halt-after-stops'])),
    ...limit('cooldownMs', cooldownMs),
    ...limit('maxLossPerDay', readAmounts('max-loss-per-day', values, tokens)),
    ...limit('maxFeesPerDay', lamports?.toString()),
    ...limit('maxOpenPositions', readCount('max-open-positions', values)),
  }
}

function readHalt(text: string | undefined): KeyQuotas['haltAfterStops'] {
  if (text === undefined) return undefined
  const [, stops, within = '', long = ''] = /^([1-9]\d{0,2})\/(\w+)\/(\w+)$/.exec(text) ?? []
  const [withinMs, haltMs] = [readSpan(within), readSpan(long)]
  if (withinMs === null || haltMs === null) {
    throw new UsageError(
      '--halt-after-stops must be a number and two durations of at most 30d, as in 3/1h/30m.',
    )
  }
  return { stops: Number(stops), withinMs, haltMs }
}

/** The limits in the form of the options. */
function writeLimits(limits: KeyQuotas, tokens: TokenList): string {
  const { ordersPerMinute, openOrders, perOrder, perDay } = limits
  const { haltAfterStops, cooldownMs, maxLossPerDay, maxFeesPerDay, maxOpenPositions } = limits
  const token = (mint: string): Token => tokens.find(mint) ?? { symbol: mint, mint, decimals: 0 }
  const amounts = (all: Readonly<Record<string, string>>) =>
    Object.entries(all).map(([mint, amount]) => {
      const { symbol, decimals } = token(mint)
      return `${symbol}=${formatAmount(BigInt(amount), decimals)}`
    })
  return [
    ...(ordersPerMinute === undefined ? [] : [`orders-per-minute ${ordersPerMinute}`]),
    ...(openOrders === undefined ? [] : [`open-orders ${openOrders}`]),
    ...(perOrder === undefined ? [] : [`per-order ${amounts(perOrder)}`]),
    ...(perDay === undefined ? [] : [`per-day ${amounts(perDay)}`]),
    ...(limits.tokens === undefined ? [] : [`tokens ${limits.tokens.map((mint) => token(mint).symbol)}`]),
    ...(haltAfterStops === undefined
      ? []
      : [
          `halt-after-stops ${haltAfterStops.stops}/${writeDuration(haltAfterStops.withinMs)}/${writeDuration(haltAfterStops.haltMs)}`,
        ]),
    ...(cooldownMs === undefined ? [] : [`cooldown ${writeDuration(cooldownMs)}`]),
    ...(maxLossPerDay === undefined ? [] : [`max-loss-per-day ${amounts(maxLossPerDay)}`]),
    ...(maxFeesPerDay === undefined
      ? []
      : [`max-fees-per-day ${formatAmount(BigInt(maxFeesPerDay), SOL.decimals)}`]),
    ...(maxOpenPositions === undefined ? [] : [`max-open-positions ${maxOpenPositions}`]),
  ].join('; ')
}

function lineOf(key: ApiKey, tokens: TokenList, now: Millis): string {
  const iso = (at: Millis) => new Date(at).toISOString()
  const { expiresAt, revokedAt } = key
  const until = expiresAt === null ? 'never expires' : `expires ${iso(expiresAt)}`
  const state = revokedAt === null ? (isUsable(key, now) ? until : 'expired') : `revoked ${iso(revokedAt)}`
  const limits = key.quotas === null ? '' : `  (${writeLimits(key.quotas, tokens)})`
  return `${key.id}  ${key.scopes.join(',')}  made ${iso(key.createdAt)}  ${state}  ${key.name}${limits}`
}
