// Owns canceling many orders: counted by the engine first, repeated in words, then confirmed.

import type { CancelCount } from 'oee-client'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call, client } from '../../engine.ts'
import { count } from '../../format.ts'
import type { Message } from '../../messages.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { sayDone } from '../../toasts.ts'
import { cancelable, type Filter, inWords } from './filter.ts'

type Props = { readonly filter: Filter; readonly onClose: () => void }

/** Only open orders can be canceled, whatever else is shown. */
const wordsFor = (filter: Filter) =>
  inWords({ ...filter, status: filter.status === '' ? 'open' : filter.status })

export function BulkCancel({ filter, onClose }: Props): JSX.Element {
  const [counted, setCounted] = useState<CancelCount | null>(null)
  const [problem, setProblem] = useState<Message | null>(null)
  const [isBusy, setBusy] = useState(false)
  const chosen = cancelable(filter)

  async function ask(): Promise<void> {
    if ('reason' in chosen) return
    setProblem(null)
    const outcome = await call(client.cancelAll(chosen.filter))
    if ('message' in outcome) setProblem(outcome.message)
    else setCounted(outcome.value)
  }
  useEffect(() => void ask(), [])

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    if ('reason' in chosen || counted === null || isBusy) return
    setBusy(true)
    let [canceled, tooLate] = [0, 0]
    for (let remaining = counted.count; remaining > 0; ) {
      const outcome = await call(client.cancelAll(chosen.filter, { confirm: counted.token }))
      if ('message' in outcome) {
        setBusy(false)
        setCounted(null)
        return setProblem(outcome.message)
      }
      canceled += outcome.value.canceled
      tooLate += outcome.value.tooLate
      remaining = outcome.value.remaining
    }
    sayDone(
      `${count(canceled)} orders are canceled${tooLate === 0 ? '' : `, ${count(tooLate)} were past it`}.`,
    )
    onClose()
  }

  return (
    <Dialog title="Cancel many orders" onClose={onClose}>
      <form onSubmit={submit}>
        {'reason' in chosen ? (
          <p>{chosen.reason}</p>
        ) : (
          <>
            <p class="bulk-words">
              <strong class="bulk-count">{counted === null ? '…' : count(counted.count)}</strong>{' '}
              {wordsFor(filter)}
            </p>
            <p class="soft">
              Counted by the engine just now. Orders that are placed from now on are not canceled, nor those
              whose swap is submitted meanwhile.
            </p>
          </>
        )}
        {problem === null ? null : <Problem message={problem} onRetry={() => void ask()} />}
        <div class="acts">
          <Button onClick={onClose}>Keep them</Button>
          {'reason' in chosen ? null : (
            <Button kind="danger" type="submit" disabled={isBusy || counted === null || counted.count === 0}>
              Cancel {counted === null ? '' : count(counted.count)} orders
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  )
}
