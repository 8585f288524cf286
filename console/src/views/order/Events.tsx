// Owns the events of an order: all of them, however many, and the one that is selected as the engine wrote it.

import type { OrderEvent } from 'oee-client'
import type { JSX } from 'preact'
import { duration } from '../../format.ts'
import { copy } from '../../orderActs.ts'
import { Button } from '../../parts/Button.tsx'
import { type Column, DataTable } from '../../parts/DataTable.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { StatusMark } from '../../parts/Status.tsx'
import { Time } from '../../parts/Time.tsx'
import { textOf } from './eventText.ts'

type Props = {
  readonly events: readonly OrderEvent[]
  readonly active: number | null
  readonly onActive: (seq: number) => void
}

const columnsFrom = (start: number): readonly Column<OrderEvent>[] => [
  { name: 'seq', head: 'seq', width: '48px', isNumber: true, cell: ({ seq }) => seq },
  {
    name: 'kind',
    head: 'event',
    width: '104px',
    cell: ({ kind, status }) => (
      <span class="status">
        <StatusMark state={status} />
        {kind}
      </span>
    ),
  },
  {
    name: 'attempt',
    head: 'attempt',
    width: '56px',
    isNumber: true,
    isWideOnly: true,
    cell: ({ attempt }) => attempt,
  },
  { name: 'at', head: 'at', width: '104px', isWideOnly: true, cell: ({ at }) => <Time at={at} /> },
  {
    name: 'since',
    head: 'since placed',
    width: '96px',
    isNumber: true,
    isWideOnly: true,
    cell: ({ at }) => `+${duration(Math.max(0, Date.parse(at) - start))}`,
  },
  {
    name: 'text',
    head: 'what happened',
    width: 'minmax(120px, 1fr)',
    cell: (event) => <span title={textOf(event)}>{textOf(event)}</span>,
  },
]

export function Events({ events, active, onActive }: Props): JSX.Element {
  const start = Date.parse(events[0]?.at ?? '')
  const selected = active === null ? undefined : events[active - 1]
  return (
    <section class="section events" aria-label="Events">
      <h2>
        Events <span class="soft">{events.length}</span>
      </h2>
      <div class="events-room">
        <DataTable<OrderEvent>
          label={`${events.length} events, the newest first`}
          columns={columnsFrom(start)}
          rows={events.toReversed()}
          keyOf={({ seq }) => String(seq)}
          active={active === null ? null : String(active)}
          onActive={(key) => onActive(Number(key))}
          empty={<Empty title="The events are being read." />}
        />
      </div>
      {selected === undefined ? (
        <p class="soft">
          Select an event to read it as the engine wrote it; quotes and route above are those of that moment.
        </p>
      ) : (
        <Raw title={`Event ${selected.seq}, ${selected.kind}`} value={selected} />
      )}
    </section>
  )
}

export function Raw({ title, value }: { readonly title: string; readonly value: unknown }): JSX.Element {
  const text = JSON.stringify(value, null, 2)
  return (
    <figure class="raw">
      <figcaption>
        <span class="label">{title}</span>
        <Button onClick={() => void copy(text, title)}>Copy</Button>
      </figcaption>
      <pre class="mono" role="region" tabIndex={0} aria-label={title}>
        {text}
      </pre>
    </figure>
  )
}
