// Owns the pair at the top of the view: which tokens, which way round, what the price is now.

import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { NONE, price as priceText } from '../../format.ts'
import { Button } from '../../parts/Button.tsx'
import { Field, Select } from '../../parts/Field.tsx'
import { pairOf, priceOfForm, typeOf, withFields, withPair, withPriceOf, withSides } from './model/form.ts'
import { type Pair, shortToken } from './model/pair.ts'
import { noteRecent, recentPairs } from './ticket/remembered.ts'
import type { Ticket } from './ticket/state.ts'
import { tokens } from './tokens.ts'

type Props = {
  readonly ticket: Ticket
  /** The newest of the chart, with how far it has moved over what the chart shows. */
  readonly price: { readonly now: string; readonly changeText: string } | null
  /** What else is chosen of the chart. */
  readonly children: ComponentChildren
}

export function PairBar({ ticket, price, children }: Props): JSX.Element {
  const form = ticket.form.value
  const pair = pairOf(form)
  const { base, quote } = ticket.market.value
  const choose = (next: Pair) => {
    noteRecent(pair)
    const isTurned = next.tokenIn === next.tokenOut
    ticket.edit(isTurned ? withSides(ticket.form.peek()) : withPair(ticket.form.peek(), next))
  }
  return (
    <header class="pair">
      <TokenChoice label="Sell" value={pair.tokenIn} onInput={(tokenIn) => choose({ ...pair, tokenIn })} />
      <Button
        label="Sell what is bought, and buy what is sold"
        onClick={() => ticket.edit(withSides(ticket.form.peek()))}
      >
        ⇄
      </Button>
      {typeOf(form) === 'sniper' ? (
        <MintField
          value={pair.tokenOut}
          onInput={(tokenOut) => ticket.edit(withFields(ticket.form.peek(), { tokenOut }))}
        />
      ) : (
        <TokenChoice
          label="Buy"
          value={pair.tokenOut}
          onInput={(tokenOut) => choose({ ...pair, tokenOut })}
        />
      )}
      <p class="pair-price">
        <span class="pair-now">{price === null ? NONE : priceText(price.now)}</span>
        <span class="soft">
          {shortToken(quote)} per {shortToken(base)}
        </span>
        <span>{price?.changeText ?? ''}</span>
      </p>
      {typeOf(form) === 'sniper' ? null : (
        <Button
          onClick={() => {
            const other = priceOfForm(form) === 'tokenIn' ? 'tokenOut' : 'tokenIn'
            ticket.edit(withPriceOf(ticket.form.peek(), other))
          }}
        >
          <span aria-hidden="true">⇅</span>
          <span>
            <span class="unseen">Show prices as </span>
            {shortToken(base)} per {shortToken(quote)}
          </span>
        </Button>
      )}
      {children}
      <RecentPairs current={pair} onChoose={choose} />
    </header>
  )
}

type ChoiceProps = {
  readonly label: string
  readonly value: string
  readonly onInput: (symbol: string) => void
}

function TokenChoice({ label, value, onInput }: ChoiceProps): JSX.Element {
  const known = tokens.value.map(({ symbol }) => symbol)
  const all = known.includes(value) ? known : [value, ...known]
  return (
    <Select label={label} value={value} options={all.map((symbol) => [symbol, symbol])} onInput={onInput} />
  )
}

/** A token that may not be launched yet. What is being typed stays here until it names one. */
function MintField({ value, onInput }: { readonly value: string; readonly onInput: (text: string) => void }) {
  const [draft, setDraft] = useState<string | null>(null)
  return (
    <div class="pair-mint" onFocusOut={() => setDraft(null)}>
      <Field
        label="Buy (symbol or mint)"
        value={draft ?? value}
        list={tokens.value.map(({ symbol }) => symbol)}
        onInput={(text) => {
          setDraft(text)
          if (text.trim() !== '') onInput(text.trim())
        }}
      />
    </div>
  )
}

function RecentPairs({
  current,
  onChoose,
}: {
  readonly current: Pair
  readonly onChoose: (pair: Pair) => void
}) {
  const others = recentPairs.value.filter(
    ({ tokenIn, tokenOut }) => tokenIn !== current.tokenIn || tokenOut !== current.tokenOut,
  )
  if (others.length === 0) return null
  return (
    <ul class="pair-recent" aria-label="Pairs chosen last">
      {others.map((pair) => (
        <li key={`${pair.tokenIn}/${pair.tokenOut}`}>
          <button type="button" class="bare" onClick={() => onChoose(pair)}>
            {shortToken(pair.tokenIn)} → {shortToken(pair.tokenOut)}
          </button>
        </li>
      ))}
    </ul>
  )
}
