// Owns the thread in which PGlite runs: takes statements, answers rows, one after the other.

import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import type { Call, Reply } from './pglite.ts'

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread')
const db = await PGlite.create(workerData.folder)

async function answer({ id, script, text, params }: Call): Promise<Reply> {
  try {
    if (script && text === 'close') await db.close()
    else if (script) await db.exec(text)
    else return { id, rows: (await db.query<Record<string, unknown>>(text, [...params])).rows }
    return { id }
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    return { id, error: code === undefined ? { message } : { message, code } }
  }
}

port.on('message', async (call: Call) => {
  port.postMessage(await answer(call))
})
