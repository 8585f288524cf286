// Owns the embedded Postgres: PGlite in a worker thread, so that its work never holds up the engine's timers.

import { Worker } from 'node:worker_threads'
import { type Sql, type SqlRow, StoreUnavailable } from '../domain/ports.ts'

export type Call = {
  readonly id: number
  readonly script: boolean
  readonly text: string
  readonly params: readonly unknown[]
}
export type Reply = {
  readonly id: number
  readonly rows?: SqlRow[]
  readonly error?: { message: string; code?: string }
}

type Pending = { resolve(rows: SqlRow[]): void; reject(error: Error): void }

/** Opens the folder, making it on first use. Only one process may: the caller holds the lock on it. */
export async function openPglite(folder: string): Promise<Sql> {
  const isSource = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(isSource ? './pgliteWorker.ts' : './pgliteWorker.js', import.meta.url), {
    workerData: { folder },
    execArgv: isSource ? ['--import', 'tsx'] : [],
  })
  const pending = new Map<number, Pending>()
  let lastId = 0
  let fault: Error | null = null

  const fail = (error: Error) => {
    fault = error
    for (const { reject } of pending.values()) reject(error)
    pending.clear()
  }
  worker.on('message', ({ id, rows, error }: Reply) => {
    const call = pending.get(id)
    pending.delete(id)
    if (error === undefined) call?.resolve(rows ?? [])
    else call?.reject(Object.assign(new Error(error.message), { code: error.code }))
  })
  worker.on('error', (error) => fail(new StoreUnavailable(`the embedded database stopped: ${error.message}`)))
  worker.on('exit', () => fail(new StoreUnavailable('the embedded database is closed')))

  function call(text: string, params: readonly unknown[], script: boolean): Promise<SqlRow[]> {
    if (fault !== null) return Promise.reject(fault)
    lastId += 1
    const id = lastId
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject })
      worker.postMessage({ id, script, text, params } satisfies Call)
    })
  }
  // The first answer says that the folder is open.
  await call('select 1', [], false)

  const listeners = new Map<string, Set<(payload: string) => void>>()
  return {
    query: <Row extends SqlRow>(text: string, params: readonly unknown[] = []) =>
      call(text, params, false) as Promise<Row[]>,
    script: async (text) => {
      await call(text, [], true)
    },
    // No other process can have this folder open, so notifications stay inside this one.
    notify: async (channel, payload) => {
      for (const listener of listeners.get(channel) ?? []) listener(payload)
    },
    listen: async (channel, onPayload) => {
      const set = listeners.get(channel) ?? new Set()
      listeners.set(channel, set.add(onPayload))
      return () => set.delete(onPayload)
    },
    tryLock: async () => () => {},
    close: async () => {
      await call('close', [], true)
      await worker.terminate()
    },
  }
}
