// Owns one field of an order: how its kind is typed and shown, and what the engine says of it.

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Field, Select } from '../../../parts/Field.tsx'
import { zone } from '../../../settings.ts'
import type { Kind, Field as Term } from '../model/fields.ts'
import { type Market, shortToken } from '../model/pair.ts'
import {
  bpsListOf,
  bpsOf,
  durationOf,
  durationText,
  percentsText,
  percentText,
  timeOf,
  timeText,
} from '../model/units.ts'

type Unit = { readonly shown: (value: string) => string; readonly read: (text: string) => string }
const asIs: Unit = { shown: (value) => value, read: (text) => text.trim() }

const isUtc = () => zone.value === 'utc'

/** How the form's text of a kind is shown and typed. */
const units: Readonly<Partial<Record<Kind, Unit>>> = {
  percent: { shown: percentText, read: bpsOf },
  percents: { shown: percentsText, read: bpsListOf },
  duration: { shown: durationText, read: durationOf },
  time: {
    shown: (at) => timeText(at, isUtc()),
    read: (text) => timeOf(text, isUtc()),
  },
}

const NUMBERS: readonly Kind[] = ['amount', 'price', 'percent', 'integer']
const IN_SOL = ['feeBudget', 'guards.minLiquidity']

function unitOf({ kind, name }: Term, { base, quote }: Market, sold: string): string | undefined {
  switch (kind) {
    case 'price':
      // An address would leave no room for the price.
      return `${shortToken(quote)} per ${base === shortToken(base) ? base : 'token'}`
    case 'percent':
    case 'percents':
      return '%'
    case 'amount':
      return IN_SOL.some((each) => name.endsWith(each)) ? 'SOL' : shortToken(sold)
    default:
      return undefined
  }
}

type Props = {
  readonly term: Term
  readonly value: string
  readonly market: Market
  /** The token that the order sells. */
  readonly sold: string
  readonly problem: string | undefined
  readonly onInput: (value: string) => void
}

export function TermField({ term, value, market, sold, problem, onInput }: Props): JSX.Element {
  const { name, kind, hint, choices } = term
  const label = kind === 'time' ? `${term.label}, ${isUtc() ? 'UTC' : 'local time'}` : term.label
  // What is being typed stands as it was typed: "1." is not yet "1".
  const [draft, setDraft] = useState<string | null>(null)
  const { shown, read } = units[kind] ?? asIs
  const common = { label, problem, hint }
  if (choices !== undefined) {
    return (
      <div data-field={name}>
        <Select {...common} value={value} options={choices} onInput={onInput} />
      </div>
    )
  }
  return (
    <div data-field={name} onFocusOut={() => setDraft(null)}>
      <Field
        {...common}
        type={kind === 'time' ? 'datetime-local' : 'text'}
        inputMode={NUMBERS.includes(kind) ? 'decimal' : 'text'}
        value={draft ?? shown(value)}
        unit={unitOf(term, market, sold)}
        onInput={(text) => {
          setDraft(text)
          onInput(text.trim() === '' ? '' : read(text))
        }}
      />
    </div>
  )
}
