// Owns the blotter: every order of the key, live.

import './blotter.css'
import { signal } from '@preact/signals'
import type { Order, OrderFilter } from 'oee-client'
import type { JSX } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { call, client } from '../../engine.ts'
import { count } from '../../format.ts'
import { type Act, useActs } from '../../keys.ts'
import { go, linkTo, params } from '../../location.ts'
import { copy, mayAmend, mayCancel, mayPause, pauseOrResume } from '../../orderActs.ts'
import type { Row } from '../../orderState.ts'
import { isComplete, newestFirst, note, orderOf, revision } from '../../orders.ts'
import { AmendDialog } from '../../parts/AmendDialog.tsx'
import { Button } from '../../parts/Button.tsx'
import { CancelDialog } from '../../parts/CancelDialog.tsx'
import { Command } from '../../parts/Command.tsx'
import { DataTable } from '../../parts/DataTable.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { sayFailed } from '../../toasts.ts'
import { useWaits, waitsRevision } from '../../waits.ts'
import { BulkCancel } from './BulkCancel.tsx'
import { Counts } from './Counts.tsx'
import { columns } from './columns.tsx'
import { download } from './exportRows.ts'
import { clearFilter, Filters } from './Filters.tsx'
import { cancelable, type Filter, filterOf, inWords, isEmpty, matcher } from './filter.ts'
import { SavedViews } from './SavedViews.tsx'

type Asked = 'cancel' | 'amend' | 'bulk' | null

/** The row that the keyboard is on; who comes back from an order goes on there. */
const activeRow = signal<string | null>(null)
const setActive = (id: string) => {
  activeRow.value = id
}

export function Blotter(): JSX.Element {
  const filter = filterOf(params.value)
  const { value: active } = activeRow
  const [asked, setAsked] = useState<Asked>(null)
  void waitsRevision.value
  const rows = useRows(filter)
  const row = active === null ? undefined : orderOf(active)
  const sight = useRef<readonly Row[]>([])
  useWaits(() => sight.current.filter(isWaiting).map(({ orderId }) => orderId))
  useActs('Orders', useRowActs({ active, rows, setAsked }))
  const close = () => setAsked(null)

  return (
    <div class="blotter">
      <Counts filter={filter} />
      <div class="view-head">
        <Filters filter={filter} />
        <SavedViews filter={filter} />
        <div class="blotter-acts">
          <Button onClick={() => download(rows, 'csv')} disabled={rows.length === 0}>
            CSV
          </Button>
          <Button onClick={() => download(rows, 'json')} disabled={rows.length === 0}>
            JSON
          </Button>
          <Button kind="danger" keys="Shift+X" onClick={() => setAsked('bulk')}>
            Cancel all…
          </Button>
        </div>
      </div>
      <DataTable<Row>
        label={`${count(rows.length)} ${inWords(filter)}, the newest first`}
        columns={columns}
        rows={rows}
        keyOf={({ orderId }) => orderId}
        active={active}
        onActive={setActive}
        onOpen={({ orderId }) => go('order', { id: orderId })}
        sight={sight}
        toneOf={attention}
        empty={<NoRows filter={filter} />}
        foot={<Older filter={filter} />}
      />
      {asked === 'bulk' ? <BulkCancel filter={filter} onClose={close} /> : null}
      {asked === 'cancel' && row !== undefined ? <CancelDialog row={row} onClose={close} /> : null}
      {asked === 'amend' && row !== undefined ? <AmendDialog row={row} onClose={close} /> : null}
    </div>
  )
}

/** The orders that fit, whenever any order has changed. */
function useRows(filter: Filter): readonly Row[] {
  const seen = revision.value
  return useMemo(() => newestFirst(matcher(filter)), [seen, ...Object.values(filter)])
}

const attention = (row: Row): 'warn' | undefined =>
  row.unfunded === true || (row.status === 'routing' && row.attempt > 2) ? 'warn' : undefined

const isWaiting = ({ status, resting }: Row): boolean => status === 'pending' && resting

type ActDeps = {
  readonly active: string | null
  readonly rows: readonly Row[]
  readonly setAsked: (asked: Asked) => void
}

