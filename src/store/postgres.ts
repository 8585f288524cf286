// Owns the connection to a Postgres server: a pool for queries, one connection for notifications, one per lock.

import pg from 'pg'
import { type Sql, type SqlRow, type Stop, StoreUnavailable } from '../domain/ports.ts'

export type PostgresOptions = {
  readonly connectionString: string
  readonly maxConnections: number
  /** Told of connections lost outside a query. */
  readonly onConnectionError: (error: Error) => void
}

/** The server cancels a statement before the client gives up on it: a shorter window of "was it done?". */
const STATEMENT_TIMEOUT_MS = 4_000
const QUERY_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 2_000
const RECONNECT_MS = 500

/** A server in trouble says these; anything else is a defect of the statement. */
const TROUBLE_CLASSES = ['08', '53', '57', '58', '25', '40']

/** Our statements look alike each time: planning them anew would cost more than it could gain. */
export const PLANNING = '-c plan_cache_mode=force_generic_plan'

type Query = { readonly name?: string; readonly text: string; readonly values?: unknown[] }

/** Queries and scripts over anything that runs them, as the driver's pool and client do. */
export function statementsOver(
  run: (query: Query) => Promise<{ rows: unknown[] }>,
): Pick<Sql, 'query' | 'script'> {
  const names = new Map<string, string>()

  /** Statement texts are constants, so each is prepared once per connection under a name of its own. */
  function nameOf(text: string): string {
    const name = names.get(text) ?? `q${names.size}`
    names.set(text, name)
    return name
  }

  return {
    async query<Row extends SqlRow>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
      try {
        const { rows } = await run({ name: nameOf(text), text, values: [...params] })
        return rows as Row[]
      } catch (error) {
        throw inTrouble(error) ? new StoreUnavailable(String(error), { cause: error }) : error
      }
    },
    async script(text) {
      await run({ text })
    },
  }
}

export function openPostgres(options: PostgresOptions): Sql {
  const settings: pg.ClientConfig = {
    connectionString: options.connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'order-execution-engine',
    options: PLANNING,
  }
  const pool = new pg.Pool({ ...settings, max: options.maxConnections })
  pool.on('error', options.onConnectionError)
  const statements = statementsOver((query) => pool.query(query))
  let closed = false
  const dedicated = new Set<pg.Client>()

  async function connect(onLost: () => void): Promise<pg.Client> {
    // No query timeout here: a LISTEN connection is idle by nature.
    const client = new pg.Client({ ...settings, statement_timeout: 0, query_timeout: 0 })
    client.on('error', options.onConnectionError)
    client.on('end', () => {
      dedicated.delete(client)
      if (!closed) onLost()
    })
    await client.connect()
    dedicated.add(client)
    return client
  }

  return {
    ...statements,

    async notify(channel, payload) {
      // A notification takes a commit of its own; a hint need not wait for the disk, nor hold up those behind it.
      await statements.query(`select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`, [
        channel,
        payload,
      ])
    },

    async listen(channel, onPayload, onReconnect) {
      let stopped = false
      const open = async () => {
        const client = await connect(() => void reopen())
        client.on('notification', ({ payload }) => onPayload(payload ?? ''))
        await client.query(`listen ${pg.escapeIdentifier(channel)}`)
        return client
      }
      const reopen = async (): Promise<void> => {
        while (!stopped && !closed) {
          try {
            client = await open()
            onReconnect()
            return
          } catch {
            // The server is still away; whoever listens re-reads once it is back.
            await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
          }
        }
      }
      let client = await open()
      return () => {
        stopped = true
        void client.end().catch(options.onConnectionError)
      }
    },

    async tryLock(key, onLost) {
      let released = false
      const client = await connect(() => {
        if (!released) onLost()
      })
      const release: Stop = () => {
        released = true
        void client.end().catch(options.onConnectionError)
      }
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [key])
      if (rows[0]?.held === true) return release
      release()
      return null
    },

    async close() {
      closed = true
      await Promise.allSettled([pool.end(), ...[...dedicated].map((client) => client.end())])
    },
  }
}

/** Whether the fault lies with the connection or the server, so that the same statement may work later. */
function inTrouble(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true
  return TROUBLE_CLASSES.includes((error.code ?? '').slice(0, 2))
}
