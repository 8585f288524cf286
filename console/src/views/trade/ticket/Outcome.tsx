// Owns what the ticket says the order would get and do: figures, the engine's sentence, warnings, consent.

import type { ComponentChildren, JSX } from 'preact'
import { amount, bps, NONE, price as priceText } from '../../../format.ts'
import { Problem } from '../../../parts/Problem.tsx'
import { plain } from '../model/decimal.ts'
import type { Consent } from '../model/denial.ts'
import { pairOf, typeOf, withFields } from '../model/form.ts'
import { readable, shortToken } from '../model/pair.ts'
import { comparisonOf, feesOf, impactLevel, priceOfTrade } from '../model/quotes.ts'
import { isOfForm, type Ticket } from './state.ts'

type Props = { readonly ticket: Ticket }

export function Outcome({ ticket }: Props): JSX.Element {
  return (
    <div class="ticket-outcome">
      <h3>{typeOf(ticket.form.value) === 'market' ? 'It would get now' : 'If it traded now'}</h3>
      <Figures ticket={ticket} />
      <Says ticket={ticket} />
    </div>
  )
}

function Figures({ ticket }: Props): JSX.Element {
  const form = ticket.form.value
  const quotes = ticket.quotes.value.value
  const { tokenIn, tokenOut } = pairOf(form)
  const isNow = quotes !== null && isOfForm(quotes, form)
  const route = quotes?.route ?? null
  const minimum = minimumOf(ticket) ?? (quotes?.route ? quotes.minAmountOut : undefined)
  const trade =
    quotes &&
    route &&
    priceOfTrade(ticket.market.value, { token: tokenIn, amount: quotes.amountIn }, route.amountOut)
  const fees = quotes === null ? [] : [...feesOf(comparisonOf(quotes))]
  const impact = route?.comparison?.priceImpactBps
  return (
    <dl class={isNow ? 'ticket-figures' : 'ticket-figures stale'}>
      <Figure label="Gets about" unit={shortToken(tokenOut)}>
        {route === null ? NONE : amount(route.amountOut, 6)}
      </Figure>
      <Figure label="At least" unit={shortToken(tokenOut)}>
        {route === null || minimum === undefined ? NONE : amount(minimum, 6)}
      </Figure>
      <Figure label="Price" unit={trade?.unit ?? ''}>
        {trade ? priceText(plain(trade.price, 12)) : NONE}
      </Figure>
      <Figure label="Pool fees" unit="">
        {fees.length === 0 ? NONE : null}
        {fees.map(([token, fee], place) => (
          <span key={token}>
            {place === 0 ? '' : ' + '}
            {amount(plain(fee, 4), 6)} <span class="soft">{shortToken(token)}</span>
          </span>
        ))}
      </Figure>
      <Figure label="Price impact" unit="">
        {impact === undefined ? NONE : <Impact impactBps={impact} />}
      </Figure>
    </dl>
  )
}

const impactWords = { low: '', warning: ' – high', consent: ' – very high' } as const

function Impact({ impactBps }: { readonly impactBps: number }): JSX.Element {
  const level = impactLevel(impactBps)
  return (
    <span class={level === 'low' ? '' : 'warn'}>
      {level === 'low' ? bps(impactBps) : `${amount(String(impactBps / 100), 2)} %`}
      {impactWords[level]}
    </span>
  )
}

/** The engine's own minimum for the order, which may be more than that of the quote: its limit. */
function minimumOf({ answer, isStale }: Ticket): string | undefined {
  const { value } = answer
  if (value.kind !== 'allowed' || isStale.value || value.preview.route === null) return undefined
  return value.preview.minAmountOut
}

type FigureProps = { readonly label: string; readonly unit: string; readonly children: ComponentChildren }

function Figure({ label, unit, children }: FigureProps): JSX.Element {
  return (
    <div class="ticket-figure">
      <dt class="label">{label}</dt>
      <dd>
        {children} <span class="soft">{unit}</span>
      </dd>
    </div>
  )
}

/** What the order would do, or why it cannot be; what it consents to stays in sight, and can be taken back. */
function Says({ ticket }: Props): JSX.Element {
  return (
    <div class={ticket.isStale.value ? 'ticket-says stale' : 'ticket-says'}>
      <Verdict ticket={ticket} />
      {consentsOf(ticket).map((consent) => (
        <ConsentBox key={consent.name} ticket={ticket} consent={consent} />
      ))}
    </div>
  )
}

function Verdict({ ticket }: Props): JSX.Element {
  const answer = ticket.answer.value
  switch (answer.kind) {
    case 'incomplete':
      return (
        <p class="soft">
          {answer.missing.length > 0
            ? 'Fill in the fields: what the order would do is then said here.'
            : 'The engine is asked what the order would do.'}
        </p>
      )
    case 'unanswered':
      return <Problem message={answer.message} />
    case 'denied': {
      const { general, fields } = answer.denial
      const marked = Object.keys(fields).length
      return (
        <>
          {general.map((text) => (
            <p key={text} class="bad">
              {text}
            </p>
          ))}
          {marked === 0 ? null : (
            <p class="bad">
              The engine denies this order: see the marked {marked === 1 ? 'field' : 'fields'}.
            </p>
          )}
        </>
      )
    }
    case 'allowed': {
      const { summary, warnings } = answer.preview
      return (
        <>
          <p class="ticket-summary">{readable(summary)}</p>
          {warnings.map(({ code, detail }) => (
            <p key={`${code} ${detail}`} class="warn">
              <code>{code}</code> {detail}
            </p>
          ))}
        </>
      )
    }
  }
}

const given: readonly Consent[] = [
  { name: 'acceptImpact', value: 'true', label: 'Trade although the amount worsens the price' },
  { name: 'acceptOffMarket', value: 'true', label: 'Place it although it is far off the market' },
  { name: 'onImmediate', value: 'fire', label: 'Fire it at once' },
]

/** What was consented to, and what the engine asks consent for. */
function consentsOf({ form, answer }: Ticket): readonly Consent[] {
  const { value } = answer
  const asked = value.kind === 'denied' ? value.denial.consents : []
  const isAsked = (name: string) => asked.some((each) => each.name === name)
  return [...given.filter(({ name, value: text }) => form.value[name] === text && !isAsked(name)), ...asked]
}

function ConsentBox({ ticket, consent }: Props & { readonly consent: Consent }): JSX.Element {
  const { name, value, label } = consent
  const isGiven = ticket.form.value[name] === value
  return (
    <label class="ticket-consent">
      <input
        type="checkbox"
        checked={isGiven}
        onChange={() => ticket.edit(withFields(ticket.form.peek(), { [name]: isGiven ? '' : value }))}
      />
      {label}
    </label>
  )
}
