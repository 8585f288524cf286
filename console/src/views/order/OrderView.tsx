// Owns the view of one order: where it is, why, and what can still be done.

import './order.css'
import type { JSX } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { adviceFor } from '../../advice.ts'
import { type Act, useActs } from '../../keys.ts'
import { goBackTo, linkTo, params, setParams } from '../../location.ts'
import { copy, mayAmend, mayCancel, mayPause, pauseOrResume } from '../../orderActs.ts'
import { isOpen, type Row, stateOf } from '../../orderState.ts'
import { AmendDialog } from '../../parts/AmendDialog.tsx'
import { Button } from '../../parts/Button.tsx'
import { CancelDialog } from '../../parts/CancelDialog.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Status } from '../../parts/Status.tsx'
import { Time } from '../../parts/Time.tsx'
import { Events, Raw } from './Events.tsx'
import { Facts, lastOf } from './Facts.tsx'
import { Family } from './Family.tsx'
import { type Followed, useOrder } from './followOrder.ts'
import { lanesOf } from './lanes.ts'
import { Quotes } from './Quotes.tsx'
import { RouteMap } from './RouteMap.tsx'
import { TimeAxis } from './TimeAxis.tsx'
import { WhyNotYet } from './WhyNotYet.tsx'

export function OrderView(): JSX.Element {
  const id = params.value.get('id') ?? ''
  if (id === '') {
    return (
      <Empty title="No order is named.">
        Choose one <a href={linkTo('blotter')}>among the orders</a>, or find it with Ctrl K.
      </Empty>
    )
  }
  return <One key={id} id={id} />
}

function One({ id }: { readonly id: string }): JSX.Element {
  const followed = useOrder(id)
  void followed.revision.value
  const row = followed.row()
  const problem = followed.problem.value
  if (row !== null) return <Shown row={row} followed={followed} />
  if (problem === null) return <Empty title="The order is being read." />
  return (
    <div class="section">
      <Problem message={problem} />
      <p>
        <a href={linkTo('blotter')}>All orders</a>
      </p>
    </div>
  )
}

type Asked = 'cancel' | 'amend' | null

function Shown({ row, followed }: { readonly row: Row; readonly followed: Followed }): JSX.Element {
  const { events } = followed
  const [asked, setAsked] = useState<Asked>(null)
  const isRaw = params.value.get('raw') === '1'
  const active = Number(params.value.get('event')) || null
  useActs('Order', useOrderActs(row, setAsked))
  const detail = followed.detail.value
  const waiting = followed.waiting.value
  const routed = lastOf(events, 'routed', active ?? events.length)
  const close = () => setAsked(null)
  return (
    <article class="order">
      <Head row={row} onAsk={setAsked} isRaw={isRaw} />
      <Facts row={row} events={events} detail={detail} />
      <Failure row={row} followed={followed} />
      {waiting === null || row.status !== 'pending' ? null : <WhyNotYet waiting={waiting} row={row} />}
      <TimeOfOrder row={row} followed={followed} />
      {routed === undefined ? null : (
        <div class="order-market">
          <section class="section" aria-label="Quotes compared">
            <h2>Quotes compared</h2>
            <Quotes routed={routed} token={row.tokenOut} />
          </section>
          <section class="section" aria-label="Route">
            <h2>Route</h2>
            <RouteMap routed={routed} />
          </section>
        </div>
      )}
      <Family row={row} children={detail?.children ?? []} />
      <Events events={events} active={active} onActive={(seq) => setParams({ event: String(seq) })} />
      {isRaw ? (
        <section class="section" aria-label="The order as JSON">
          <Raw title="The order" value={detail === null ? row : { ...detail, events: undefined }} />
        </section>
      ) : null}
      {asked === 'cancel' ? <CancelDialog row={row} onClose={close} /> : null}
      {asked === 'amend' ? <AmendDialog row={row} onClose={close} /> : null}
    </article>
  )
}

type HeadProps = { readonly row: Row; readonly onAsk: (asked: Asked) => void; readonly isRaw: boolean }

