// Owns the line under the bar: what a person must know before believing the page.

import type { JSX } from 'preact'
import { connection, trading, tradingState } from '../engine.ts'
import { flood } from '../follow.ts'
import { count, duration, shortTime } from '../format.ts'
import { now } from '../now.ts'
import { Problem } from '../parts/Problem.tsx'

export function Notices(): JSX.Element {
  return (
    <div class="notices" aria-live="polite">
      <Lost />
      <Halted />
      <Flood />
    </div>
  )
}

function Lost(): JSX.Element | null {
  const { value } = connection
  if (value.state === 'denied') return <Problem message={value.message} />
  if (value.state !== 'lost') return null
  return (
    <p class="notice warn">
      <strong>The engine does not answer since {shortTime(value.since)}.</strong> What you see is as it was
      then. It is asked again by itself, and what you missed will be caught up with.{' '}
      <span aria-hidden="true">{duration(Math.max(0, now.value - value.since))}</span>
    </p>
  )
}

function Halted(): JSX.Element | null {
  const { value: state } = tradingState
  if (state === null || state === 'active') return null
  const { changedAt = null, changedBy = null } = trading.value ?? {}
  const since = changedAt === null ? '' : ` since ${shortTime(changedAt)}`
  const by = changedBy === null ? '' : ` by ${changedBy}`
  return (
    <p class={`notice ${state === 'halted' ? 'bad' : 'warn'}`}>
      <strong>
        {state === 'halted' ? 'Trading is halted' : 'Entries are halted'}
        {since}
        {by}.
      </strong>{' '}
      {state === 'halted'
        ? 'No new swap is signed; those submitted are followed to their end.'
        : 'Exits go on; no other order is taken or fires.'}
    </p>
  )
}

function Flood(): JSX.Element | null {
  if (flood.value === null) return null
  return (
    <p class="notice">
      <strong>Orders change faster than this page can show each change.</strong> You see the newest, every few
      seconds; {count(Math.round(flood.value))} come in a second. When it is calmer, the page follows every
      order again.
    </p>
  )
}
