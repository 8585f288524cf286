// Owns following one order: its timeline as it happens, until its last event.

import type { Client, OrderEvent, WaitingMessage } from 'oee-client'
import type { Context } from '../command.ts'
import { EXIT, type ExitCode } from '../faults.ts'
import { lineOf, waitingText } from '../timeline.ts'

const REDRAW_MS = 200

type Following = { readonly after?: number; readonly isJson: boolean }

/** `failed` when the order ends without a fill. */
export async function follow(
  client: Client,
  id: string,
  { after = 0, isJson }: Following,
  { terminal, clock }: Context,
): Promise<ExitCode> {
  let state = ''
  let status = ''
  let firstAt: number | null = null
  let changedAt = clock.now()
  /** What it does now, and for how long: a person sees that it lives. */
  const redraw = () => {
    if (!isJson) terminal.redraw(`  … ${state} ${((clock.now() - changedAt) / 1_000).toFixed(1)} s`)
  }
  const stop = terminal.isTty ? every(clock, REDRAW_MS, redraw) : () => {}
  try {
    for await (const message of client.watch(id, { after, waiting: true })) {
      if (isJson) terminal.print(JSON.stringify(message))
      if (isWaiting(message)) {
        state = waitingText(message.waiting)
        continue
      }
      const at = Date.parse(message.at)
      firstAt ??= at
      ;({ status } = message)
      state = status
      changedAt = clock.now()
      if (!isJson) terminal.print(lineOf(message, at - firstAt, terminal))
    }
  } finally {
    stop()
    terminal.redraw(null)
  }
  return status === 'confirmed' ? EXIT.ok : EXIT.failed
}

const isWaiting = (message: OrderEvent | WaitingMessage): message is WaitingMessage =>
  message.kind === 'waiting'

function every(clock: Context['clock'], ms: number, act: () => void): () => void {
  let stop = clock.after(ms, function again() {
    act()
    stop = clock.after(ms, again)
  })
  return () => stop()
}
