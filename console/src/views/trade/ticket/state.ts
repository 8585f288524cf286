// Owns the ticket: its form, which the page's address holds, what the engine says of it, and placing it once.

import { batch, computed, effect, signal, untracked } from '@preact/signals'
import type { Client, OrderAccepted, Quotes, QuotesMessage } from 'oee-client'
import { params, setParams, view } from '../../../location.ts'
import { openLive } from '../live.ts'
import { type Form, formOf, missingFields, pairOf, paramsOf, priceOfForm, typeOf } from '../model/form.ts'
import { marketOf } from '../model/pair.ts'
import { requestOf } from '../model/request.ts'
import { isKnown } from '../tokens.ts'
import { openPreviews } from './previews.ts'
import { lastForm } from './remembered.ts'

export type Ticket = ReturnType<typeof openTicket>

export type Placing =
  | { readonly kind: 'open' }
  | { readonly kind: 'placing' }
  | { readonly kind: 'placed'; readonly orderId: string }

/** 128 bits; not `randomUUID`, which a page without https lacks. */
const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

/** The form when the view was left, for a link that says nothing of it. */
let left: Form = formOf({})

const here = () => Object.fromEntries(params.peek())
const saysForm = (given: Form) => 'type' in given || 'tokenIn' in given || 'tokenOut' in given

export function openTicket(client: Client) {
  const form = signal<Form>(saysForm(here()) ? formOf(here()) : left)
  const placing = signal<Placing>({ kind: 'open' })
  /** Once placing was tried, fields that are missing say so. */
  const isTried = signal(false)
  /** One key for each form: a second press of the same form is the same order. */
  const keys = new WeakMap<Form, string>()

  const previews = openPreviews(form, (body, options) => client.preview(body, options))
  const quotes = openLive<QuoteQuestion, QuotesMessage>(
    computed(() => quoteQuestion(form.value)),
    client.watchQuotes,
    QUOTE_AFTER_MS,
  )

  function edit(next: Form): void {
    batch(() => {
      form.value = next
      placing.value = { kind: 'open' }
    })
  }

  /** Null where it was not placed; why is in the answer. Concurrent calls for one form place one order. */
  async function place(): Promise<OrderAccepted | null> {
    const asked = form.peek()
    if (placing.peek().kind !== 'open') return null
    isTried.value = true
    if (missingFields(asked).length > 0) return null
    placing.value = { kind: 'placing' }
    const idempotencyKey = keys.get(asked) ?? newKey()
    keys.set(asked, idempotencyKey)
    try {
      const accepted = await client.place(requestOf(asked), { idempotencyKey })
      lastForm.value = paramsOf(asked)
      isTried.value = false
      if (form.peek() === asked) placing.value = { kind: 'placed', orderId: accepted.orderId }
      return accepted
    } catch (error) {
      if (form.peek() === asked) {
        previews.deny(error, asked)
        placing.value = { kind: 'open' }
      }
      return null
    }
  }

  const unfollow = followAddress(form, edit)
  return {
    form,
    market: computed(() => marketOf(pairOf(form.value), priceOfForm(form.value))),
    placing,
    isTried,
    quotes,
    answer: previews.answer,
    isStale: previews.isStale,
    edit,
    place,
    /** A new intent with the terms of the last one: placed again, it is another order. */
    repeat(): void {
      if (lastForm.value !== null) edit(formOf(lastForm.value))
    },
    close(): void {
      left = form.peek()
      unfollow()
      previews.close()
      quotes.close()
    },
  }
}

const QUOTE_AFTER_MS = 250

type QuoteQuestion = Parameters<Client['watchQuotes']>[0]

/** What to ask the market; null before there is an amount, and for a token before its launch. */
function quoteQuestion(form: Form): string | null {
  const { tokenIn, tokenOut } = pairOf(form)
  const { amountIn = '', slippageBps = '', venues = '', maxPriceImpactBps = '', split = '' } = form
  if (!/^\d*\.?\d*$/.test(amountIn) || !/[1-9]/.test(amountIn) || tokenIn === tokenOut) return null
  if (!isKnown(tokenIn) || !isKnown(tokenOut)) return null
  const whole = (name: string, text: string) => (/^\d{1,4}$/.test(text) ? { [name]: Number(text) } : {})
  return JSON.stringify({
    tokenIn,
    tokenOut,
    amountIn,
    ...whole('slippageBps', typeOf(form) === 'market' || typeOf(form) === 'limit' ? slippageBps : ''),
    ...whole('maxPriceImpactBps', maxPriceImpactBps),
    ...(venues === 'raydium' || venues === 'meteora' ? { venues: [venues] } : {}),
    ...(split === 'false' ? { split: false } : {}),
  } satisfies QuoteQuestion)
}

/** Whether these quotes are of what the form asks for now. */
export const isOfForm = ({ tokenIn, tokenOut, amountIn }: Quotes, form: Form): boolean =>
  tokenIn === pairOf(form).tokenIn &&
  tokenOut === pairOf(form).tokenOut &&
  Number(amountIn) === Number(form.amountIn)

/** Keeps form and address the same, whichever changes. */
function followAddress(form: { readonly value: Form; peek(): Form }, edit: (next: Form) => void): () => void {
  const written = (each: Form) => JSON.stringify(Object.entries(each).toSorted())
  const stopWriting = effect(() => {
    const next = paramsOf(form.value)
    untracked(() => {
      const gone = Object.keys(paramsOf(formOf(here()))).filter((name) => !(name in next))
      setParams({ ...Object.fromEntries(gone.map((name) => [name, undefined])), ...next })
    })
  })
  const stopReading = effect(() => {
    const given = Object.fromEntries(params.value)
    if (view.value !== 'trade' || !saysForm(given)) return
    const next = formOf(given)
    if (written(next) !== written(paramsOf(form.peek()))) untracked(() => edit(next))
  })
  return () => {
    stopWriting()
    stopReading()
  }
}