function Head({ row, onAsk, isRaw }: HeadProps): JSX.Element {
  const { orderId, clientOrderId } = row
  return (
    <header class="order-head">
      <div class="order-state">
        <Status state={stateOf(row)} size={16} />
        {row.resting && row.status === 'pending' ? <span class="soft">pending</span> : null}
        {row.attempt > 1 ? <span class={isOpen(row) ? 'warn' : 'soft'}>attempt {row.attempt}</span> : null}
      </div>
      <p class="order-summary">{row.summary}</p>
      <p class="soft order-ids">
        <span class="mono">{orderId}</span>
        {clientOrderId === undefined ? '' : ` · ${clientOrderId}`} · placed <Time at={row.createdAt} />
      </p>
      <div class="acts order-acts">
        {mayAmend(row) ? (
          <Button keys="e" onClick={() => onAsk('amend')}>
            Amend
          </Button>
        ) : null}
        {mayPause(row) ? (
          <Button keys="p" onClick={() => void pauseOrResume(row)}>
            {row.paused === true ? 'Resume' : 'Pause'}
          </Button>
        ) : null}
        {mayCancel(row) ? (
          <Button keys="x" kind="danger" onClick={() => onAsk('cancel')}>
            Cancel
          </Button>
        ) : null}
        <Button keys="r" pressed={isRaw} onClick={() => setParams({ raw: isRaw ? '' : '1' })}>
          JSON
        </Button>
        <Button keys="c" onClick={() => void copy(orderId, 'The id')}>
          Copy id
        </Button>
      </div>
    </header>
  )
}

function TimeOfOrder({ row, followed }: { readonly row: Row; readonly followed: Followed }): JSX.Element {
  const seen = followed.revision.value
  const lanes = useMemo(() => lanesOf(followed.events), [seen])
  const { blocksLeft, rebroadcasts } = followed.detail.value ?? {}
  const note =
    row.status === 'submitted' && blocksLeft !== undefined
      ? `${blocksLeft} blocks left${rebroadcasts === undefined ? '' : `, ${rebroadcasts} rebroadcasts`}`
      : ''
  return (
    <section class="section" aria-label="Time">
      <h2>Time</h2>
      <TimeAxis lanes={lanes} isOpen={isOpen(row)} note={note} />
    </section>
  )
}

/** Of the order or of its last attempt: what happened, in the engine's words, and what to do. */
function Failure({ row, followed }: { readonly row: Row; readonly followed: Followed }): JSX.Element | null {
  const { failure } = row
  if (failure === undefined || row.status === 'confirmed') return null
  const isFinal = row.status === 'failed'
  const reached = lastOf(followed.events, 'failed')?.reachedChain
  return (
    <section class={isFinal ? 'section failure bad' : 'section failure warn'} aria-label="Failure">
      <h2>{isFinal ? 'It failed' : 'Its last attempt failed'}</h2>
      <p>
        <strong>{failure.message}</strong>{' '}
        {isOpen(row) ? 'The order goes on by itself.' : adviceFor(failure.code)}
      </p>
      <p class="soft">
        <code>{failure.code}</code> {failure.detail}
      </p>
      {reached === undefined ? null : (
        <p class="soft">{reached ? 'Something signed may have been sent.' : 'Nothing signed was sent.'}</p>
      )}
    </section>
  )
}

function useOrderActs(row: Row, setAsked: (asked: Asked) => void): readonly Act[] {
  const current = useRef(row)
  current.current = row
  return useMemo(() => {
    const may = (test: (row: Row) => boolean, run: (row: Row) => void) => () => {
      if (test(current.current)) run(current.current)
    }
    return [
      { keys: 'x', label: 'Cancel the order', run: may(mayCancel, () => setAsked('cancel')) },
      { keys: 'e', label: 'Amend the order', run: may(mayAmend, () => setAsked('amend')) },
      {
        keys: 'p',
        label: 'Pause or resume the order',
        run: may(mayPause, (order) => void pauseOrResume(order)),
      },
      {
        keys: 'r',
        label: 'Show or hide the order as JSON',
        run: () => setParams({ raw: params.value.get('raw') === '1' ? '' : '1' }),
      },
      { keys: 'c', label: 'Copy the order’s id', run: () => void copy(current.current.orderId, 'The id') },
      { keys: 'Backspace', label: 'Back to the orders', run: () => goBackTo('blotter') },
    ]
  }, [setAsked])
}
