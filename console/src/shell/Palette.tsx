// Owns the command palette: every view, every act that is possible now, and every order, by typing.

import type { JSX } from 'preact'
import { useId, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import { call, client } from '../engine.ts'
import { registered } from '../keys.ts'
import { go } from '../location.ts'
import { type Row, stateOf } from '../orderState.ts'
import { newestFirst, note, revision } from '../orders.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { StatusMark } from '../parts/Status.tsx'
import { sayFailed } from '../toasts.ts'
import { isPaletteOpen } from './state.ts'

type Item = {
  readonly key: string
  readonly label: JSX.Element | string
  readonly side: string
  run(): void | Promise<void>
}

const MOST_ORDERS = 8
const LEAST_LETTERS = 3
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function Palette(): JSX.Element {
  const [text, setText] = useState('')
  const [place, setPlace] = useState(0)
  const id = useId()
  const items = useItems(text.trim())
  const current = Math.min(place, items.length - 1)
  useLayoutEffect(() => {
    document.getElementById(`${id}-${current}`)?.scrollIntoView({ block: 'nearest' })
  }, [id, current])
  const close = () => {
    isPaletteOpen.value = false
  }

  function run(item: Item | undefined): void {
    if (item === undefined) return
    close()
    void item.run()
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) setPlace((current + step + items.length) % Math.max(1, items.length))
    else if (event.key === 'Enter') run(items[current])
    else return
    event.preventDefault()
  }

  return (
    <Dialog title="Find" onClose={close}>
      <div class="palette">
        <span class="field-control">
          <input
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-controls={`${id}-list`}
            aria-activedescendant={items.length > 0 ? `${id}-${current}` : undefined}
            aria-label="A view, an act, an order’s id or clientOrderId"
            placeholder="A view, an act, an order’s id or clientOrderId"
            autocomplete="off"
            spellcheck={false}
            autofocus
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value)
              setPlace(0)
            }}
            onKeyDown={onKeyDown}
          />
        </span>
        <div role="listbox" id={`${id}-list`} aria-label="Found">
          {items.map((item, index) => (
            <div
              key={item.key}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              tabIndex={-1}
              class="palette-item"
              onClick={() => run(item)}
              onMouseMove={() => setPlace(index)}
            >
              <span class="cut">{item.label}</span>
              <span class="soft">{item.side}</span>
            </div>
          ))}
        </div>
        {items.length === 0 ? <p class="soft">Nothing is called so.</p> : null}
      </div>
    </Dialog>
  )
}

function useItems(text: string): readonly Item[] {
  const seen = revision.value
  const acts = registered.value
  return useMemo(() => {
    const wanted = text.toLowerCase()
    const found = acts.flatMap(({ title, acts: own }) =>
      own
        .filter(({ label }) => label.toLowerCase().includes(wanted))
        .map(
          (act): Item => ({
            key: `${title} ${act.label}`,
            label: act.label,
            side: act.keys ?? title,
            run: act.run,
          }),
        ),
    )
    return [...found, ...(wanted.length >= LEAST_LETTERS ? ordersFor(text) : [])]
    // The orders change with `seen`.
  }, [text, acts, seen])
}

function ordersFor(text: string): readonly Item[] {
  const wanted = text.toLowerCase()
  const rows = newestFirst(
    ({ orderId, clientOrderId }) =>
      orderId.includes(wanted) || clientOrderId?.toLowerCase().includes(wanted) === true,
  ).slice(0, MOST_ORDERS)
  const others: Item[] = [
    UUID.test(text)
      ? { key: 'id', label: `Order ${text}`, side: 'by id', run: () => go('order', { id: wanted }) }
      : {
          key: 'name',
          label: `Ask the engine for “${text}”`,
          side: 'by clientOrderId',
          run: () => ask(text),
        },
  ]
  return [...rows.map(itemOf), ...(rows.length > 0 && UUID.test(text) ? [] : others)]
}

const itemOf = (row: Row): Item => ({
  key: row.orderId,
  label: (
    <>
      <StatusMark state={stateOf(row)} /> {row.clientOrderId ?? row.summary}
    </>
  ),
  side: row.orderId.slice(-12),
  run: () => go('order', { id: row.orderId }),
})

/** Orders that the page has not heard of. */
async function ask(clientOrderId: string): Promise<void> {
  const found = await call(client.list({ clientOrderId }).next())
  if ('message' in found) return sayFailed('The order was not found.', found.message)
  const order = found.value.value
  if (order === undefined) {
    const text = `No order of this key has the clientOrderId “${clientOrderId}”.`
    return sayFailed('The order was not found.', {
      code: 'not_found',
      text,
      next: 'It is compared letter by letter.',
      requestId: null,
      fields: [],
    })
  }
  note(order)
  go('order', { id: order.orderId })
}
