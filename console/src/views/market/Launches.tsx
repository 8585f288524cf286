// Owns the launches of the simulated chain: which tokens came, which are to come, what is wrong with them; and launching one.

import type { Launch, LaunchRequest } from 'oee-client'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, client, trading } from '../../engine.ts'
import { amount, count, shortId } from '../../format.ts'
import { linkTo } from '../../location.ts'
import type { Message } from '../../messages.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Field, Select } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'
import { usePolled } from '../../polled.ts'
import { sayDone } from '../../toasts.ts'

const EVERY_MS = 4_000

const columns: readonly SheetColumn<Launch>[] = [
  {
    name: 'symbol',
    head: 'token',
    cell: ({ symbol, launched }) =>
      launched ? (
        <a href={linkTo('market', { tokenIn: 'SOL', tokenOut: symbol, size: '10' })}>{symbol}</a>
      ) : (
        symbol
      ),
  },
  {
    name: 'state',
    head: 'state',
    cell: ({ launched, slot }) => (launched ? 'launched' : <span class="flow">in slot {count(slot)}</span>),
  },
  { name: 'venue', head: 'venue', cell: ({ venue }) => venue },
  { name: 'liquidity', head: 'SOL at first', isNumber: true, cell: ({ liquidity }) => amount(liquidity, 2) },
  {
    name: 'mint',
    head: 'mint',
    isWideOnly: true,
    cell: ({ mint }) => <code title={mint}>{shortId(mint)}</code>,
  },
  {
    name: 'faults',
    head: 'what is wrong with it',
    cell: ({ faults }) =>
      faults.length === 0 ? (
        <span class="soft">nothing</span>
      ) : (
        <span class="sheet-wrap warn">{faults.join(', ')}</span>
      ),
  },
]

export function Launches(): JSX.Element {
  const launches = usePolled('launches', (signal) => client.launches({ signal }), EVERY_MS)
  const [isOpen, setOpen] = useState(false)
  // A key that may see the trading switch has the scope admin.
  const isAllowed = trading.value !== null
  return (
    <section class="section" aria-labelledby="market-launches">
      <div class="section-head">
        <h2 id="market-launches">Launches</h2>
        <span class="soft">Of the simulated chain, for snipers and their guards.</span>
        <Button onClick={() => setOpen(true)} disabled={!isAllowed}>
          Launch a token
        </Button>
      </div>
      {launches.message === null ? null : <Problem message={launches.message} onRetry={launches.again} />}
      <Sheet
        label="Launches, the newest first"
        columns={columns}
        rows={launches.value ?? []}
        keyOf={({ mint }) => mint}
        empty={
          <Empty
            title={launches.value === null ? 'Asking for the launches.' : 'No token has been launched yet.'}
          >
            {isAllowed
              ? 'Launch one, sound or with a fault, and see what a sniper makes of it.'
              : 'Launching takes a key with the scope admin.'}
          </Empty>
        }
      />
      {isOpen ? (
        <LaunchDialog
          onClose={() => {
            setOpen(false)
            launches.again()
          }}
        />
      ) : null}
    </section>
  )
}

type Faults = NonNullable<LaunchRequest['faults']>

const FAULTS: readonly (readonly [Faults[number], string])[] = [
  ['mint_authority', 'the mint authority is kept'],
  ['freeze_authority', 'the freeze authority is kept, and freezes buyers after 25 slots'],
  ['permanent_delegate', 'a permanent delegate'],
  ['transfer_hook', 'a transfer hook'],
  ['transfer_fee', '5 % of each transfer does not arrive'],
  ['unknown_extension', 'an extension that the engine does not know'],
  ['no_sell', 'it cannot be sold'],
  ['drained', 'its liquidity is withdrawn after 10 slots'],
]

function LaunchDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const [symbol, setSymbol] = useState('')
  const [liquidity, setLiquidity] = useState('200')
  const [venue, setVenue] = useState('raydium')
  const [inSlots, setInSlots] = useState('0')
  const [faults, setFaults] = useState<Faults>([])
  const [problem, setProblem] = useState<Message | null>(null)
  const faultOf = (name: string) => problem?.fields.find(({ field }) => field === name)?.detail

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    const body = { symbol, liquidity, venue, inSlots: Number(inSlots), faults } as LaunchRequest
    const outcome = await call(client.launch(body))
    if ('message' in outcome) return setProblem(outcome.message)
    sayDone(`${symbol} is there from slot ${count(outcome.value.slot)} on.`)
    onClose()
  }

  return (
    <Dialog title="Launch a token" onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="Symbol" value={symbol} onInput={setSymbol} problem={faultOf('symbol')} autoFocus />
        <Field
          label="Liquidity"
          value={liquidity}
          unit="SOL"
          inputMode="decimal"
          onInput={setLiquidity}
          problem={faultOf('liquidity')}
        />
        <Select
          label="Venue"
          value={venue}
          options={[
            ['raydium', 'raydium'],
            ['meteora', 'meteora'],
          ]}
          onInput={setVenue}
        />
        <Field
          label="Later than at once by"
          value={inSlots}
          unit="slots"
          inputMode="numeric"
          onInput={setInSlots}
          problem={faultOf('inSlots')}
        />
        <fieldset class="launch-faults">
          <legend class="label">What is wrong with it</legend>
          {FAULTS.map(([name, text]) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={faults.includes(name)}
                onChange={() =>
                  setFaults(
                    faults.includes(name) ? faults.filter((each) => each !== name) : [...faults, name],
                  )
                }
              />{' '}
              {text}
            </label>
          ))}
        </fieldset>
        {problem === null ? null : <Problem message={problem} />}
        <div class="acts">
          <Button onClick={onClose}>Leave it</Button>
          <Button kind="main" type="submit" disabled={symbol === ''}>
            Launch
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
