// Owns the system view: whether the engine keeps up, what fails and why, and that nothing is lost or doubled.

import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { system, tradingState } from '../../engine.ts'
import { useExecutions } from '../../executions.ts'
import { flood } from '../../follow.ts'
import { count, duration, NONE } from '../../format.ts'
import { now } from '../../now.ts'
import { Figure } from '../../parts/Figure.tsx'
import { Failures } from './Failures.tsx'
import { FaultPanel } from './FaultPanel.tsx'
import { Processes } from './Processes.tsx'
import { followRates, RATE_SECONDS, ratesNow } from './rates.ts'
import { Spark } from './Spark.tsx'
import { Steps } from './Steps.tsx'
import './system.css'

export function System(): JSX.Element {
  useEffect(followRates, [])
  const fills = useExecutions()
  const { value } = system
  return (
    <div class="system">
      {value === null ? (
        <section class="figures system-figures" aria-label="Summary">
          <Figure label="mode" value={NONE} note="asking the engine how it is" />
        </section>
      ) : (
        <Summary system={value} />
      )}
      <div class="beside">
        <Steps fills={fills} />
        <Failures />
      </div>
      {value?.mode === 'simulated' ? <FaultPanel processes={value.processes} /> : null}
      {value === null ? null : <Processes system={value} />}
    </div>
  )
}

const TRADING = { active: 'active', entries_halted: 'entries halted', halted: 'halted' } as const
/** Queues that wait longer are worth a look. */
const SLOW_QUEUE_MS = 1_000

function Summary({
  system: { mode, runtime, queue, orders, processes, version, ...rest },
}: {
  readonly system: NonNullable<typeof system.value>
}): JSX.Element {
  // Read so that the figures of the last seconds move on.
  void now.value
  const { accepted, closed, perSecond } = ratesNow()
  const streams = processes.reduce((sum, process) => sum + process.streams, 0)
  const state = tradingState.value ?? rest.trading
  const isLive = mode === 'live'
  return (
    <section class="figures system-figures" aria-label="Summary">
      <Figure
        label="mode"
        value={isLive ? 'LIVE' : 'SIMULATED'}
        note={isLive ? 'real money' : 'nothing real is traded'}
        {...(isLive ? { tone: 'bad' as const } : {})}
      />
      <Figure
        label="trading"
        value={TRADING[state]}
        note={state === 'active' ? 'swaps are signed' : 'resume it at the top'}
        {...(state === 'active' ? {} : { tone: state === 'halted' ? ('bad' as const) : ('warn' as const) })}
      />
      <Figure
        label={`orders a second, last ${RATE_SECONDS} s`}
        value={
          <>
            {(flood.value ?? accepted).toFixed(1)}{' '}
            <Spark values={perSecond} label="Orders accepted in each of the last 60 seconds" />
          </>
        }
        note={flood.value === null ? `${closed.toFixed(1)} ended a second` : 'by the newest orders'}
      />
      <Figure
        label="queue"
        value={count(queue.depth)}
        note={`oldest ${duration(queue.oldestMs)}`}
        {...(queue.oldestMs > SLOW_QUEUE_MS ? { tone: 'warn' as const } : {})}
      />
      <Figure label="open" value={count(orders.working)} note={`${count(orders.resting)} more rest`} />
      <Figure label="streams" value={count(streams)} note="WebSocket and SSE" />
      <Figure label="processes" value={count(processes.length)} note={`${runtime}, ${version}`} />
    </section>
  )
}
