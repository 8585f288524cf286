// Owns the health of the venues, as each process sees them.

import type { System } from 'oee-client'
import type { JSX } from 'preact'
import { duration, NONE, shortId } from '../../format.ts'
import { Breaker } from '../../parts/Breaker.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'
import { Time } from '../../parts/Time.tsx'

type Process = System['processes'][number]
type Line = Process['venues'][number] & Pick<Process, 'processId' | 'role'>

const columns: readonly SheetColumn<Line>[] = [
  { name: 'venue', head: 'venue', cell: ({ venue }) => venue },
  { name: 'breaker', head: 'breaker', cell: ({ breaker }) => <Breaker state={breaker} /> },
  {
    name: 'latency',
    head: 'last answer',
    isNumber: true,
    cell: ({ latencyMs }) => (latencyMs === null ? NONE : duration(latencyMs)),
  },
  {
    name: 'failure',
    head: 'last failure',
    cell: ({ lastFailure }) =>
      lastFailure === null ? (
        NONE
      ) : (
        <span class="sheet-wrap">
          <Time at={lastFailure.at} /> <span class="soft">{lastFailure.detail}</span>
        </span>
      ),
  },
]

const processColumn: SheetColumn<Line> = {
  name: 'process',
  head: 'seen by',
  isWideOnly: true,
  cell: ({ role, processId }) => (
    <>
      {role} <code>{shortId(processId)}</code>
    </>
  ),
}

export function Venues({ system }: { readonly system: System | null }): JSX.Element {
  const processes = system?.processes ?? []
  const lines = processes.flatMap(({ processId, role, venues }) =>
    venues.map((venue) => ({ ...venue, processId, role })),
  )
  return (
    <section class="section" aria-labelledby="market-venues">
      <h2 id="market-venues">Venues</h2>
      <Sheet
        label="Health of the venues"
        columns={processes.length > 1 ? [...columns, processColumn] : columns}
        rows={lines.toSorted((a, b) => a.venue.localeCompare(b.venue))}
        keyOf={({ venue, processId }) => `${venue} ${processId}`}
        empty={<Empty title="Asking the engine how its venues are." />}
      />
      <p class="soft">
        A breaker opens after failures in a row: the venue is left alone for a while, then tried with one
        question.
      </p>
    </section>
  )
}
