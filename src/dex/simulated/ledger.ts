// Owns the SQL of the simulated chain: its height, pools and wallet, the mempool of other processes, and the ledger of what
// landed. The ledger, not the engine's tables, is the judge of "exactly once".

import type { SignedSwap } from '../../domain/order.ts'
import type { LedgerEntry } from '../../domain/ports/simulation.ts'
import type { Sql } from '../../domain/ports/sql.ts'
import { entriesIn, readLandedSince } from './entries.ts'
import { FAULTS_SCHEMA, faultsIn } from './faults.ts'
import { INTERVENTIONS_SCHEMA, interventionsIn, launchesIn, type Planned } from './interventions.ts'
import { fromJson, toJson } from './json.ts'
import { genesis } from './listings.ts'
import { type MarketState, type SimulatedPool, START_PRICES, simulatedTokens } from './market.ts'

export type ChainState = {
  readonly slot: number
  /** Fencing token, one more with each takeover: a producer deposed while it slept can no longer write. */
  readonly epoch: number
  readonly market: MarketState
  /** How many interventions there were, those of `planned` among them. */
  readonly interventions: number
  readonly planned: Planned
  readonly wallet: ReadonlyMap<string, bigint>
  /** Signatures that landed and whose blockhash may still be valid: those bytes may be sent again. */
  readonly landed: ReadonlySet<string>
}

export type Block = {
  readonly slot: number
  readonly epoch: number
  readonly prices: MarketState['prices']
  readonly anchors: MarketState['anchors']
  readonly wallet: ReadonlyMap<string, bigint>
  readonly changedPools: readonly SimulatedPool[]
  readonly entries: readonly LedgerEntry[]
  /** The block begins with a fork: everything behind this slot is undone. Null without one. */
  readonly undoneAfter: number | null
}

const SCHEMA_LOCK = 7_203_002
/** How long a producer keeps its lease without renewing: three renewals. */
const LEASE = `now() + interval '3 s'`

const SCHEMA = `
  select pg_advisory_xact_lock(${SCHEMA_LOCK});
  -- Not "create schema if not exists": that needs the right to create even where the schema exists.
  do $$ begin if to_regnamespace('simulation') is null then create schema simulation; end if; end $$;
  create table if not exists simulation.chain (
    id integer primary key check (id = 1), slot bigint not null, epoch integer not null,
    prices json not null, wallet json not null);
  -- End of the producer's lease, by the clock of the database.
  alter table simulation.chain add column if not exists leased_until timestamptz;
  alter table simulation.chain add column if not exists anchors json;
  create table if not exists simulation.pools (address text primary key, pool json not null);
  create table if not exists simulation.ledger (
    number bigserial primary key, signature text not null unique, order_id text not null, slot bigint not null,
    entry json not null);
  create index if not exists ledger_order on simulation.ledger (order_id);
  create unlogged table if not exists simulation.mempool (signature text primary key, wire text not null);
  ${INTERVENTIONS_SCHEMA}
  ${FAULTS_SCHEMA}`

/** Deep enough that no realistic order empties the wallet. */
const WALLET_TOKENS = 1_000_000_000n
const BONK_FACTOR = 10_000n

/** Joins JSON texts: a control character, always escaped inside them. An array parameter would escape every text again. */
const SEPARATOR = '\x1e'

export type Ledger = Awaited<ReturnType<typeof createLedger>>

/** Creates the tables and the first state of the chain where there are none. */
export async function createLedger(sql: Sql) {
  await sql.script(SCHEMA)
  const { pools, prices } = genesis()
  await sql.query(
    `insert into simulation.chain (id, slot, epoch, prices, wallet) values (1, 1, 0, $1, $2) on conflict do nothing`,
    [toJson(prices), toJson(startWallet())],
  )
  const listed = [...pools.keys()]
  await sql.query(
    `insert into simulation.pools (address, pool)
     select * from unnest($1::text[], $2::text[]::json[]) on conflict do nothing`,
    [listed, [...pools.values()].map(toJson)],
  )
  const readPools = createPoolReader(sql, listed)
  return {
    ...leaseOn(sql, readPools),
    ...entriesIn(sql),
    ...mempoolIn(sql),
    ...interventionsIn(sql),
    ...launchesIn(sql),
    ...faultsIn(sql),
    write: (block: Block) => writeBlock(sql, block),
    readSlot: () => readSlot(sql),
    readWallet: () => readWallet(sql),
    readPools,
  }
}

type ChainRow = {
  readonly slot: number
  readonly epoch: number
  readonly interventions: number
  readonly prices: string
  /** Null before the first block. */
  readonly anchors: string | null
  readonly wallet: string
}

/** The lease on block production. */
function leaseOn(sql: Sql, readPools: () => Promise<ReadonlyMap<string, SimulatedPool>>) {
  return {
    /**
     * Makes the caller the only producer and returns the state of the chain. Null while another process holds the lease,
     * unless the caller is `isSoleProcess`: then that process is dead.
     */
    async takeOver(validBlocks: number, isSoleProcess: boolean): Promise<ChainState | null> {
      const rows = await sql.query<ChainRow>(
        `update simulation.chain set epoch = epoch + 1, leased_until = ${LEASE}
         where id = 1 and ($1 or leased_until is null or leased_until <= now())
         returning slot::float8 as slot, epoch, interventions, prices::text as prices, anchors::text as anchors,
           wallet::text as wallet`,
        [isSoleProcess],
      )
      const [chain] = rows
      if (chain === undefined) return null
      return {
        slot: chain.slot,
        epoch: chain.epoch,
        interventions: chain.interventions,
        planned: await interventionsIn(sql).readPlanned(chain.slot),
        market: {
          pools: await readPools(),
          prices: fromJson(chain.prices),
          anchors: chain.anchors === null ? START_PRICES : fromJson(chain.anchors),
        },
        wallet: walletIn(chain.wallet),
        landed: await readLandedSince(sql, chain.slot - validBlocks),
      }
    },

    /** Extends the lease; false when another process has taken over. */
    async renewLease(epoch: number): Promise<boolean> {
      const rows = await sql.query(
        `update simulation.chain set leased_until = ${LEASE} where id = 1 and epoch = $1 returning id`,
        [epoch],
      )
      return rows.length === 1
    },

    /** Ends the lease early, so that another process can take over at once. */
    async endLease(epoch: number): Promise<void> {
      await sql.query('update simulation.chain set leased_until = null where id = 1 and epoch = $1', [epoch])
    },
  }
}

