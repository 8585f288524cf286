// Owns changing the terms of an order: each term beside what it was, and nothing is sent that has not changed.

import type { OrderChanges } from 'oee-client'
import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Message } from '../messages.ts'
import { amend } from '../orderActs.ts'
import { type Row, sellsOf } from '../orderState.ts'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { Field } from './Field.tsx'
import { Problem } from './Problem.tsx'

type Term = {
  /** As the engine names it in its errors. */
  readonly name: string
  readonly label: string
  readonly unit: string
  readonly was: string
}

/** The terms that an order of this type has, as they are. */
function termsOf(row: Row): readonly Term[] {
  const { tokenIn, tokenOut, trigger } = row
  const priceUnit =
    row.priceOf === 'tokenOut' ? `${tokenIn} for 1 ${tokenOut}` : `${tokenOut} for 1 ${tokenIn}`
  const given = (name: string, label: string, unit: string, was: string | number | undefined) =>
    was === undefined ? [] : [{ name, label, unit, was: String(was) }]
  return [
    ...given('limitPrice', 'Limit price', priceUnit, row.limitPrice),
    // The limit of a sniper is one of its guards.
    ...given('limitPrice', 'Highest price', `${tokenIn} for 1 ${tokenOut}`, row.guards?.maxPrice),
    ...given('trigger.price', 'Trigger price', priceUnit, trigger?.price),
    ...given('trigger.trailingBps', 'Trailing distance', 'bps', trigger?.trailingBps),
    ...given('trigger.activationPrice', 'Activation price', priceUnit, trigger?.activationPrice),
    ...given('amountIn', 'Amount, only smaller', tokenIn, sellsOf(row) ?? undefined),
    ...given('slippageBps', 'Slippage', 'bps', row.slippageBps),
    ...given('expiresAt', 'Expires at, in UTC', '', row.expiresAt),
  ]
}

const NUMBERS: ReadonlySet<string> = new Set(['slippageBps', 'trigger.trailingBps'])

type Texts = Readonly<Record<string, string>>

/** The terms that are not as they were, as they are written. */
const changedOf = (terms: readonly Term[], texts: Texts): Texts =>
  Object.fromEntries(
    terms.flatMap(({ name, was }) => {
      const text = texts[name]?.trim() ?? was
      return text === was ? [] : [[name, text]]
    }),
  )

/** The body of the change: `trigger.price` lies in `trigger`. */
function changesOf(changed: Texts): OrderChanges {
  const changes: Record<string, unknown> = {}
  const trigger: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(changed)) {
    const value = NUMBERS.has(name) && /^\d+$/.test(text) ? Number(text) : text
    if (name.startsWith('trigger.')) trigger[name.slice('trigger.'.length)] = value
    else changes[name] = value
  }
  return { ...changes, ...(Object.keys(trigger).length > 0 ? { trigger } : {}) } as OrderChanges
}

type Props = {
  readonly row: Row
  readonly onClose: () => void
  /** Terms that are proposed, by name: a line that was moved in a chart. */
  readonly proposed?: Texts
  /** What the terms that have changed would mean, below them. */
  readonly meaning?: (row: Row, changed: Texts) => ComponentChildren
}

export function AmendDialog({ row, onClose, proposed = {}, meaning }: Props): JSX.Element {
  // What was seen when it was opened is what is changed: later events make it fail, not surprise.
  const [seen] = useState(row)
  const [texts, setTexts] = useState(proposed)
  const [problem, setProblem] = useState<Message | null>(null)
  const [isBusy, setBusy] = useState(false)
  const terms = termsOf(seen)
  const changed = changedOf(terms, texts)
  const changes = changesOf(changed)
  const isChanged = Object.keys(changes).length > 0
  const faultOf = (name: string) => problem?.fields.find(({ field }) => field === name)?.detail

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    if (!isChanged || isBusy) return
    setBusy(true)
    const outcome = await amend(seen, changes)
    setBusy(false)
    if ('message' in outcome) setProblem(outcome.message)
    else onClose()
  }

  return (
    <Dialog title="Amend this order" onClose={onClose}>
      <form onSubmit={submit}>
        <p class="soft">{seen.summary}</p>
        <div class="amend-terms">
          {terms.map(({ name, label, unit, was }, place) => {
            const text = texts[name] ?? was
            return (
              <Field
                key={name}
                label={label}
                value={text}
                unit={unit}
                inputMode={name === 'expiresAt' ? 'text' : 'decimal'}
                problem={faultOf(name)}
                hint={text.trim() === was ? undefined : `was ${was}`}
                autoFocus={place === 0}
                onInput={(value) => setTexts({ ...texts, [name]: value })}
              />
            )
          })}
        </div>
        {meaning?.(seen, changed)}
        {problem === null ? null : <Problem message={problem} />}
        <div class="acts">
          <Button onClick={onClose}>Leave it</Button>
          <Button kind="main" type="submit" disabled={!isChanged || isBusy}>
            Amend
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
