// Owns sending the ticket: by button and key, with a confirmation where orders trade for real.

import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { mode } from '../../../engine.ts'
import { useActs } from '../../../keys.ts'
import { Button } from '../../../parts/Button.tsx'
import { Dialog } from '../../../parts/Dialog.tsx'
import { pairOf } from '../model/form.ts'
import { readable } from '../model/pair.ts'
import { lastForm, noteRecent } from './remembered.ts'
import type { Ticket } from './state.ts'

type Props = { readonly ticket: Ticket; readonly onPlaced: (orderId: string) => void }

export function Actions({ ticket, onPlaced }: Props): JSX.Element {
  const isConfirming = useSignal(false)

  async function send(): Promise<void> {
    const accepted = await ticket.place()
    if (accepted === null) return showFirstProblem()
    noteRecent(pairOf(ticket.form.peek()))
    onPlaced(accepted.orderId)
  }
  function submit(): void {
    if (isConfirming.peek()) return
    // What the engine would deny, or cannot judge yet, is no real money: it is sent, and its fields are marked.
    if (mode.peek() === 'live' && ticket.answer.peek().kind === 'allowed') isConfirming.value = true
    else void send()
  }
  const acts = useMemo(
    () => [
      { keys: 'Ctrl+Enter', label: 'Place the order', run: submit, inFields: true as const },
      { keys: 'Alt+r', label: 'Repeat the last order', run: ticket.repeat, inFields: true as const },
    ],
    [ticket],
  )
  useActs('Ticket', acts)

  const { kind } = ticket.placing.value
  return (
    <div class="ticket-acts">
      <Button kind="main" keys="Ctrl Enter" disabled={kind !== 'open'} onClick={submit}>
        {labels[kind]}
      </Button>
      <Button keys="Alt R" disabled={lastForm.value === null} onClick={ticket.repeat}>
        Repeat last
      </Button>
      {isConfirming.value ? (
        <Confirmation
          ticket={ticket}
          onAnswer={(isMeant) => {
            isConfirming.value = false
            if (isMeant) void send()
          }}
        />
      ) : null}
    </div>
  )
}

const labels = { open: 'Place order', placing: 'Placing…', placed: 'Placed' } as const

/** The focus goes where something is to be done. */
function showFirstProblem(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('.ticket [aria-invalid="true"], .ticket-consent input')?.focus()
  })
}

type ConfirmationProps = { readonly ticket: Ticket; readonly onAnswer: (isMeant: boolean) => void }

function Confirmation({ ticket, onAnswer }: ConfirmationProps): JSX.Element {
  const answer = ticket.answer.value
  return (
    <Dialog title="Trade with real money?" onClose={() => onAnswer(false)}>
      {answer.kind !== 'allowed' ? (
        <p class="bad">The engine would deny this order by now.</p>
      ) : (
        <>
          <p class="ticket-summary">{readable(answer.preview.summary)}</p>
          {answer.preview.warnings.map(({ code, detail }) => (
            <p key={`${code} ${detail}`} class="warn">
              {detail}
            </p>
          ))}
        </>
      )}
      <div class="acts">
        <Button onClick={() => onAnswer(false)}>Not yet</Button>
        <Button kind="main" onClick={() => onAnswer(true)}>
          Place it
        </Button>
      </div>
    </Dialog>
  )
}
