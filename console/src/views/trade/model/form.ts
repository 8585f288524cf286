// Owns the ticket's form: one text per field under the engine's name for it, and the same in the page's address.

import { turned } from './decimal.ts'
import {
  type Field,
  fieldsOfLeg,
  type LegList,
  type LegType,
  legListOf,
  legTypes,
  orderFields,
  orderTypes,
  type TicketType,
} from './fields.ts'
import { type Pair, type PriceOf, usualPriceOf } from './pair.ts'

/** Texts as `fields` has their kinds; a field that is absent is empty. */
export type Form = Readonly<Record<string, string>>

/** What an order consents to. It holds for the terms on the page: no link carries it, and any change of the terms takes it back. */
export const consents = { acceptImpact: 'true', acceptOffMarket: 'true', onImmediate: 'fire' } as const

const isConsent = (name: string, text: string) =>
  Object.entries(consents).some(([a, b]) => a === name && b === text)

const isOneOf = <T extends string>(values: readonly T[], text: string | undefined): text is T =>
  values.some((value) => value === text)

export const typeOf = ({ type }: Form): TicketType => (isOneOf(orderTypes, type) ? type : 'market')

export const pairOf = ({ tokenIn = 'SOL', tokenOut = 'USDC' }: Form): Pair => ({ tokenIn, tokenOut })

/** A sniper's prices are always those of the token that it buys. */
export function priceOfForm(form: Form): PriceOf {
  if (typeOf(form) === 'sniper') return 'tokenOut'
  const { priceOf } = form
  return priceOf === 'tokenIn' || priceOf === 'tokenOut' ? priceOf : usualPriceOf(pairOf(form))
}

export const legTypeOf = (form: Form, list: LegList, place: number): LegType => {
  const type = form[`${list}.${place}.type`]
  return isOneOf(legTypes, type) ? type : 'takeProfit'
}

/** How many legs the form has: their places count from 0 without gaps. */
export function legCount(form: Form, list: LegList): number {
  let count = 0
  while (form[`${list}.${count}.type`] !== undefined) count += 1
  return count
}

const places = (count: number) => Array.from({ length: count }, (_, place) => place)

/** All fields of the order that the form describes, those of its legs included. */
export function fieldsOf(form: Form): readonly Field[] {
  const type = typeOf(form)
  const list = legListOf(type)
  if (list === null) return orderFields(type)
  const legs = places(legCount(form, list)).flatMap((place) =>
    fieldsOfLeg(list, place, legTypeOf(form, list, place)),
  )
  return [...orderFields(type), ...legs]
}

/** Required fields that are empty: until they are filled in there is no order to ask about. */
export const missingFields = (form: Form): readonly string[] =>
  fieldsOf(form).flatMap(({ name, isRequired }) => (isRequired && !form[name]?.trim() ? [name] : []))

/** The form with other texts: an empty one takes its field out. */
export function withFields(form: Form, changes: Form): Form {
  const kept = Object.entries({ ...form, ...changes }).filter(
    ([name, text]) => text !== '' && (name in changes || !isConsent(name, text)),
  )
  return Object.fromEntries(kept)
}

/** Another type begins with the legs that it needs. */
export function withType(form: Form, type: TicketType): Form {
  const priced = type === 'sniper' ? withPriceOf(form, 'tokenOut') : form
  const next = withFields(priced, { type })
  if (type !== 'oco' || legCount(next, 'legs') > 0) return next
  return withFields(next, { 'legs.0.type': 'takeProfit', 'legs.1.type': 'stop' })
}

export const withLeg = (form: Form, list: LegList, type: LegType): Form =>
  withFields(form, { [`${list}.${legCount(form, list)}.type`]: type })

/** Without the leg at this place: those behind it move up. */
export function withoutLeg(form: Form, list: LegList, place: number): Form {
  const moved = Object.entries(form).flatMap(([name, text]) => {
    const [, at = '', rest = ''] = new RegExp(`^${list}\\.(\\d+)\\.(.+)$`).exec(name) ?? []
    if (at === '' || Number(at) < place) return [[name, text]]
    return Number(at) === place ? [] : [[`${list}.${Number(at) - 1}.${rest}`, text]]
  })
  return withFields(Object.fromEntries(moved), {})
}

/** The other way round the same trade is priced: every price is turned over, and means what it meant. */
export function withPriceOf(form: Form, priceOf: PriceOf): Form {
  if (priceOf === priceOfForm(form)) return form
  const prices = fieldsOf(form).filter(({ kind, name }) => kind === 'price' && form[name])
  return withFields(form, {
    ...Object.fromEntries(prices.map(({ name }) => [name, turned(form[name] ?? '')])),
    priceOf,
  })
}

/** Another pair, priced as usual; prices of the old one go, and amounts of a token that is not sold any more. */
export function withPair(form: Form, pair: Pair): Form {
  const isSold = pair.tokenIn === pairOf(form).tokenIn
  const stale = fieldsOf(form).filter(({ kind }) => kind === 'price' || (kind === 'amount' && !isSold))
  const empty = Object.fromEntries(stale.map(({ name }) => [name, '']))
  return withFields(form, { ...empty, ...pair, priceOf: usualPriceOf(pair) })
}

/** Sells what was bought, and the reverse: the chart and its prices stay the same way round. */
export function withSides(form: Form): Form {
  const { tokenIn, tokenOut } = pairOf(form)
  const priceOf = priceOfForm(form) === 'tokenIn' ? 'tokenOut' : 'tokenIn'
  return { ...withPair(form, { tokenIn: tokenOut, tokenOut: tokenIn }), priceOf }
}

/** In the page's address: what the order's type asks for, and no consent. */
export function paramsOf(form: Form): Form {
  const list = legListOf(typeOf(form))
  const names = [
    'type',
    'tokenIn',
    'tokenOut',
    'priceOf',
    ...fieldsOf(form).map(({ name }) => name),
    ...(list === null ? [] : places(legCount(form, list)).map((place) => `${list}.${place}.type`)),
  ]
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = form[name] ?? ''
      return text === '' || isConsent(name, text) ? [] : [[name, text]]
    }),
  )
}

/** The form of an address; what is no field of the order is dropped. */
export function formOf(params: Form): Form {
  const type = typeOf(params)
  const form = { ...params, type, ...pairOf(params), priceOf: priceOfForm(params) }
  return paramsOf(withType(form, type))
}
