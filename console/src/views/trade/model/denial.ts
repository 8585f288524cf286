// Owns what the engine's denial means in the ticket: a message at each field, and what the order may consent to.

import type { OeeError } from 'oee-client'
import { legListOf, legLists } from './fields.ts'
import { consents, type Form, fieldsOf, typeOf } from './form.ts'

type FieldError = OeeError['errors'][number]

export type Denial = {
  /** By field; `legs` and `exits` stand for the whole list. */
  readonly fields: Readonly<Record<string, string>>
  /** What belongs to no field of the ticket. */
  readonly general: readonly string[]
  readonly consents: readonly Consent[]
}

/** What the order says to be placed nevertheless. */
export type Consent = { readonly name: string; readonly value: string; readonly label: string }

const sentence = (text: string): string => {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}

/** Where the engine's words are those of its API. */
const words: Readonly<Record<string, (detail: string) => string>> = {
  missing_field: () => 'This is required.',
  slippage_invalid: () => 'From 0.01 % to 50 %, in whole hundredths of a percent.',
  would_fire_at_once: () => 'The market is at this price already.',
  amount_not_positive: () => 'It must be more than zero.',
  amount_range: () => 'More than any token account can hold.',
  amount_malformed: () => 'A plain decimal such as 12.5.',
  price_malformed: () => 'A positive plain decimal such as 4.05.',
  unknown_token: () => 'This token is not known here.',
}

const messageOf = ({ code, detail }: FieldError): string => words[code]?.(detail) ?? sentence(detail)

/** The field of the ticket that an error belongs to; null where the ticket does not have it. */
function placeOf(field: string, names: readonly string[]): string | null {
  const exact = names.find((name) => name === field) ?? names.find((name) => name.startsWith(`${field}.`))
  if (exact !== undefined) return exact
  const outer = field.slice(0, Math.max(0, field.lastIndexOf('.')))
  return outer === '' ? null : placeOf(outer, names)
}

const aliases: Readonly<Record<string, string>> = { slippage: 'slippageBps', state: 'type' }

function namesOf(form: Form): readonly string[] {
  const list = legListOf(typeOf(form))
  const lists = legLists.filter((each) => each === list)
  return [...lists, 'tokenIn', 'tokenOut', ...fieldsOf(form).map(({ name }) => name)]
}

export function denialOf(error: OeeError, form: Form): Denial {
  const names = namesOf(form)
  const fields: Record<string, string> = {}
  const general: string[] = error.errors.length === 0 ? [error.message] : []
  for (const each of error.errors) {
    const place = placeOf(aliases[each.field] ?? each.field, names)
    if (place === null) general.push(`${each.field}: ${messageOf(each)}`)
    else fields[place] ??= messageOf(each)
  }
  return { fields, general, consents: error.errors.flatMap(consentTo) }
}

function consentTo({ code, field, detail }: FieldError): readonly Consent[] {
  switch (code) {
    case 'impact_needs_consent':
      return [{ name: 'acceptImpact', value: consents.acceptImpact, label: `Trade although ${detail}` }]
    case 'off_market':
      return [
        { name: 'acceptOffMarket', value: consents.acceptOffMarket, label: `Place it although ${detail}` },
      ]
    case 'would_fire_at_once':
      // Legs of an entry have no such consent.
      return field.startsWith('exits')
        ? []
        : [{ name: 'onImmediate', value: consents.onImmediate, label: 'Fire it at once' }]
    default:
      return []
  }
}
