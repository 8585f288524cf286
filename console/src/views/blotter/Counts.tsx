// Owns the line of counts: how many orders are in which state, each a link to them.

import type { JSX } from 'preact'
import { count } from '../../format.ts'
import { linkTo } from '../../location.ts'
import { type State, stateOf, states } from '../../orderState.ts'
import { countAll, countOf, newestFirst, revision } from '../../orders.ts'
import { StatusMark } from '../../parts/Status.tsx'
import { type Filter, fitsStatus, isEmpty, matcher, paramsOf } from './filter.ts'

type Shown = { readonly status: string; readonly label: string; readonly mark: State | null }

const shown: readonly Shown[] = [
  { status: '', label: 'all', mark: null },
  { status: 'resting', label: 'resting', mark: 'resting' },
  { status: 'paused', label: 'paused', mark: 'paused' },
  { status: 'working', label: 'under way', mark: 'submitted' },
  { status: 'confirmed', label: 'confirmed', mark: 'confirmed' },
  { status: 'failed', label: 'failed', mark: 'failed' },
  { status: 'ended', label: 'ended', mark: 'expired' },
]

export function Counts({ filter }: { readonly filter: Filter }): JSX.Element {
  void revision.value
  const rest = { ...filter, status: '' }
  const tally = tallyOf(rest)
  const countIn = (status: string) => {
    if (status === '' && isEmpty(rest)) return countAll()
    return [...tally].reduce((sum, [state, many]) => sum + (fitsStatus(status, state) ? many : 0), 0)
  }
  return (
    <nav class="counts" aria-label="Orders by status">
      {shown.map(({ status, label, mark }) => (
        <a
          key={label}
          class="count"
          href={linkTo('blotter', paramsOf({ ...filter, status }))}
          aria-current={filter.status === status ? 'true' : undefined}
        >
          <span class="count-figure">{count(countIn(status))}</span>
          <span class="count-label">
            {mark === null ? null : <StatusMark state={mark} />}
            {label}
          </span>
        </a>
      ))}
    </nav>
  )
}

/** Of the orders that the rest of the filter leaves: as many as the links show. */
function tallyOf(rest: Filter): ReadonlyMap<State, number> {
  if (isEmpty(rest)) return new Map(states.map((state) => [state, countOf(state)]))
  const tally = new Map<State, number>()
  for (const row of newestFirst(matcher(rest))) {
    const state = stateOf(row)
    tally.set(state, (tally.get(state) ?? 0) + 1)
  }
  return tally
}
