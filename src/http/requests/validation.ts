// Owns validation: a value that fits its schema passes unchanged; any other gives a Problem that names every field at fault.
// Nothing is coerced, defaulted or dropped.

import type { FastifyTypeProvider } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { MAX_SLIPPAGE_BPS } from '../../domain/amount.ts'
import { denied, type FieldError, Problem } from '../problems.ts'
import { legRequests, OrderRequest, orderRequests } from '../schemas/orderSchemas.ts'

/** Makes the framework type each request by the schemas of its route. */
export interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** A check that returns the value typed, or throws a Problem. */
export function validator<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  // A union explains its faults by all of its members at once: an order is checked by the schema of its type alone.
  return (schema as TSchema) === OrderRequest
    ? (orderValidator() as (value: unknown) => Static<S>)
    : plainValidator(schema)
}

function plainValidator<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  const compiled = Compile(schema)
  return (value) => {
    if (compiled.Check(value)) return value
    throw explain(compiled.Errors(value).flatMap(fieldErrors))
  }
}

/**
 * An order of no known type is checked as a market order: the answer names the type and all else at fault. Each of its legs
 * is checked by the schema of its own type too.
 */
function orderValidator(): (value: unknown) => OrderRequest {
  const checks = new Map<unknown, Validator>(
    Object.entries(orderRequests).map(([type, schema]) => [type, Compile(schema)]),
  )
  const otherwise: Validator = Compile(orderRequests.market)
  const legErrors = legExplainer()
  return (value) => {
    const check = checks.get(fieldOf(value, 'type')) ?? otherwise
    if (check.Check(value)) return value as OrderRequest
    const own = check.Errors(value).filter(({ instancePath }) => !OF_LEG.test(instancePath))
    throw explain([...own.flatMap(fieldErrors), ...legLists.flatMap((name) => legErrors(name, value))])
  }
}

type Validator = { Check(value: unknown): boolean; Errors(value: unknown): Fault[] }

const legLists = ['legs', 'exits'] as const
const OF_LEG = /^\/(legs|exits)\/\d/

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** What is at fault with each leg of a list in the order, named by its place. */
function legExplainer(): (name: (typeof legLists)[number], order: unknown) => FieldError[] {
  const checks = new Map<unknown, Validator>(
    Object.entries(legRequests).map(([type, schema]) => [type, Compile(schema)]),
  )
  const supported = `a leg is one of ${[...checks.keys()].join(', ')}`
  const errorsOf = (leg: unknown): FieldError[] => {
    const type = fieldOf(leg, 'type')
    const code = type === undefined ? 'missing_field' : 'unsupported_order_type'
    return checks.get(type)?.Errors(leg).flatMap(fieldErrors) ?? [{ field: 'type', code, detail: supported }]
  }
  return (name, order) => {
    const legs = fieldOf(order, name)
    if (!Array.isArray(legs)) return []
    return legs.flatMap((leg, i) =>
      errorsOf(leg).map((error) => ({ ...error, field: `${name}.${i}.${error.field}` })),
    )
  }
}

type Fault = ReturnType<ReturnType<typeof Compile>['Errors']>[number]

/** One error per field: its first, which explains the others of that field. */
function explain(all: readonly FieldError[]): Problem {
  const errors = new Map<string, FieldError>()
  for (const error of all) if (!errors.has(error.field)) errors.set(error.field, error)
  if (errors.size === 0) return new Problem('body_not_object')
  // A type that is not known explains all else: fields of it are unknown too.
  return denied([...errors.values()].sort((a, b) => Number(b.field === 'type') - Number(a.field === 'type')))
}

/** The form of expiresAt, for the denial of any other. */
export const EXPIRY_FORM = 'RFC 3339 such as "2027-01-31T00:00:00Z"'

const deniedTypes: Readonly<Record<string, Omit<FieldError, 'field'>>> = {
  type: { code: 'unsupported_order_type', detail: `supported: ${Object.keys(orderRequests).join(', ')}` },
  slippageBps: { code: 'slippage_invalid', detail: `a whole number from 1 to ${MAX_SLIPPAGE_BPS}` },
  expiresAt: { code: 'expiry_invalid', detail: EXPIRY_FORM },
}

function fieldErrors(fault: Fault): FieldError[] {
  // Every unknown field is also reported as one that no schema allows.
  if (fault.keyword === 'boolean') return []
  const field = fault.instancePath.slice(1).replaceAll('/', '.')
  const within = (name: string) => (field === '' ? name : `${field}.${name}`)
  if (fault.keyword === 'additionalProperties') {
    return fault.params.additionalProperties.map((name) => {
      return { field: within(printable(name)), code: 'unknown_field', detail: 'this field is not known here' }
    })
  }
  if (fault.keyword === 'required') {
    return fault.params.requiredProperties.map((name) => {
      return { field: within(name), code: 'missing_field', detail: 'this field is required' }
    })
  }
  if (field === '') return []
  return [{ field, ...(deniedTypes[field] ?? { code: 'invalid_type', detail: fault.message }) }]
}

const printable = (name: string) => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 64)
