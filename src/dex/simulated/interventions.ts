// Owns the SQL of what an operator does to the simulated market, from any process. It takes effect in a slot that the
// database decides: the row of the chain, which every block updates, orders interventions and blocks.

import type { Move } from '../../domain/ports/simulation.ts'
import type { Sql } from '../../domain/ports/sql.ts'
import { fromJson, toJson } from './json.ts'
import { type DecidedLaunch, DRAIN_SLOTS, type PlannedLaunch, poolOfLaunch } from './launches.ts'
import { lastSlotOf, type PlannedMove } from './moves.ts'

export const INTERVENTIONS_SCHEMA = `
  alter table simulation.chain add column if not exists interventions integer not null default 0;
  create table if not exists simulation.moves (number bigserial primary key, slot bigint not null, last_slot bigint not null,
    move json not null);
  create table if not exists simulation.launches (number bigserial primary key, slot bigint not null,
    symbol text not null unique, mint text not null unique, pool text not null, launch json not null);
  create table if not exists simulation.forks (number bigserial primary key, slot bigint not null);`

/**
 * Slots between the last durable block and an intervention. The producer may have computed one more block already; with the
 * write of that one it learns of the intervention.
 */
const NOTICE_SLOTS = 2

/** Locks the row of the chain, so that a block is either before the intervention or reports it. */
const COUNT_ONE_MORE = `update simulation.chain set interventions = interventions + 1 where id = 1 returning slot`
const SELECT_LAUNCHES = `select slot::float8 as slot, launch::text as launch from simulation.launches`
const HAS_COME_ABOUT = `slot <= (select chain.slot from simulation.chain where id = 1)`

/** The interventions that may still act, each kind in the order planned. */
export type Planned = {
  readonly moves: readonly PlannedMove[]
  readonly launches: readonly PlannedLaunch[]
  /** The slots that begin with a fork. */
  readonly forks: readonly number[]
}

export function interventionsIn(sql: Sql) {
  return {
    /** Resolves, once the move is durable, with the first slot in which it acts. */
    async planMove(move: Move): Promise<number> {
      const rows = await sql.query<{ slot: number }>(
        `with chain as (${COUNT_ONE_MORE})
         insert into simulation.moves (slot, last_slot, move)
         select slot + ${NOTICE_SLOTS}, slot + $1, $2 from chain
         returning slot::float8 as slot`,
        [lastSlotOf({ ...move, slot: NOTICE_SLOTS }), JSON.stringify(move)],
      )
      return slotOf(rows)
    },

    /** Resolves, once the launch is durable, with the first slot of the pool; null when its symbol or mint is taken. */
    async planLaunch(launch: DecidedLaunch, inSlots: number): Promise<number | null> {
      const { symbol, mint } = launch.token
      const rows = await sql.query<{ slot: number }>(
        `with chain as (${COUNT_ONE_MORE})
         insert into simulation.launches (slot, symbol, mint, pool, launch)
         select slot + ${NOTICE_SLOTS} + $1, $2, $3, $4, $5 from chain
         on conflict do nothing
         returning slot::float8 as slot`,
        [inSlots, symbol, mint, poolOfLaunch({ ...launch, slot: 0 }).address, toJson(launch)],
      )
      return rows[0]?.slot ?? null
    },

    /** Resolves, once the fork is durable, with the slot that begins with it. */
    async planFork(): Promise<number> {
      const rows = await sql.query<{ slot: number }>(
        `with chain as (${COUNT_ONE_MORE})
         insert into simulation.forks (slot) select slot + ${NOTICE_SLOTS} from chain returning slot::float8 as slot`,
      )
      return slotOf(rows)
    },

    /** The interventions whose last slot is `slot` or later. */
    async readPlanned(slot: number): Promise<Planned> {
      const [moves, launches, forks] = await Promise.all([
        sql.query<{ slot: number; move: string }>(
          `select slot::float8 as slot, move::text as move from simulation.moves where last_slot >= $1 order by number`,
          [slot],
        ),
        sql.query<LaunchRow>(`${SELECT_LAUNCHES} where slot + ${DRAIN_SLOTS} >= $1 order by number`, [slot]),
        sql.query<{ slot: number }>(
          'select slot::float8 as slot from simulation.forks where slot >= $1 order by number',
          [slot],
        ),
      ])
      return {
        moves: moves.map((row) => ({ ...(JSON.parse(row.move) as Move), slot: row.slot })),
        launches: launches.map(readLaunch),
        forks: forks.map((row) => row.slot),
      }
    },
  }
}

/** The reads of launches as such, whether they may still act or not. */
export function launchesIn(sql: Sql) {
  return {
    /** The launches in slots behind `slot` that have come about, in the order of their slots. */
    async launchedAfter(slot: number): Promise<readonly PlannedLaunch[]> {
      const rows = await sql.query<LaunchRow>(
        `${SELECT_LAUNCHES} where slot > $1 and ${HAS_COME_ABOUT} order by slot, number`,
        [slot],
      )
      return rows.map(readLaunch)
    },

    /** At most `limit` launches, those that are yet to come among them, the last one planned first. */
    async newestLaunches(limit: number): Promise<readonly PlannedLaunch[]> {
      const rows = await sql.query<LaunchRow>(`${SELECT_LAUNCHES} order by number desc limit $1`, [limit])
      return rows.map(readLaunch)
    },

    /** The mints of the newest `most` launches of the address that have come about, the oldest first. */
    async launchedBy(creator: string, most: number): Promise<readonly string[]> {
      const rows = await sql.query<{ mint: string }>(
        `select mint from simulation.launches where launch ->> 'creator' = $1 and ${HAS_COME_ABOUT}
         order by slot desc, number desc limit $2`,
        [creator, most],
      )
      return rows.map(({ mint }) => mint).reverse()
    },

    /** The launch of the token once it has come about. */
    async launchOf(mint: string): Promise<PlannedLaunch | null> {
      const rows = await sql.query<LaunchRow>(`${SELECT_LAUNCHES} where mint = $1 and ${HAS_COME_ABOUT}`, [
        mint,
      ])
      return rows.map(readLaunch)[0] ?? null
    },
  }
}

function slotOf([planned]: readonly { readonly slot: number }[]): number {
  if (planned === undefined) throw new Error('the simulated chain has no genesis')
  return planned.slot
}

type LaunchRow = { readonly slot: number; readonly launch: string }

const readLaunch = ({ slot, launch }: LaunchRow): PlannedLaunch => ({
  ...(fromJson(launch) as DecidedLaunch),
  slot,
})
