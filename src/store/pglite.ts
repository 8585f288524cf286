// Owns the embedded Postgres: PGlite in a worker thread, so that its work never holds up the engine's timers. The same
// driver talks to it as to a server, over a pipe in place of a socket.

import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import pg from 'pg'
import { type Sql, StoreUnavailable } from '../domain/ports.ts'
import { PLANNING, statementsOver } from './postgres.ts'

/** Opens the folder, making it on first use. Only one process may: the caller holds the lock on it. */
export async function openPglite(folder: string): Promise<Sql> {
  const isSource = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(isSource ? './pgliteWorker.ts' : './pgliteWorker.js', import.meta.url), {
    workerData: { folder },
    execArgv: isSource ? ['--import', 'tsx'] : [],
  })
  // The first message says that the folder is open.
  await once(worker, 'message')
  // Pipelined: the next statement is there already when one ends.
  const client = new pg.Client({
    stream: () => new Pipe(worker),
    user: 'postgres',
    pipeline: true,
    options: PLANNING,
  })
  let fault: Error | null = null
  client.on('error', (error) => {
    fault = new StoreUnavailable(`the embedded database stopped: ${error.message}`)
  })
  await client.connect()
  const statements = statementsOver((query) => {
    if (fault !== null) return Promise.reject(fault)
    return client.query(query)
  })
  const exited = once(worker, 'exit')
  return {
    ...statements,
    // No other process can have this folder open: there is nobody to tell, to listen to, or to lock out.
    notify: async () => {},
    listen: async () => () => {},
    tryLock: async () => () => {},
    async close() {
      fault = new StoreUnavailable('the embedded database is closed')
      await client.end()
      await exited
    },
  }
}

/** The driver's socket: what it writes goes to the worker thread, what that answers comes back. */
class Pipe extends Duplex {
  readonly #worker: Worker

  constructor(worker: Worker) {
    super()
    this.#worker = worker
    worker.on('message', (bytes: Uint8Array) =>
      this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
    )
    worker.on('error', (error) => this.destroy(error))
    worker.on('exit', () => this.push(null))
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'))
    return this
  }

  // What a socket has and a pipe has no need of.
  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#worker.postMessage(bytes)
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#worker.postMessage(Buffer.concat(chunks.map(({ chunk }) => chunk)))
    done()
  }

  override _final(done: () => void): void {
    this.#worker.postMessage(null)
    done()
  }
}
