// Owns the faults of a simulated world: letting things go wrong, beside the audit that shows that no order is lost or doubled.

import type { Audit, FaultChanges, Faults, System } from 'oee-client'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, client, type Outcome, trading } from '../../engine.ts'
import { count, NONE } from '../../format.ts'
import { Button } from '../../parts/Button.tsx'
import { Select } from '../../parts/Field.tsx'
import { Figure } from '../../parts/Figure.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { usePolled } from '../../polled.ts'
import { sayDone, sayFailed } from '../../toasts.ts'
import { KillDialog } from './KillDialog.tsx'

const EVERY_MS = 2_000
const AUDIT_EVERY_MS = 5_000
const VENUES = ['raydium', 'meteora'] as const
const NOTHING = 'nothing'

const VENUE_FAULTS: readonly (readonly [string, string])[] = [
  [NOTHING, 'well'],
  ['slow', 'slow: misses every deadline'],
  ['late', 'late: long after the other'],
  ['down', 'down: refuses'],
  ['limited', 'limited: asked too often'],
  ['flapping', 'flapping: comes and goes'],
  ['stale', 'stale: pools of an old slot'],
  ['wrong', 'wrong: quotes ten times too much'],
  ['zero', 'quotes zero'],
  ['negative', 'quotes below zero'],
  ['nan', 'quotes no number'],
]
const SHARES: readonly (readonly [string, string])[] = [
  ['0', 'none'],
  ['0.05', '5 %'],
  ['0.2', '20 %'],
  ['0.5', '50 %'],
  ['1', 'all'],
]

/** Another console may have set a share of its own. */
const sharesWith = (value: number) =>
  SHARES.some(([share]) => Number(share) === value)
    ? SHARES
    : [...SHARES, [String(value), `${Number((value * 100).toPrecision(3))} %`] as const]

export function FaultPanel({ processes }: { readonly processes: System['processes'] }): JSX.Element {
  const faults = usePolled('faults', (signal) => client.faults({ signal }), EVERY_MS)
  const audit = usePolled('audit', (signal) => client.audit({ signal }), AUDIT_EVERY_MS)
  const [changed, setChanged] = useState<Faults | null>(null)
  const [isKilling, setKilling] = useState(false)
  // What was just changed counts until the engine has answered again.
  useEffect(() => setChanged(null), [faults.value])
  const shown = changed ?? faults.value
  // A key that may see the trading switch has the scope admin.
  const isAllowed = trading.value !== null

  async function carryOut(act: Promise<Outcome<Faults>>, done: string): Promise<void> {
    const outcome = await act
    if ('message' in outcome) return sayFailed('The faults stay as they were.', outcome.message)
    setChanged(outcome.value)
    faults.again()
    sayDone(done)
  }
  const change = (changes: FaultChanges, done: string) => void carryOut(call(client.setFaults(changes)), done)

  async function fork(): Promise<void> {
    const outcome = await call(client.fork())
    if ('message' in outcome) return sayFailed('The chain does not fork.', outcome.message)
    sayDone(`Slot ${count(outcome.value.slot)} begins with a fork: the two blocks before it never were.`)
  }

  return (
    <section class="section" aria-labelledby="system-faults">
      <div class="section-head">
        <h2 id="system-faults">Faults</h2>
        <span class="soft">
          {isAllowed
            ? 'Let something go wrong, and see that no order is lost or doubled. It takes effect in every process within a second.'
            : 'Changing them takes a key with the scope admin.'}
        </span>
      </div>
      {faults.message === null ? null : <Problem message={faults.message} onRetry={faults.again} />}
      <div class="fault-panel">
        <fieldset class="fault-fields" disabled={!isAllowed || shown === null}>
          <legend class="unseen">Faults of the simulated world</legend>
          {VENUES.map((venue) => (
            <Select
              key={venue}
              label={venue}
              value={shown?.venues[venue] ?? NOTHING}
              options={VENUE_FAULTS}
              onInput={(value) =>
                change(
                  { venues: { [venue]: value === NOTHING ? null : value } } as FaultChanges,
                  `${venue}: ${value === NOTHING ? 'well' : value}.`,
                )
              }
            />
          ))}
          <Select
            label="transactions that vanish"
            value={String(shown?.dropRate ?? 0)}
            options={sharesWith(shown?.dropRate ?? 0)}
            onInput={(value) =>
              change({ dropRate: Number(value) }, 'The share of dropped transactions is changed.')
            }
          />
          <Select
            label="errors after they arrived"
            value={String(shown?.sendErrorRate ?? 0)}
            options={sharesWith(shown?.sendErrorRate ?? 0)}
            onInput={(value) =>
              change({ sendErrorRate: Number(value) }, 'The share of false errors is changed.')
            }
          />
          <div class="fault-acts">
            <Button onClick={() => void fork()}>Fork now</Button>
            <Button kind="danger" onClick={() => setKilling(true)}>
              Kill a process…
            </Button>
            <Button
              onClick={() =>
                void carryOut(call(client.resetFaults()), 'The faults are those of the settings again.')
              }
            >
              Reset
            </Button>
          </div>
        </fieldset>
        <AuditFigures audit={audit.value} />
      </div>
      {audit.message === null ? null : <Problem message={audit.message} onRetry={audit.again} />}
      {isKilling ? <KillDialog processes={processes} onClose={() => setKilling(false)} /> : null}
    </section>
  )
}

function AuditFigures({ audit }: { readonly audit: Audit | null }): JSX.Element {
  const verdict = (many: number | undefined) => (many === undefined || many === 0 ? 'good' : 'bad')
  const shown = (many: number | undefined) => (many === undefined ? NONE : count(many))
  return (
    <section class="fault-audit" aria-live="polite" aria-label="Audit against the ledger">
      <Figure label="lost" value={shown(audit?.lost)} tone={verdict(audit?.lost)} note="orders" />
      <Figure label="doubled" value={shown(audit?.doubled)} tone={verdict(audit?.doubled)} note="orders" />
      <Figure
        label="confirmed"
        value={shown(audit?.confirmed)}
        note={`${shown(audit?.swaps)} swaps landed`}
      />
      <Figure label="not ended" value={shown(audit?.underWay)} note="open, so neither" />
      <p class="fault-source soft">
        The newest {shown(audit?.orders)} orders beside the ledger of the simulated chain, which is no table
        of the engine.
      </p>
    </section>
  )
}
