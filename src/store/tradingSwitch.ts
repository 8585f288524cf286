// Owns the switch that halts trading: durable, the same for every process, in memory where it is looked at.

import type { Millis } from '../domain/order.ts'
import type { Broadcast, Clock, Sql, Stop, TradingState, TradingSwitch } from '../domain/ports.ts'
import { repeat } from './repeat.ts'

export type TradingSwitchOptions = {
  /** Told of every change that this process learns of, those before its start summed up in one. */
  readonly onChange: (state: TradingState) => void
  /** Told when the switch could not be read. */
  readonly onFault: (error: unknown) => void
}

const CHANNEL = 'trading'
/** A hint that is lost costs so much time, half of what a halt may take. */
const REREAD_MS = 400
/** What was read so long ago is not known any more. */
const STALE_MS = 1_000

/** Its table, part of the schema (migrations.ts). One row at most: none means that nobody has ever halted trading. */
export const TRADING_STATE = `
  create table trading_state (
    only_row boolean primary key default true check (only_row),
    state text not null,
    -- Counts the changes: of two answers that overtake each other the higher one is the later.
    version integer not null default 1,
    changed_at timestamptz not null,
    changed_by text not null
  );
`

type Row = {
  readonly state: TradingState['state']
  readonly version: number
  readonly changed_at: Date
  readonly changed_by: string
}

/** Resolves when the switch has been read for the first time. */
export async function openTradingSwitch(
  sql: Sql,
  broadcast: Broadcast,
  clock: Clock,
  { onChange, onFault }: TradingSwitchOptions,
): Promise<TradingSwitch & { close(): void }> {
  const listeners = new Set<() => void>()
  let known: TradingState = { state: 'active', changedAt: null, changedBy: null }
  let version = 0
  let knownAt: Millis = Number.NEGATIVE_INFINITY

  const mayTrade = () => known.state === 'active' && clock.now() - knownAt <= STALE_MS

  async function read(): Promise<void> {
    // Asked, not answered: what the answer says may be as old as the question.
    const askedAt = clock.now()
    const [row] = await sql.query<Row>('select state, version, changed_at, changed_by from trading_state')
    learn(row, askedAt)
  }

  function learn(row: Row | undefined, at: Millis): void {
    const couldTrade = mayTrade()
    knownAt = Math.max(knownAt, at)
    if (row !== undefined && row.version > version) {
      version = row.version
      known = { state: row.state, changedAt: row.changed_at.getTime(), changedBy: row.changed_by }
      onChange(known)
    }
    if (!couldTrade && mayTrade()) for (const listener of listeners) listener()
  }

  const reread = () => void read().catch(onFault)
  const stopListening = broadcast.listen(CHANNEL, reread, reread)
  await read()
  const stopRepeating = repeat(clock, REREAD_MS, read, onFault)

  return {
    state: () => known,
    mayTrade,
    async set(state, by) {
      const askedAt = clock.now()
      const [row] = await sql.query<Row>(
        `insert into trading_state (state, changed_at, changed_by) values ($1, $2, $3)
         on conflict (only_row) do update
         set state = excluded.state, version = trading_state.version + 1,
             changed_at = excluded.changed_at, changed_by = excluded.changed_by
         returning state, version, changed_at, changed_by`,
        [state, new Date(askedAt).toISOString(), by],
      )
      learn(row, askedAt)
      broadcast.tell(CHANNEL, state)
      return known
    },
    onResume(listener): Stop {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      stopRepeating()
      stopListening()
    },
  }
}
