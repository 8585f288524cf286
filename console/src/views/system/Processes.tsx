// Owns the processes of the engine.

import type { System } from 'oee-client'
import type { JSX } from 'preact'
import { duration, shortId } from '../../format.ts'
import { now } from '../../now.ts'
import { Breaker } from '../../parts/Breaker.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'

type Process = System['processes'][number]

const since = (at: string) => duration(Math.max(0, now.value - Date.parse(at)))

const columns: readonly SheetColumn<Process>[] = [
  {
    name: 'id',
    head: 'process',
    cell: ({ processId }) => <code title={processId}>{shortId(processId)}</code>,
  },
  { name: 'role', head: 'role', cell: ({ role }) => role },
  { name: 'up', head: 'up', isNumber: true, cell: ({ startedAt }) => since(startedAt) },
  {
    name: 'seen',
    head: 'seen',
    isNumber: true,
    isWideOnly: true,
    cell: ({ seenAt }) => `${since(seenAt)} ago`,
  },
  { name: 'streams', head: 'streams', isNumber: true, cell: ({ streams }) => streams },
  {
    name: 'venues',
    head: 'breakers',
    isWideOnly: true,
    cell: ({ venues }) => (
      <span class="breakers">
        {venues.map(({ venue, breaker }) => (
          <span key={venue}>
            {venue} <Breaker state={breaker} />
          </span>
        ))}
      </span>
    ),
  },
  { name: 'version', head: 'version', isWideOnly: true, cell: ({ version }) => version },
]

export function Processes({ system }: { readonly system: System }): JSX.Element {
  return (
    <section class="section" aria-labelledby="system-processes">
      <div class="section-head">
        <h2 id="system-processes">Processes</h2>
        <span class="soft">The first one answers this page.</span>
      </div>
      <Sheet
        label="Processes"
        columns={columns}
        rows={system.processes}
        keyOf={({ processId }) => processId}
        empty=""
      />
    </section>
  )
}
