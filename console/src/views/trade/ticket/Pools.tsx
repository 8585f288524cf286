// Owns the quotes of all pools, side by side, and the route over them.

import type { Route } from 'oee-client'
import type { JSX } from 'preact'
import { amount, bps, shortId } from '../../../format.ts'
import { Empty } from '../../../parts/Empty.tsx'
import { Problem } from '../../../parts/Problem.tsx'
import { type Form, pairOf } from '../model/form.ts'
import { readable, shortToken } from '../model/pair.ts'
import { comparisonOf, legsOf, type PoolRow } from '../model/quotes.ts'
import { isUnlaunched } from '../tokens.ts'
import { isOfForm, type Ticket } from './state.ts'

export function Pools({ ticket }: { readonly ticket: Ticket }): JSX.Element {
  const quotes = ticket.quotes.value.value
  const problem = ticket.quotes.problem.value
  const form = ticket.form.value
  return (
    <section class="trade-pools" aria-labelledby="trade-pools">
      <h3 id="trade-pools">Pools</h3>
      {problem === null ? null : <Problem message={problem} />}
      {quotes !== null ? (
        <PoolTable quotes={quotes} isNow={isOfForm(quotes, form)} bought={pairOf(form).tokenOut} />
      ) : problem === null ? (
        <NoQuotes form={form} />
      ) : null}
    </section>
  )
}

function NoQuotes({ form }: { readonly form: Form }): JSX.Element {
  if (isUnlaunched(pairOf(form).tokenOut)) {
    return <Empty title="The token is not launched yet.">Quotes begin with its first pool.</Empty>
  }
  if (form.amountIn) return <Empty title="The pools are being asked." />
  return <Empty title="No amount yet.">Enter one to see what each pool would pay for it.</Empty>
}

type TableProps = {
  readonly quotes: NonNullable<Ticket['quotes']['value']['value']>
  readonly isNow: boolean
  readonly bought: string
}

function PoolTable({ quotes, isNow, bought }: TableProps): JSX.Element {
  const { pools, refusals } = comparisonOf(quotes)
  const { route } = quotes
  return (
    <div class={isNow ? '' : 'stale'}>
      <table class="pools">
        <thead>
          <tr>
            <th scope="col">Pool</th>
            <th scope="col" class="number">
              Pays, {shortToken(bought)}
            </th>
            <th scope="col" class="number">
              Behind
            </th>
            <th scope="col" class="number">
              Share
            </th>
          </tr>
        </thead>
        <tbody>
          {pools.map((row) => (
            <Pool key={row.pool} row={row} />
          ))}
          {refusals.map(({ venue, detail }) => (
            <tr key={venue} class="soft">
              <th scope="row">{venue}</th>
              <td colSpan={3}>{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {route === null ? (
        <p class="warn pools-why">No route: {quotes.failure?.detail}.</p>
      ) : (
        <RouteLegs route={route} />
      )}
    </div>
  )
}

function RouteLegs({ route }: { readonly route: Route }): JSX.Element {
  return (
    <div class="pools-why">
      <h4 class="label">Route</h4>
      <ul>
        {legsOf(route).map(({ pool, program, tokenIn, tokenOut, shareBps }) => (
          <li key={`${pool} ${tokenIn}`} class="route-leg">
            <b>{amount(String(shareBps / 100), 2)} %</b>
            <span>
              {shortToken(tokenIn)} → {shortToken(tokenOut)}
            </span>
            <span>
              {program}{' '}
              <span class="mono soft" title={pool}>
                {shortId(pool)}
              </span>
            </span>
          </li>
        ))}
      </ul>
      <p class="soft">{readable(route.reason)}</p>
    </div>
  )
}

function Pool({ row }: { readonly row: PoolRow }): JSX.Element {
  const { program, pool, amountOut, behindBps, fee, feeToken, priceImpactBps, shareBps, leftOut } = row
  const isChosen = shareBps > 0
  return (
    <tr>
      <th scope="row">
        {isChosen ? <b class="cut">{program}</b> : <span class="cut">{program}</span>}
        <span class="soft pools-note">
          <span class="mono" title={pool}>
            {shortId(pool)}
          </span>
        </span>
      </th>
      <td class="number">
        {isChosen ? <b>{amount(amountOut, 6)}</b> : amount(amountOut, 6)}
        <span class="soft pools-note">
          fee {amount(fee, 6)} {feeToken}
        </span>
      </td>
      <td class="number">
        {behindBps === 0 ? 'best' : bps(behindBps)}
        <span class="soft pools-note">impact {bps(priceImpactBps)}</span>
      </td>
      <td class="number">
        {isChosen ? (
          <>
            {amount(String(shareBps / 100), 2)} %
            <svg class="pools-share" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
              <path d={`M0 1.5H${shareBps / 100}`} />
            </svg>
          </>
        ) : (
          <span class="soft pools-left">{leftOut ?? ''}</span>
        )}
      </td>
    </tr>
  )
}
