// Owns the table of the engine's processes: each reports there, and learns of the others with the same statement.

import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { Processes, ProcessIdentity, ProcessReport, RunningProcess } from '../domain/ports/processes.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'
import type { AllBound } from './bound.ts'

/** Its table, part of the schema (migrations.ts). Unlogged: after a crash of the database all report anew. */
export const PROCESSES = `
  create unlogged table processes (
    id text primary key,
    role text not null,
    version text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    report json not null
  );
`

type Row = ProcessIdentity & { readonly seenAt: Millis; readonly report: string }

/** By the database's clock alone: those of the processes may differ. Returns the others that reported within `withinMs`. */
async function reportProcess(
  sql: Sql,
  { id, role, version, startedAt }: ProcessIdentity,
  report: ProcessReport,
  withinMs: Millis,
): Promise<RunningProcess[]> {
  const rows = await sql.query<Row>(
    `with reported as (
       insert into processes (id, role, version, started_at, seen_at, report)
       values ($1, $2, $3, to_timestamp($4::float8 / 1000), clock_timestamp(), $5::json)
       on conflict (id) do update set seen_at = excluded.seen_at, report = excluded.report
     ), forgotten as (
       -- Rows of the dead. Never waits for another's report, which may wait for this one: the two would deadlock.
       delete from processes where id in (
         select id from processes
         where id <> $1 and seen_at < statement_timestamp() - interval '1 minute' for update skip locked)
     )
     select id, role, version, (extract(epoch from started_at) * 1000)::float8 as "startedAt",
       (extract(epoch from seen_at) * 1000)::float8 as "seenAt", report::text as report
     from processes where id <> $1 and seen_at >= statement_timestamp() - $6 * interval '1 ms' order by started_at, id`,
    [id, role, version, startedAt, JSON.stringify(report), withinMs],
  )
  return rows.map(({ report, ...row }) => ({ ...row, ...(JSON.parse(report) as ProcessReport) }))
}

async function deleteProcess(sql: Sql, id: string): Promise<void> {
  await sql.query('delete from processes where id = $1', [id])
}

export const processStatements = { reportProcess, deleteProcess }

const REPORT_MS = 2_000
/** A process that has missed three reports is gone. */
const WITHIN_MS = 3 * REPORT_MS + 1_000
const KILL_CHANNEL = 'kill_process'

export type ProcessesOptions = {
  /** This process, and what it would report now. */
  readonly self: ProcessIdentity
  report(): ProcessReport
  /** Ends this process at once. */
  end(): void
  readonly onFault: (error: unknown) => void
}

/** `statements`: null where this is the only process. Closing takes this process off the table. */
export function openProcesses(
  statements: AllBound<typeof processStatements> | null,
  broadcast: Broadcast,
  clock: Clock,
  { self, report, end, onFault }: ProcessesOptions,
): Processes & { close(): Promise<void> } {
  let others: readonly RunningProcess[] = []

  async function reportNow(): Promise<void> {
    if (statements !== null) others = await statements.reportProcess(self, report(), WITHIN_MS)
  }

  const stopListening = broadcast.listen(
    KILL_CHANNEL,
    (id) => id === self.id && end(),
    () => {},
  )
  if (statements !== null) void reportNow().catch(onFault)
  const stopReporting = statements === null ? async () => {} : repeat(clock, REPORT_MS, reportNow, onFault)

  return {
    list: () => [{ ...self, ...report(), seenAt: clock.now() }, ...others],
    kill(id) {
      if (id === self.id) end()
      else if (others.some((other) => other.id === id)) broadcast.tell(KILL_CHANNEL, id)
      else return false
      return true
    },
    async close() {
      stopListening()
      await stopReporting()
      await statements?.deleteProcess(self.id).catch(onFault)
    },
  }
}
