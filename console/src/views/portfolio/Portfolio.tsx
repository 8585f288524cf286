// Owns the portfolio view: what is held and how much of it is spoken for, what has been made, and how well orders were filled.

import type { JSX } from 'preact'
import { client } from '../../engine.ts'
import {
  askExecutions,
  executionsProblem,
  isAsked,
  MOST_ASKED,
  MOST_EXECUTIONS,
  useExecutions,
} from '../../executions.ts'
import { count } from '../../format.ts'
import { Problem } from '../../parts/Problem.tsx'
import { usePolled } from '../../polled.ts'
import { Balances } from './Balances.tsx'
import { Fills } from './Fills.tsx'
import { Quality } from './Quality.tsx'
import { Results } from './Results.tsx'
import './portfolio.css'

const WALLET_EVERY_MS = 3_000

export function Portfolio(): JSX.Element {
  const wallet = usePolled('wallet', (signal) => client.wallet({ signal }), WALLET_EVERY_MS)
  const value = useExecutions()
  return (
    <div class="portfolio">
      {wallet.message === null ? null : <Problem message={wallet.message} onRetry={wallet.again} />}
      <div class="beside">
        <Balances wallet={wallet.value} />
        <Results fills={value} isAsked={isAsked.value} />
      </div>
      {executionsProblem.value === null ? null : (
        <Problem message={executionsProblem.value} onRetry={() => void askExecutions()} />
      )}
      <Quality fills={value} isAsked={isAsked.value} />
      <Fills fills={value} isAsked={isAsked.value} />
      <p class="soft portfolio-source">{sourceOf(value.length)}</p>
    </div>
  )
}

/** What the figures are of. */
const sourceOf = (fills: number) =>
  `Results and quality are of the newest ${count(fills)} orders that were filled: up to ${MOST_ASKED} from before this page was opened, and up to ${count(MOST_EXECUTIONS)} in all.`
