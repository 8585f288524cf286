// Owns the connection to a Postgres server: one pool for all queries.

import pg from 'pg'
import { type Sql, type SqlRow, StoreUnavailable } from '../domain/ports.ts'

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

/** A server in trouble says these; anything else is a defect of the statement. */
const TROUBLE_CLASSES = ['08', '25', '28', '40', '53', '55', '57', '58']

/** What a replica says to every write. */
const READ_ONLY = '25006'

/**
 * Our statements look alike each time: planning them anew would cost more than it could gain. All of them find rows by
 * key, so a plan made while a table is small must not be one that reads it through: keys are looked up one by one.
 */
export const PLANNING: Readonly<Record<string, string>> = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  // What is forbidden counts as endlessly dear, and dear plans would be compiled first: 200 ms a statement.
  jit: 'off',
  // Nor helped along: on a table without statistics yet, two processes more would be started to read five rows.
  max_parallel_workers_per_gather: '0',
}

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
 * The value for a driver that asks for it once, when it writes the statement, and holds what it was given until the answer.
 * The text of a batch is megabytes, and what is held across a collection of young objects waits for a full one to go.
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

export function openPostgres(options: PostgresOptions): Sql {
  const settings: pg.ClientConfig = {
    connectionString: options.connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'order-execution-engine',
    options: Object.entries(PLANNING)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  }
  const pool = new pg.Pool({ ...settings, max: options.maxConnections })
  pool.on('error', options.onConnectionError)
  const statements = statementsOver((query) => pool.query(query))
  return {
    ...statements,
    async close() {
      if (!pool.ending) await pool.end()
    },
  }
}

/** Whether the fault lies with the connection or the server, so that the same statement may work later. */
function inTrouble(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true
  const code = error.code ?? ''
  return code === READ_ONLY || TROUBLE_CLASSES.includes(code.slice(0, 2))
}
