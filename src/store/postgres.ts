// Owns the connection to a Postgres server: one pool for all queries.

import pg from 'pg'
import { type Sql, type SqlRow, StoreUnavailable } from '../domain/ports/sql.ts'
import { checkPooler, checkServer } from './requirements.ts'
import { createSession } from './session.ts'

export type PostgresOptions = {
  readonly connectionString: string
  readonly maxConnections: number
  /** Receives connections lost outside a query. */
  readonly onConnectionError: (error: Error) => void
}

/** Longer than the server takes to cancel a statement: session.ts. */
const QUERY_TIMEOUT_MS = 5_000
const CONNECT_TIMEOUT_MS = 2_000

/** SQLSTATE classes of a server in trouble; anything else is a defect of the statement. */
const TROUBLE_CLASSES = ['08', '25', '28', '40', '53', '55', '57', '58']

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
    // Not an async function: one would hold its parameters until the answer.
    query<Row extends SqlRow>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
      return run({ name: nameOf(text), text, values: params.map(letGo) }).then(
        ({ rows }) => rows as Row[],
        (error) => {
          throw inTrouble(error) ? new StoreUnavailable(String(error), { cause: error }) : error
        },
      )
    },
    async script(text) {
      await run({ text })
    },
  }
}

/**
 * A parameter that can be read once. The driver keeps parameters until the answer; a batch's megabytes would be promoted to
 * V8's old generation.
 */
function letGo(value: unknown): { toPostgres(): unknown } {
  let held: { readonly value: unknown } | null = { value }
  return {
    toPostgres() {
      if (held === null) throw new Error('a parameter was asked for twice')
      const given = held.value
      held = null
      return given
    },
  }
}

/** A server, and the check whether the engine can work on it. */
export type PostgresServer = Sql & {
  /** Rejects with what the server, or the connection to it, lacks (requirements.ts), before anything is created there. */
  check(): Promise<void>
}

export function openPostgres(options: PostgresOptions): PostgresServer {
  const session = createSession()
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'order-execution-engine',
    max: options.maxConnections,
    onConnect: session.prepare,
  })
  pool.on('error', options.onConnectionError)
  const statements = statementsOver((query) => pool.query(query))
  return {
    ...statements,
    check: () => checkPool(pool),
    async close() {
      if (!pool.ending) await pool.end()
    },
  }
}

async function checkPool(pool: pg.Pool): Promise<void> {
  const first = await pool.connect()
  try {
    await checkServer(first)
    const second = await pool.connect().catch((error: Error) => {
      // An error with a code has a better cause than the timeout.
      throw 'code' in error ? error : tooFew(error)
    })
    try {
      await checkPooler(first, second)
    } finally {
      // Discarded: its state is unknown.
      second.release(true)
    }
  } finally {
    first.release(true)
  }
}

const tooFew = (cause: Error) =>
  Object.assign(
    new Error(
      'PG_CONN answers one connection and not the next: a process needs up to 10 (pool_size of a pooler in front of Postgres).',
      { cause },
    ),
    { code: 'DATABASE_CONNECTIONS' },
  )

/** Whether the fault lies with the connection or the server, so that the same statement may work later. */
function inTrouble(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true
  return TROUBLE_CLASSES.includes((error.code ?? '').slice(0, 2))
}
