// Owns the embedded Postgres: PGlite in a worker thread, so that its work never holds up the engine's timers. The same
// driver talks to it as to a server, over a pipe in place of a socket.

import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import pg from 'pg'
import { type Sql, StoreUnavailable } from '../../domain/ports/sql.ts'
import { churning } from '../migrations.ts'
import { statementsOver } from '../postgres.ts'
import { PLANNING } from '../session.ts'

/**
 * Bytes of statements between two rounds of upkeep. A Postgres server has processes for it and PGlite has none: its
 * write-ahead log would grow for ever, and a start after a crash would read all of it; and what orders leave behind in the
 * indexes of those that wait would be read by every sweep. A checkpoint takes 15 to 45 ms, a vacuum 20 to 120 ms at 100,000 orders.
 */
const UPKEEP_BYTES = 16 * 2 ** 20
/** The checkpoint comes last: it writes what the vacuum has changed. */
const UPKEEP = [`vacuum ${churning.join()}`, 'checkpoint']

/**
 * Opens the database in a folder. Only one process may: the caller holds the lock on it. `onLost` is called when the database
 * ends by itself: it takes no more statements.
 */
export async function openPglite(
  folder: string,
  onLost: (error: StoreUnavailable) => void = () => {},
): Promise<Sql> {
  // Postgres writes its own lock file in two steps and never starts again on one that a killed process left empty.
  rmSync(join(folder, 'postmaster.pid'), { force: true })
  const worker = startWorker(folder)
  // The first message means that the folder is open.
  await once(worker, 'message')
  const pipe = new Pipe(worker)
  // Pipelined: the next statement is there already when one ends.
  const client = new pg.Client({
    stream: () => pipe,
    user: 'postgres',
    pipeline: true,
  })
  let fault: StoreUnavailable | null = null
  client.on('error', (error) => {
    if (fault !== null) return
    fault = new StoreUnavailable(`the embedded database stopped: ${error.message}`)
    onLost(fault)
  })
  await client.connect()
  for (const [name, value] of Object.entries(PLANNING)) await client.query(`set ${name} = ${value}`)
  const statements = statementsOver((query) => {
    if (fault !== null) return Promise.reject(fault)
    const answer = client.query(query)
    if (pipe.sentBytes >= UPKEEP_BYTES) keepUp()
    return answer
  })
  function keepUp(): void {
    pipe.sentBytes = 0
    // What fails, on a full disk say, is repeated by the next round.
    for (const statement of UPKEEP) client.query(statement).catch(() => {})
  }
  // Not by once(): it would report an error of the thread a second time.
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  return {
    ...statements,
    async close() {
      fault = new StoreUnavailable('the embedded database is closed')
      await client.end()
      await exited
    },
  }
}

/** Free bytes on the disk that holds the folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Makes a database in an empty folder, in a thread of its own: only the end of the thread frees the memory it takes. */
export async function makeDatabase(folder: string): Promise<void> {
  const worker = startWorker(folder)
  await once(worker, 'message')
  worker.postMessage(null)
  await once(worker, 'exit')
}

/**
 * From the built files directly; from TypeScript, as tests and `npm run dev` run it, through tsx, after PGlite: what is
 * loaded by then tsx need not read.
 */
function startWorker(folder: string): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./pgliteWorker.js', import.meta.url), { workerData: { folder } })
  }
  const file = JSON.stringify(new URL('./pgliteWorker.ts', import.meta.url).href)
  const bootstrap = `import('@electric-sql/pglite').then(() => import('tsx/esm/api')).then(({ register }) => {
    register()
    return import(${file})
  })`
  return new Worker(bootstrap, { eval: true, workerData: { folder } })
}

/** The driver's socket: what it writes goes to the worker thread, what that answers comes back. */
class Pipe extends Duplex {
  /** Since the last upkeep. */
  sentBytes = 0
  readonly #worker: Worker

  constructor(worker: Worker) {
    super()
    this.#worker = worker
    worker.on('message', (parts: readonly Uint8Array[]) => {
      for (const part of parts) this.push(Buffer.from(part.buffer))
    })
    worker.on('error', (error) => this.destroy(error))
    worker.on('exit', () => this.destroy())
  }

  connect(): this {
    queueMicrotask(() => this.emit('connect'))
    return this
  }

  // A socket has these; a pipe needs none.
  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send([bytes])
    done()
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk))
    done()
  }

  /** Copies once and hands the copy over: the driver writes into its buffers again. */
  #send(parts: readonly Buffer[]): void {
    const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
    let end = 0
    for (const part of parts) {
      bytes.set(part, end)
      end += part.length
    }
    this.sentBytes += end
    this.#worker.postMessage(bytes, [bytes.buffer])
  }

  override _final(done: () => void): void {
    this.#worker.postMessage(null)
    done()
  }
}
