// Owns the switch that halts trading, and what it says before it is thrown.

import type { Trading } from 'oee-client'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, client, trading } from '../engine.ts'
import type { Message } from '../messages.ts'
import { Button } from '../parts/Button.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Problem } from '../parts/Problem.tsx'
import { sayDone } from '../toasts.ts'
import { isHaltOpen } from './state.ts'

const DONE: Readonly<Record<Trading['state'], string>> = {
  active: 'Trading goes on.',
  entries_halted: 'Entries are halted.',
  halted: 'Trading is halted.',
}

export function HaltDialog(): JSX.Element {
  const [problem, setProblem] = useState<Message | null>(null)
  const [isBusy, setBusy] = useState(false)
  const state = trading.value?.state
  const close = () => {
    isHaltOpen.value = false
  }

  async function set(next: Trading['state']): Promise<void> {
    setBusy(true)
    const outcome = await call(client.setTrading(next))
    setBusy(false)
    if ('message' in outcome) return setProblem(outcome.message)
    trading.value = outcome.value
    sayDone(DONE[next])
    close()
  }

  return (
    <Dialog title={state === 'active' ? 'Halt trading?' : 'Resume trading?'} onClose={close}>
      <dl class="explained">
        <dt>Halt trading</dt>
        <dd>For all keys: no new swap is signed. Swaps that are submitted are followed to their end.</dd>
        <dt>Halt entries</dt>
        <dd>For all keys: stops and other exits go on; no other order is taken or fires.</dd>
      </dl>
      {problem === null ? null : <Problem message={problem} />}
      <div class="acts">
        <Button onClick={close}>{state === 'active' ? 'Trade on' : 'Leave it'}</Button>
        {state === 'active' ? null : (
          <Button kind="main" disabled={isBusy} onClick={() => set('active')}>
            Resume trading
          </Button>
        )}
        {state === 'entries_halted' ? null : (
          <Button kind="danger" disabled={isBusy} onClick={() => set('entries_halted')}>
            Halt entries
          </Button>
        )}
        {state === 'halted' ? null : (
          <Button kind="danger" disabled={isBusy} onClick={() => set('halted')}>
            Halt trading
          </Button>
        )}
      </div>
    </Dialog>
  )
}
