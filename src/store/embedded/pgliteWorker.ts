// Owns the thread in which PGlite runs: bytes of the Postgres protocol in, answers out in parts, one message after the other.

import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread')
const db = await PGlite.create(workerData.folder)
let last: Promise<void> = Promise.resolve()

async function answer(bytes: Uint8Array | null): Promise<void> {
  if (bytes === null) {
    await db.close()
    port?.close()
    return
  }
  // Streamed: the one-piece call parses the response and never frees it. The parts lie in its memory until it goes on.
  const parts: Uint8Array<ArrayBuffer>[] = []
  await db.execProtocolRawStream(bytes, { onRawData: (part) => parts.push(new Uint8Array(part)) })
  port?.postMessage(
    parts,
    parts.map(({ buffer }) => buffer),
  )
}

port.on('message', (bytes: Uint8Array | null) => {
  last = last.then(() => answer(bytes))
})
port.postMessage(null)
