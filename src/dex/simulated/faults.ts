// Owns the faults of the simulated world: those of the settings, until an operator changes them, from then on those in the
// database, for all processes and over restarts.

import type { Broadcast } from '../../domain/ports/broadcast.ts'
import type { FaultChanges, Faults, VenueFault } from '../../domain/ports/simulation.ts'
import type { Sql } from '../../domain/ports/sql.ts'
import type { VenueName } from '../../domain/route.ts'
import type { Clock } from '../../timing/clock.ts'
import { repeat } from '../../timing/repeat.ts'

/** One row at most: without it the faults of the settings hold. */
export const FAULTS_SCHEMA = `
  create table if not exists simulation.faults (
    id integer primary key check (id = 1),
    -- Counts the changes: of two answers that overtake each other the higher is the later.
    version integer not null,
    -- Null: those of the settings.
    faults jsonb);`

/** As they are stored: flat, so that two operators who change different faults at once both succeed. */
type StoredFaults = Readonly<Record<VenueName, VenueFault | null>> & Omit<Faults, 'venues'>
type FaultsRow = { readonly version: number; readonly faults: string | null }

const FAULT_COLUMNS = 'version, faults::text as faults'

export function faultsIn(sql: Sql) {
  return {
    /** Null where they have never been changed. */
    async readFaults(): Promise<FaultsRow | null> {
      const [row] = await sql.query<FaultsRow>(`select ${FAULT_COLUMNS} from simulation.faults`)
      return row ?? null
    },

    /** `settings`: what the first change is made to. */
    changeFaults: (settings: Faults, changes: FaultChanges): Promise<FaultsRow> =>
      writeFaults(
        sql,
        `insert into simulation.faults (id, version, faults) values (1, 1, $1::jsonb || $2::jsonb)
         on conflict (id) do update
         set version = faults.version + 1, faults = coalesce(faults.faults, $1::jsonb) || $2::jsonb`,
        [toStored(settings), toStored(changes)],
      ),

    forgetFaults: (): Promise<FaultsRow> =>
      writeFaults(
        sql,
        `insert into simulation.faults (id, version, faults) values (1, 1, null)
         on conflict (id) do update set version = faults.version + 1, faults = null`,
        [],
      ),
  }
}

async function writeFaults(sql: Sql, upsert: string, values: readonly string[]): Promise<FaultsRow> {
  const [row] = await sql.query<FaultsRow>(`${upsert} returning ${FAULT_COLUMNS}`, values)
  if (row === undefined) throw new Error('an upsert answers with its row')
  return row
}

const toStored = ({ venues, ...rates }: FaultChanges): string => JSON.stringify({ ...venues, ...rates })

function fromStored(text: string): Faults {
  const { raydium, meteora, dropRate, sendErrorRate } = JSON.parse(text) as StoredFaults
  return { venues: { raydium, meteora }, dropRate, sendErrorRate }
}

const FAULTS_CHANNEL = 'simulation_faults'
const REREAD_MS = 1_000

export type FaultsDeps = {
  readonly ledger: ReturnType<typeof faultsIn>
  readonly broadcast: Broadcast
  readonly clock: Clock
  readonly onFault: (error: unknown) => void
}

/** Rejects when the faults cannot be read. */
export async function openFaults(settings: Faults, { ledger, broadcast, clock, onFault }: FaultsDeps) {
  let known = settings
  let version = 0

  function learn(row: FaultsRow | null): void {
    if (row === null || row.version <= version) return
    version = row.version
    known = row.faults === null ? settings : fromStored(row.faults)
  }

  async function write(writing: Promise<FaultsRow>): Promise<Faults> {
    learn(await writing)
    broadcast.tell(FAULTS_CHANNEL, '')
    return known
  }

  const read = async () => learn(await ledger.readFaults())
  const readNow = () => void read().catch(onFault)
  await read()
  const stopReading = repeat(clock, REREAD_MS, read, onFault)
  const stopListening = broadcast.listen(FAULTS_CHANNEL, readNow, readNow)

  return {
    now: (): Faults => known,
    change: (changes: FaultChanges): Promise<Faults> => write(ledger.changeFaults(settings, changes)),
    reset: (): Promise<Faults> => write(ledger.forgetFaults()),
    async close(): Promise<void> {
      stopListening()
      await stopReading()
    },
  }
}
