// Owns the terms of the ticket: what its type asks for, what most orders leave as it is, and its legs.

import type { JSX } from 'preact'
import { Button } from '../../../parts/Button.tsx'
import { Select } from '../../../parts/Field.tsx'
import {
  fieldsOfLeg,
  type LegList,
  legListOf,
  legTypes,
  MAX_LEGS,
  orderFields,
  type Field as Term,
  typeLabels,
} from '../model/fields.ts'
import {
  type Form,
  legCount,
  legTypeOf,
  pairOf,
  typeOf,
  withFields,
  withLeg,
  withoutLeg,
} from '../model/form.ts'
import type { Ticket } from './state.ts'
import { TermField } from './TermField.tsx'

type Props = { readonly ticket: Ticket }

/** What is wrong with each field; nothing is, before placing was tried, with one that is only empty. */
function problemsOf({ answer, isTried }: Ticket): Readonly<Record<string, string>> {
  const { value } = answer
  if (value.kind === 'denied') return value.denial.fields
  if (value.kind !== 'incomplete' || !isTried.value) return {}
  return Object.fromEntries(value.missing.map((name) => [name, 'This is required.']))
}

type FieldsProps = Props & { readonly terms: readonly Term[] }

export function Fields({ ticket, terms }: FieldsProps): JSX.Element {
  const form = ticket.form.value
  const problems = problemsOf(ticket)
  const { tokenIn } = pairOf(form)
  return (
    <div class="ticket-fields">
      {terms.map((term) => (
        <TermField
          key={term.name}
          term={term}
          value={form[term.name] ?? ''}
          market={ticket.market.value}
          sold={tokenIn}
          problem={problems[term.name]}
          onInput={(text) => ticket.edit(withFields(ticket.form.peek(), { [term.name]: text }))}
        />
      ))}
    </div>
  )
}

const isSaid = (terms: readonly Term[], form: Form, problems: Readonly<Record<string, string>>) =>
  terms.some(({ name }) => (form[name] ?? '') !== '' || problems[name] !== undefined)

/** Fields that most orders leave empty. It stands open while one of them says something. */
function MoreTerms({ ticket, terms, title }: FieldsProps & { readonly title: string }): JSX.Element | null {
  if (terms.length === 0) return null
  const open = isSaid(terms, ticket.form.value, problemsOf(ticket))
  return (
    <details class="ticket-more" open={open}>
      <summary>{title}</summary>
      <Fields ticket={ticket} terms={terms} />
    </details>
  )
}

export function Terms({ ticket }: Props): JSX.Element {
  const type = typeOf(ticket.form.value)
  // Amount and slippage stand above, beside the balance.
  const all = orderFields(type).filter(({ name }) => name !== 'amountIn' && name !== 'slippageBps')
  const list = legListOf(type)
  return (
    <>
      <Fields ticket={ticket} terms={all.filter(({ isExtra }) => !isExtra)} />
      {list === null ? null : <Legs ticket={ticket} list={list} />}
      <MoreTerms ticket={ticket} terms={all.filter(({ isExtra }) => isExtra)} title="More terms" />
    </>
  )
}

const texts: Readonly<
  Record<LegList, { readonly title: string; readonly leg: string; readonly hint: string }>
> = {
  legs: { title: 'Legs', leg: 'Leg', hint: 'The first to fire cancels the others.' },
  exits: { title: 'Exits', leg: 'Exit', hint: 'They sell what this order buys, from its fill on.' },
}

function Legs({ ticket, list }: Props & { readonly list: LegList }): JSX.Element {
  const form = ticket.form.value
  const count = legCount(form, list)
  const { title, leg, hint } = texts[list]
  const problem = problemsOf(ticket)[list]
  return (
    <fieldset class="ticket-legs">
      <legend class="label">{title}</legend>
      {count === 0 ? null : <p class="soft">{hint}</p>}
      {Array.from({ length: count }, (_, place) => (
        <Leg key={place} ticket={ticket} list={list} place={place} title={`${leg} ${place + 1}`} />
      ))}
      {problem === undefined ? null : <p class="bad">{problem}</p>}
      <Button
        disabled={count === MAX_LEGS}
        onClick={() => ticket.edit(withLeg(ticket.form.peek(), list, count === 0 ? 'takeProfit' : 'stop'))}
      >
        Add {leg.toLowerCase()}
      </Button>
    </fieldset>
  )
}

const typeOptions = legTypes.map((type) => [type, typeLabels[type]] as const)

type LegProps = Props & { readonly list: LegList; readonly place: number; readonly title: string }

function Leg({ ticket, list, place, title }: LegProps): JSX.Element {
  const form = ticket.form.value
  const type = legTypeOf(form, list, place)
  const terms = fieldsOfLeg(list, place, type)
  return (
    <fieldset class="ticket-leg">
      <legend class="unseen">{title}</legend>
      <div class="ticket-leg-head">
        <Select
          label={title}
          value={type}
          options={typeOptions}
          onInput={(text) => ticket.edit(withFields(ticket.form.peek(), { [`${list}.${place}.type`]: text }))}
        />
        <Button
          label={`Remove ${title.toLowerCase()}`}
          onClick={() => ticket.edit(withoutLeg(ticket.form.peek(), list, place))}
        >
          Remove
        </Button>
      </div>
      <Fields ticket={ticket} terms={terms.filter(({ isExtra }) => !isExtra)} />
      <MoreTerms
        ticket={ticket}
        terms={terms.filter(({ isExtra }) => isExtra)}
        title={`More terms of ${title.toLowerCase()}`}
      />
    </fieldset>
  )
}
