// Owns the thread in which PGlite runs: bytes of the Postgres protocol in, bytes out, one message after the other.

import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread')
const db = await PGlite.create(workerData.folder)
let last: Promise<void> = Promise.resolve()

async function answer(bytes: Uint8Array | null): Promise<void> {
  if (bytes !== null) port?.postMessage(await db.execProtocolRaw(bytes))
  else {
    await db.close()
    port?.close()
  }
}

port.on('message', (bytes: Uint8Array | null) => {
  last = last.then(() => answer(bytes))
})
port.postMessage(null)
