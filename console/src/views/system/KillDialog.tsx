// Owns the question before a process is ended as kill -9 does.

import type { System } from 'oee-client'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { call, client } from '../../engine.ts'
import { shortId } from '../../format.ts'
import type { Message } from '../../messages.ts'
import { Button } from '../../parts/Button.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import { Select } from '../../parts/Field.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { sayDone } from '../../toasts.ts'

type Props = { readonly processes: System['processes']; readonly onClose: () => void }

export function KillDialog({ processes, onClose }: Props): JSX.Element {
  // A worker where there is one: this page then stays connected.
  const first = processes.find(({ role }) => role === 'worker') ?? processes[0]
  const [id, setId] = useState(first?.processId ?? '')
  const [problem, setProblem] = useState<Message | null>(null)
  const nameOf = (place: number, role: string, processId: string) =>
    `${role} ${shortId(processId)}${place === 0 ? ', which answers this page' : ''}`

  async function submit(event: Event): Promise<void> {
    event.preventDefault()
    const outcome = await call(client.kill(id))
    if ('message' in outcome) return setProblem(outcome.message)
    sayDone(`${shortId(id)} has ended.`)
    onClose()
  }

  return (
    <Dialog title="Kill a process?" onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          It ends at once, as with kill -9. What it was doing goes on in the next process that starts, or in
          the others: no order is lost.
        </p>
        <Select
          label="Process"
          value={id}
          options={processes.map(({ processId, role }, place) => [processId, nameOf(place, role, processId)])}
          onInput={setId}
        />
        <p class="warn">
          Nothing starts it again but its supervisor. Without one, start it in its terminal: npm start.
        </p>
        {problem === null ? null : <Problem message={problem} />}
        <div class="acts">
          <Button onClick={onClose}>Leave it</Button>
          <Button kind="danger" type="submit" autoFocus>
            Kill it
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
