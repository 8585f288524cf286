// Owns what the doctor says of Postgres, where the orders live.

import type { PostgresFacts } from '../../domain/ports/survey.ts'
import { explainStartFault, named } from '../startup.ts'
import { type Check, checksOf, cut } from './check.ts'
import { clockCheck } from './clocks.ts'

const group = checksOf('postgres')
const { pass, warn, fail } = group
/** Of one process. */
const CONNECTIONS = 10

export async function postgresChecks(facts: PostgresFacts): Promise<readonly Check[]> {
  return [
    pass('reachable', 'it answers'),
    pass('version', facts.version),
    await fitness(facts),
    ...durability(facts),
    connections(facts),
    schema(facts),
    clockCheck(facts.clock, 'Postgres', group),
  ]
}

/** Version, rights, role of the server, and poolers: what every start looks for. */
async function fitness({ fault }: PostgresFacts): Promise<Check> {
  if (fault === null)
    return pass('fitness', 'primary, with the rights and the sessions that the engine needs')
  const [found, next] = await explained(fault)
  return fail(
    /POOLER|SETTING/.test(String((fault as { code?: string }).code)) ? 'pooler' : 'fitness',
    found,
    next,
  )
}

export async function postgresFault(error: Error): Promise<Check> {
  return fail('reachable', ...(await explained(error)))
}

/** As a start explains it. */
async function explained(error: Error): Promise<readonly [found: string, next: string]> {
  const sentence = await named('PG_CONN', () => Promise.reject(error)).catch(explainStartFault)
  // What no sentence is known for comes with its stack.
  return cut(String(sentence).split('\n')[0] ?? '', 'docs/operations.md#postgres says what the engine needs')
}

function durability({ settings }: PostgresFacts): Check[] {
  const { fsync, synchronous_commit, full_page_writes } = settings
  return [
    fsync === 'on'
      ? pass('fsync', 'on')
      : fail(
          'fsync',
          'fsync is off: a loss of power may lose acknowledged orders, or the database',
          'alter system set fsync = on; select pg_reload_conf()',
        ),
    full_page_writes === 'on'
      ? pass('full_page_writes', 'on')
      : fail(
          'full_page_writes',
          'full_page_writes is off: a loss of power may damage the database',
          'alter system set full_page_writes = on; select pg_reload_conf()',
        ),
    synchronous_commit !== 'off'
      ? pass('synchronous_commit', synchronous_commit)
      : warn(
          'synchronous_commit',
          'synchronous_commit is off by default; the engine turns it on in its own sessions, other programs lose their last writes with the power',
          'alter system set synchronous_commit = on; select pg_reload_conf()',
        ),
  ]
}

function connections({ freeConnections: free }: PostgresFacts): Check {
  const found = `${free} more are allowed`
  if (free >= CONNECTIONS) return pass('connections', found)
  return warn(
    'connections',
    `${found}, and each process needs up to ${CONNECTIONS}`,
    'raise max_connections, or the connection limit of the role or the database',
  )
}

function schema({ schema, engineSchema, schemaFault }: PostgresFacts): Check {
  if (schemaFault !== null) return fail('schema', ...cut(schemaFault, 'start the engine that wrote it'))
  if (schema === null) return pass('schema', 'none yet; the first start makes it')
  if (schema < engineSchema) return pass('schema', `${schema}; the next start brings it to ${engineSchema}`)
  return pass('schema', `${schema}, as this engine has it`)
}
