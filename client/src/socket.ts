// Owns the frames of a WebSocket, in order, as an iterator.

import { OeeError } from './errors.ts'

const NORMAL = 1000

/**
 * The text of each frame, once the socket has opened; null where it has not. Ends when the engine closes it normally, rejects
 * with an OeeError when it breaks, and with the signal's reason when that aborts.
 */
export async function openFrames(
  url: string,
  protocols: string[],
  signal: AbortSignal,
): Promise<AsyncGenerator<string, undefined> | null> {
  let received: string[] = []
  let isOpen = false
  let end: { readonly error: unknown } | null = null
  let wake = () => {}
  const changed = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })

  const socket = new WebSocket(url, protocols)
  const finish = (error: unknown) => {
    end ??= { error }
    wake()
  }
  const abort = () => {
    finish(signal.reason)
    // Closed while it opens, a browser would report a fault of the page.
    if (isOpen) socket.close()
    else socket.onopen = () => socket.close()
  }
  socket.onopen = () => {
    isOpen = true
    wake()
  }
  socket.onmessage = ({ data }) => {
    received.push(String(data))
    wake()
  }
  socket.onclose = ({ code }) => {
    signal.removeEventListener('abort', abort)
    finish(code === NORMAL ? null : new OeeError('unreachable', 'The stream has broken.'))
  }
  // What is wrong is not said to a page; the close that follows ends it.
  socket.onerror = () => {}
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort)
  while (!isOpen && end === null) await changed()
  return isOpen ? frames() : null

  async function* frames(): AsyncGenerator<string, undefined> {
    try {
      for (;;) {
        const batch = received
        received = []
        yield* batch
        if (received.length > 0) continue
        if (end === null) await changed()
        else if (end.error === null) return
        else throw end.error
      }
    } finally {
      socket.close()
    }
  }
}
