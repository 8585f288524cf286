// Owns the request that the form stands for, and the form that an order stands for.

import type { Order, OrderRequest } from 'oee-client'
import { turned } from './decimal.ts'
import { type Field, type Kind, type LegList, legListOf, orderTypes } from './fields.ts'
import {
  consents,
  type Form,
  fieldsOf,
  legCount,
  legTypeOf,
  pairOf,
  priceOfForm,
  typeOf,
  withFields,
} from './form.ts'
import { type PriceOf, usualPriceOf } from './pair.ts'

/** Text that is no whole number goes as it is: the engine says what is wrong with it. */
const integer = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : text)
const words = (text: string) => text.split(/[\s,;]+/).filter((word) => word !== '')
const asText = (text: string): unknown => text

const sent: Readonly<Record<Kind, (text: string) => unknown>> = {
  amount: asText,
  price: asText,
  text: asText,
  time: asText,
  choice: asText,
  percent: integer,
  integer,
  duration: integer,
  percents: (text) => words(text).map(integer),
  words,
  flag: (text) => text === 'true',
}

/** Choices that are not sent as text. */
const sentByName: Readonly<Record<string, (text: string) => unknown>> = {
  venues: words,
  split: (text) => text === 'true',
}

type Json = { [name: string]: unknown }

function put(target: Json, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    target[first] = value
    return
  }
  const inner = (target[first] ?? {}) as Json
  target[first] = inner
  put(inner, rest, value)
}

function putFields(target: Json, form: Form, fields: readonly Field[], prefix = ''): void {
  for (const { name, kind } of fields) {
    const text = form[name]?.trim() ?? ''
    if (text === '') continue
    const own = name.slice(prefix.length)
    put(target, own.split('.'), (sentByName[own] ?? sent[kind])(text))
  }
}

const other = (priceOf: PriceOf): PriceOf => (priceOf === 'tokenIn' ? 'tokenOut' : 'tokenIn')

/** Exits sell what the order buys, so the same price is that of their other token. */
const legPriceOf = (list: LegList, priceOf: PriceOf) => (list === 'exits' ? other(priceOf) : priceOf)

function legsOf(form: Form, list: LegList, fields: readonly Field[]): Json[] {
  return Array.from({ length: legCount(form, list) }, (_, place) => {
    const prefix = `${list}.${place}.`
    const leg: Json = {
      type: legTypeOf(form, list, place),
      priceOf: legPriceOf(list, priceOfForm(form)),
    }
    putFields(
      leg,
      form,
      fields.filter(({ name }) => name.startsWith(prefix)),
      prefix,
    )
    return leg
  })
}

const PRICED: readonly string[] = ['limit', 'stop', 'takeProfit', 'trailingStop', 'twap']

/** The body to place or to preview. It may be at fault: only the engine judges it. */
export function requestOf(form: Form): OrderRequest {
  const type = typeOf(form)
  const list = legListOf(type)
  const fields = fieldsOf(form)
  const body: Json = { type, ...pairOf(form) }
  if (PRICED.includes(type)) body.priceOf = priceOfForm(form)
  putFields(
    body,
    form,
    fields.filter(({ name }) => !/^(legs|exits)\./.test(name)),
  )
  for (const [name, text] of Object.entries(consents)) {
    if (form[name] === text) body[name] = text === 'true' ? true : text
  }
  if (list !== null && (list === 'legs' || legCount(form, list) > 0)) body[list] = legsOf(form, list, fields)
  return body as OrderRequest
}

// ---- from an order ------------------------------------------------------------------------------------------------

function read(source: unknown, path: readonly string[]): unknown {
  let value = source
  for (const name of path) value = (value as Json | null | undefined)?.[name]
  return value
}

const written = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value))

/** The end and the start of an order belong to the moment at which it was placed. */
const OF_ITS_TIME = ['expiresAt', 'startAt', 'clientOrderId', 'timeInForce']

/** The ticket that places the same order again; null for one that is placed by no ticket. */
export function formOfOrder(order: Order): Form | null {
  const type = orderTypes.find((each) => each === order.type)
  if (type === undefined) return null
  const pair = { tokenIn: order.tokenIn, tokenOut: order.tokenOut }
  const priceOf = order.priceOf ?? usualPriceOf(pair)
  const list = legListOf(type)
  const legs = (list === null ? undefined : order[list])?.filter((leg) => leg.type !== 'timeStop') ?? []
  const types = legs.map((leg, place): [string, string] => [`${list}.${place}.type`, leg.type])
  const blank: Form = { type, ...pair, priceOf, ...Object.fromEntries(types) }
  const timeStop = order.exits?.find((leg) => leg.type === 'timeStop')
  const source = { ...order, maxHoldMs: timeStop?.maxHoldMs, ...(list === null ? {} : { [list]: legs }) }
  const texts = fieldsOf(blank).flatMap(({ name, kind }): [string, string][] => {
    const own = name.split('.').at(-1) ?? ''
    const value = read(source, name.split('.'))
    if (value === undefined || value === null || OF_ITS_TIME.includes(own)) return []
    const isTurned = kind === 'price' && isOtherWayRound(name, source, list, priceOfForm(blank))
    return [[name, isTurned ? turned(written(value)) : written(value)]]
  })
  const inForce: Form = order.timeInForce === 'IOC' && order.type === 'limit' ? { timeInForce: 'IOC' } : {}
  return { ...blank, ...Object.fromEntries(texts), ...inForce }
}

/** Whether a leg has its prices the other way round than the form, which has one way for all. */
function isOtherWayRound(name: string, source: unknown, list: LegList | null, priceOf: PriceOf): boolean {
  const [first = '', place = ''] = name.split('.')
  if (list === null || first !== list) return false
  return (read(source, [list, place, 'priceOf']) ?? 'tokenIn') !== legPriceOf(list, priceOf)
}

/** The ticket of the order as it would be with other terms, named as changes name them; null for an order that has none. */
export function formAmended(order: Order, changes: Form): Form | null {
  const form = formOfOrder(order)
  if (form === null) return null
  const { limitPrice, ...others } = changes
  const limit: Form =
    limitPrice === undefined
      ? {}
      : { [order.type === 'sniper' ? 'guards.maxPrice' : 'limitPrice']: limitPrice }
  // Another slippage caps the steps of an exit, or is a further one: the engine makes them anew.
  const steps: Form = 'slippageBps' in others ? { slippageLadderBps: '' } : {}
  const end: Form = order.expiresAt === undefined ? {} : { expiresAt: order.expiresAt }
  return withFields(form, { ...end, ...others, ...limit, ...steps })
}