/** Writes a block whole or not at all, and returns how many interventions there are; null when another producer has taken over. */
async function writeBlock(sql: Sql, block: Block): Promise<number | null> {
  const { entries, changedPools, undoneAfter } = block
  const fork =
    undoneAfter === null
      ? ''
      : `, undone as (delete from simulation.ledger where slot > $11 and exists (select from chain))`
  const rows = await sql.query<{ interventions: number }>(
    `with chain as (
      update simulation.chain set slot = $1, prices = $3, wallet = $4, anchors = $10 where id = 1 and epoch = $2
      returning interventions
    ), pools as (
      insert into simulation.pools (address, pool)
      select address, pool::json
      from rows from (string_to_table($5, ' '), string_to_table($6, E'\\x1e')) as p (address, pool)
      where exists (select from chain)
      on conflict (address) do update set pool = excluded.pool
    ), ledger as (
      insert into simulation.ledger (signature, order_id, slot, entry)
      select signature, order_id, $1, entry::json
      from rows from (string_to_table($7, ' '), string_to_table($8, ' '), string_to_table($9, E'\\x1e'))
        as e (signature, order_id, entry)
      where exists (select from chain)
    )${fork}
    select interventions from chain`,
    [
      block.slot,
      block.epoch,
      toJson(block.prices),
      toJson(Object.fromEntries(block.wallet)),
      changedPools.map(({ address }) => address).join(' '),
      changedPools.map(toJson).join(SEPARATOR),
      entries.map(({ signature }) => signature).join(' '),
      entries.map(({ orderId }) => orderId).join(' '),
      entries.map((entry) => JSON.stringify(entry)).join(SEPARATOR),
      toJson(block.anchors),
      ...(undoneAfter === null ? [] : [undoneAfter]),
    ],
  )
  return rows[0]?.interventions ?? null
}

/** Signed bytes on their way from the processes that do not produce to the one that does. */
function mempoolIn(sql: Sql) {
  return {
    async putIntoMempool(sent: readonly Pick<SignedSwap, 'signature' | 'wire'>[]): Promise<void> {
      await sql.query(
        `insert into simulation.mempool select * from unnest($1::text[], $2::text[]) on conflict do nothing`,
        [
          sent.map(({ signature }) => signature),
          sent.map(({ wire }) => Buffer.from(wire).toString('base64')),
        ],
      )
    },

    /**
     * Takes what other processes sent; nothing when another producer has taken over. Bytes taken and lost in a crash are
     * a dropped transaction.
     */
    async takeFromMempool(epoch: number): Promise<Uint8Array[]> {
      const rows = await sql.query<{ wire: string }>(
        `delete from simulation.mempool where exists (select from simulation.chain where id = 1 and epoch = $1)
         returning wire`,
        [epoch],
      )
      return rows.map(({ wire }) => Buffer.from(wire, 'base64'))
    },
  }
}

async function readSlot(sql: Sql): Promise<number> {
  const rows = await sql.query<{ slot: number }>(
    'select slot::float8 as slot from simulation.chain where id = 1',
  )
  return rows[0]?.slot ?? 0
}

const walletIn = (text: string): ReadonlyMap<string, bigint> =>
  new Map(Object.entries(fromJson(text) as Record<string, bigint>))

async function readWallet(sql: Sql): Promise<ReadonlyMap<string, bigint>> {
  const [row] = await sql.query<{ wallet: string }>(
    'select wallet::text as wallet from simulation.chain where id = 1',
  )
  return walletIn(row?.wallet ?? '{}')
}

/** A pool that has not changed since the read before stays the same object, and is not parsed again. */
function createPoolReader(sql: Sql, addresses: readonly string[]) {
  let before: ReadonlyMap<string, { readonly text: string; readonly pool: SimulatedPool }> = new Map()
  return async (): Promise<ReadonlyMap<string, SimulatedPool>> => {
    const rows = await sql.query<{ address: string; text: string }>(
      // A pool that only an older version listed is closed.
      `select address, pool::text as text from simulation.pools
       where address = any($1::text[]) or address in (select launches.pool from simulation.launches) order by address`,
      [addresses],
    )
    before = new Map(
      rows.map(({ address, text }) => {
        const known = before.get(address)
        return [address, known?.text === text ? known : { text, pool: fromJson(text) as SimulatedPool }]
      }),
    )
    return new Map([...before].map(([address, { pool }]) => [address, pool]))
  }
}

/** The wallet at genesis: base units by mint, and lamports. */
export function startWallet(): Record<string, bigint> {
  const amounts = simulatedTokens.map(({ symbol, mint, decimals }) => {
    const tokens = symbol === 'BONK' ? WALLET_TOKENS * BONK_FACTOR : WALLET_TOKENS
    return [mint, tokens * 10n ** BigInt(decimals)] as const
  })
  return { ...Object.fromEntries(amounts), lamports: WALLET_TOKENS * 10n ** 9n }
}
