// Owns validation: a value that fits its schema passes unchanged; any other gives a Problem that names every field at fault.
// Nothing is coerced, defaulted or dropped.

import type { FastifyTypeProvider } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { MAX_SLIPPAGE_BPS } from '../domain/amount.ts'
import { orderTypes } from '../domain/order.ts'
import { denied, type FieldError, Problem } from './problems.ts'

/** Makes the framework type each request by the schemas of its route. */
export interface SchemaTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** A check that returns the value typed, or throws a Problem. */
export function validator<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  const compiled = Compile(schema)
  return (value) => {
    if (compiled.Check(value)) return value
    throw explain(compiled.Errors(value))
  }
}

type Fault = ReturnType<ReturnType<typeof Compile>['Errors']>[number]

/** One error per field: its first, which explains the others of that field. */
function explain(faults: readonly Fault[]): Problem {
  const errors = new Map<string, FieldError>()
  for (const error of faults.flatMap(fieldErrors))
    if (!errors.has(error.field)) errors.set(error.field, error)
  return errors.size === 0 ? new Problem('body_not_object') : denied([...errors.values()])
}

const deniedTypes: Readonly<Record<string, Omit<FieldError, 'field'>>> = {
  type: { code: 'unsupported_order_type', detail: `supported: ${orderTypes.join(', ')}` },
  slippageBps: { code: 'slippage_invalid', detail: `a whole number from 1 to ${MAX_SLIPPAGE_BPS}` },
}

function fieldErrors(fault: Fault): FieldError[] {
  // Every unknown field is also reported as one that no schema allows.
  if (fault.keyword === 'boolean') return []
  if (fault.keyword === 'additionalProperties') {
    return fault.params.additionalProperties.map((name) => {
      return { field: printable(name), code: 'unknown_field', detail: 'this field is not known here' }
    })
  }
  if (fault.keyword === 'required') {
    return fault.params.requiredProperties.map((field) => {
      return { field, code: 'missing_field', detail: 'this field is required' }
    })
  }
  const field = fault.instancePath.slice(1).replaceAll('/', '.')
  if (field === '') return []
  return [{ field, ...(deniedTypes[field] ?? { code: 'invalid_type', detail: fault.message }) }]
}

const printable = (name: string) => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 64)
