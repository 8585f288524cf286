// Owns the market view: where the best price is, how much it can take, and which venue is not well.

import type { JSX } from 'preact'
import { client, system } from '../../engine.ts'
import { params, setParams } from '../../location.ts'
import { Button } from '../../parts/Button.tsx'
import { Field, Select } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { usePolled } from '../../polled.ts'
import { DepthSection } from './DepthSection.tsx'
import { Launches } from './Launches.tsx'
import { Pools } from './Pools.tsx'
import { Venues } from './Venues.tsx'
import './market.css'
import type { Asked } from './asked.ts'

const POOLS_EVERY_MS = 2_000
const TOKENS_EVERY_MS = 10_000

/** What the URL asks for. */
function askedFor(): Asked {
  const { value } = params
  return {
    tokenIn: value.get('tokenIn') ?? 'SOL',
    tokenOut: value.get('tokenOut') ?? 'USDC',
    maxAmountIn: value.get('size') ?? '1000',
  }
}

export function Market(): JSX.Element {
  const asked = askedFor()
  const tokens = usePolled('tokens', (signal) => client.tokens({ signal }), TOKENS_EVERY_MS)
  const pools = usePolled('pools', (signal) => client.pools({ signal }), POOLS_EVERY_MS)
  const symbols = [
    ...new Set([asked.tokenIn, asked.tokenOut, ...(tokens.value ?? []).map(({ symbol }) => symbol)]),
  ]
  const options = symbols.toSorted().map((symbol) => [symbol, symbol] as const)
  const { tokenIn, tokenOut, maxAmountIn } = asked
  return (
    <div class="market">
      <form class="view-head market-pair" onSubmit={(event) => event.preventDefault()}>
        <Select
          label="sells"
          value={tokenIn}
          options={options}
          onInput={(value) => setParams({ tokenIn: value, tokenOut, size: maxAmountIn })}
        />
        <Button
          label={`Sell ${tokenOut} for ${tokenIn} instead`}
          onClick={() => setParams({ tokenIn: tokenOut, tokenOut: tokenIn })}
        >
          ⇄
        </Button>
        <Select
          label="buys"
          value={tokenOut}
          options={options}
          onInput={(value) => setParams({ tokenIn, tokenOut: value, size: maxAmountIn })}
        />
        <Field
          label="up to"
          value={maxAmountIn}
          inputMode="decimal"
          unit={tokenIn}
          onInput={(value) => setParams({ size: value.trim() })}
        />
      </form>
      {pools.message === null ? null : <Problem message={pools.message} onRetry={pools.again} />}
      <Pools pools={pools.value} asked={asked} />
      <div class="beside market-columns">
        <DepthSection asked={asked} />
        <Venues system={system.value} />
      </div>
      {system.value?.mode === 'simulated' ? <Launches /> : null}
    </div>
  )
}
