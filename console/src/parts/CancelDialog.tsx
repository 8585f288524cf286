// Owns the question before one order is canceled.

import type { JSX } from 'preact'
import { cancel } from '../orderActs.ts'
import { type Row, stateOf } from '../orderState.ts'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { Status } from './Status.tsx'

type Props = { readonly row: Row; readonly onClose: () => void }

export function CancelDialog({ row, onClose }: Props): JSX.Element {
  function submit(event: Event): void {
    event.preventDefault()
    onClose()
    void cancel(row)
  }
  return (
    <Dialog title="Cancel this order?" onClose={onClose}>
      <form onSubmit={submit}>
        <p>{row.summary}</p>
        <p>
          <Status state={stateOf(row)} /> <span class="soft">Possible until its swap is submitted.</span>
        </p>
        <div class="acts">
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" type="submit" autoFocus>
            Cancel the order
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