/** The acts on the row that the keyboard is on; they see it as it is when they run. */
function useRowActs(deps: ActDeps): readonly Act[] {
  const current = useRef(deps)
  current.current = deps
  return useMemo(() => {
    const onRow = (may: (row: Row) => boolean, run: (row: Row) => void) => () => {
      const row = orderOf(current.current.active ?? '')
      if (row !== undefined && may(row)) run(row)
    }
    const move = (by: number) => () => {
      const { rows, active } = current.current
      const at = rows.findIndex(({ orderId }) => orderId === active)
      const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))]
      if (next !== undefined) setActive(next.orderId)
    }
    const ask = (asked: Asked) => () => current.current.setAsked(asked)
    return [
      { keys: 'j', label: 'Next order', run: move(1) },
      { keys: 'k', label: 'Order before', run: move(-1) },
      {
        keys: 'Enter',
        label: 'Open the order',
        run: onRow(
          () => true,
          ({ orderId }) => go('order', { id: orderId }),
        ),
      },
      { keys: 'x', label: 'Cancel the order', run: onRow(mayCancel, ask('cancel')) },
      { keys: 'e', label: 'Amend the order', run: onRow(mayAmend, ask('amend')) },
      {
        keys: 'p',
        label: 'Pause or resume the order',
        run: onRow(mayPause, (row) => void pauseOrResume(row)),
      },
      {
        keys: 'c',
        label: 'Copy the order’s id',
        run: onRow(
          () => true,
          ({ orderId }) => void copy(orderId, 'The id'),
        ),
      },
      {
        keys: '/',
        label: 'Filter',
        run: () => document.querySelector<HTMLElement>('.filters input')?.focus(),
      },
      { keys: 'Shift+X', label: 'Cancel all orders that are shown', run: ask('bulk') },
    ]
  }, [])
}

function NoRows({ filter }: { readonly filter: Filter }): JSX.Element {
  if (!isComplete.value) return <Empty title="The orders are being read." />
  if (!isEmpty(filter)) {
    return (
      <Empty title={`There are no ${inWords(filter)} among those shown.`}>
        <Button onClick={clearFilter}>Show all orders</Button>
      </Empty>
    )
  }
  return (
    <Empty title="No orders yet.">
      <a href={linkTo('trade')}>Place the first one</a>, or from a terminal:{' '}
      <Command line="oee place --in SOL --out USDC --amount 2.5" />
    </Empty>
  )
}

const OLDER_AT_ONCE = 200

/** Closed orders beyond those that the stream begins with: asked for page by page. */
function Older({ filter }: { readonly filter: Filter }): JSX.Element | null {
  const chosen = cancelable({ ...filter, text: '', status: '' })
  const key = JSON.stringify(filter)
  const pages = useRef<{ readonly key: string; readonly orders: AsyncIterableIterator<Order> } | null>(null)
  const [ended, setEnded] = useState('')
  const [isBusy, setBusy] = useState(false)
  if (ended === key || !isComplete.value) return null

  async function more(): Promise<void> {
    if (pages.current?.key !== key) pages.current = { key, orders: client.list(listFilter(filter, chosen)) }
    setBusy(true)
    for (let fresh = 0; fresh < OLDER_AT_ONCE; ) {
      const next = await call(pages.current.orders.next())
      if ('message' in next) {
        pages.current = null
        sayFailed('Older orders were not read.', next.message)
        break
      }
      if (next.value.done === true) {
        setEnded(key)
        break
      }
      if (orderOf(next.value.value.orderId) !== undefined) continue
      note(next.value.value)
      fresh += 1
    }
    setBusy(false)
  }

  return (
    <Button onClick={() => void more()} disabled={isBusy}>
      {isBusy ? 'Reading older orders' : 'Show older orders'}
    </Button>
  )
}

/** What the engine can choose by; the rest is chosen here. */
function listFilter({ status }: Filter, chosen: ReturnType<typeof cancelable>): OrderFilter {
  const isOne = ['confirmed', 'failed', 'canceled', 'expired', 'submitted', 'routing', 'building'].includes(
    status,
  )
  const { all, ...given } = ('filter' in chosen ? chosen.filter : {}) as OrderFilter & { all?: true }
  return { ...given, ...(isOne ? { status: status as NonNullable<OrderFilter['status']> } : {}) }
}
