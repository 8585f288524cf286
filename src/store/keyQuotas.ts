// Owns the orders of keys with quotas: a function inserts them and counts under the key's lock, so that no race between
// requests or processes takes a key past a quota, and no order of another key pays for it.

import type { Sql } from '../domain/ports/sql.ts'
import type { CountedQuota, Rate } from '../domain/quotas.ts'
import { roleOf } from '../domain/roles.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'
import { COMMIT_ID, NOTE_COMMIT } from './eventCommits.ts'
import { eventColumns, INSERT_EVENTS, type OrderRow, pgArray } from './eventRows.ts'
import { insertLegs } from './orderGroups.ts'

/** Counts what the key's quotas count, and inserts what they allow; part of the schema (migrations.ts). */
export const KEY_QUOTAS = `
  -- What counts as recent or open for keys with quotas; resting orders are not open in this sense. Rows that no longer
  -- count go with the next order of the key.
  create table key_usage (
    owner text not null,
    order_id uuid not null,
    at timestamptz not null,
    -- For keys with protections: what the order is to them and may sell, and how far its log has been counted
    -- (protections.ts). Such a row stays until its order has ended.
    role text not null,
    mint text not null,
    amount numeric not null,
    counted_seq integer not null default 1,
    is_done boolean not null default false,
    primary key (owner, order_id)
  );

  -- What keys with a quota per day have sold on the present one.
  create table sold_today (
    owner text not null,
    mint text not null,
    day date not null,
    amount numeric not null,
    primary key (owner, mint)
  );

  create function insert_within_quotas(
    ids uuid[], owners text[], client_order_ids text[], idempotency_keys text[], fingerprints text[],
    mints_in text[], mints_out text[], types text[], roles text[], amounts numeric[],
    created_at timestamptz, wake_at timestamptz)
  returns table (id uuid, verdict text, recent integer, frees_at timestamptz, retry_at timestamptz)
  language plpgsql as $function$
  #variable_conflict use_column
  declare
    caller text;
    wanted record;
    allowed json;
    protects boolean;
    asked_in text;
    asked_out text;
    hold_name text;
    hold_until timestamptz;
    may_lose numeric;
    moment timestamptz;
    today date;
    recent_count integer;
    oldest timestamptz;
    open_count integer;
    sold numeric;
  begin
    -- Deadlock: processes that lock the same keys do so in the same order.
    for caller in select distinct name from unnest(owners) as of_orders (name) order by name loop
      -- The lock on its key serializes the orders of one caller. Statements after it see all that was committed before, so
      -- what is counted below holds until this transaction ends.
      select quotas into allowed from api_keys where api_keys.id = caller for update;
      select max(at) into moment from key_usage where owner = caller;
      -- Clocks of processes differ: time does not go back for one caller.
      moment := greatest(insert_within_quotas.created_at, moment);
      today := (moment at time zone 'UTC')::date;
      protects := is_protected(allowed);
      asked_in := null;
      asked_out := null;
      if protects then
        perform count_executions(caller);
        perform forget_executions(caller, allowed, moment);
      end if;
      delete from key_usage where owner = caller and at <= moment - interval '1 minute' and (is_done or not protects)
        and not exists (select from orders where orders.id = order_id and is_open and not is_resting);
      delete from sold_today where owner = caller and day < today;
      select count(*) filter (where at > moment - interval '1 minute'),
             min(at) filter (where at > moment - interval '1 minute'),
             count(*) filter (where is_open and not is_resting and parent_id is null)
        into recent_count, oldest, open_count
        from key_usage join orders on orders.id = order_id where key_usage.owner = caller;

      for wanted in
        select * from unnest(ids, owners, client_order_ids, idempotency_keys, fingerprints, mints_in, mints_out, types, roles, amounts)
          with ordinality
          as of_orders (id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out, type, role, amount, place)
        where owner = caller order by place
      loop
        -- Asked once for many entries of one pair: what is taken of them is subtracted below.
        if protects and wanted.role = 'entry' and (wanted.mint_in, wanted.mint_out) is distinct from (asked_in, asked_out) then
          hold_name := null;
          hold_until := null;
          select held_by, until into hold_name, hold_until from entry_hold(caller, allowed, wanted.mint_out, moment);
          may_lose := loss_left(caller, allowed, wanted.mint_in, moment);
          asked_in := wanted.mint_in;
          asked_out := wanted.mint_out;
        end if;
        select coalesce(sum(amount), 0) into sold from sold_today where owner = caller and mint = wanted.mint_in;
        id := wanted.id;
        verdict := case
          -- A repeat makes no order, so it breaks no quota.
          when exists (select from orders where owner = caller and idempotency_key = wanted.idempotency_key)
            or exists (select from orders where owner = caller and client_order_id = wanted.client_order_id)
            then 'known'
          when recent_count >= (allowed ->> 'ordersPerMinute')::integer then 'ordersPerMinute'
          when open_count >= (allowed ->> 'openOrders')::integer then 'openOrders'
          when sold + wanted.amount > (allowed -> 'perDay' ->> wanted.mint_in)::numeric then 'perDay'
          when not protects or wanted.role <> 'entry' then 'taken'
          when hold_name is not null then hold_name
          when wanted.amount > may_lose then 'maxLossPerDay'
          else 'taken'
        end;
        if verdict = 'taken' then
          insert into orders (id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out, type,
                              created_at, status, seq, attempt, updated_at, wake_at)
          values (wanted.id, caller, wanted.client_order_id, wanted.idempotency_key, wanted.fingerprint,
                  wanted.mint_in, wanted.mint_out, wanted.type, insert_within_quotas.created_at, 'pending', 1, 1,
                  insert_within_quotas.created_at, insert_within_quotas.wake_at);
          insert into key_usage values (caller, wanted.id, moment, wanted.role, wanted.mint_in, wanted.amount);
          if wanted.role = 'entry' then
            may_lose := may_lose - wanted.amount;
          end if;
          if allowed -> 'perDay' is not null then
            insert into sold_today values (caller, wanted.mint_in, today, wanted.amount)
            on conflict (owner, mint) do update set amount = sold_today.amount + excluded.amount;
          end if;
          recent_count := recent_count + 1;
          open_count := open_count + 1;
          oldest := coalesce(oldest, moment);
        end if;
        recent := recent_count;
        frees_at := coalesce(oldest, moment) + interval '1 minute';
        retry_at := case when verdict = hold_name then hold_until end;
        return next;
      end loop;
    end loop;
  end $function$;
`

export type Verdict = {
  readonly id: OrderId
  readonly isTaken: boolean
  /** The quota that it would break. When it neither is taken nor breaks one, its keys belong to an earlier order. */
  readonly exceeded: CountedQuota | null
  /** When a protection ends that holds the order back; null where there is none. */
  readonly heldUntil: Millis | null
  /** Null where the owner has no quotas. */
  readonly rate: Rate | null
}

/** One verdict for each order, in the order given, and the commit that has written those taken. */
export type Verdicts = { readonly verdicts: readonly Verdict[]; readonly commit: bigint | null }

/** Inserts those orders whose keys are free and whose owner's quotas allow them. */
export async function insertWithinQuotas(sql: Sql, rows: readonly OrderRow[]): Promise<Verdicts> {
  const [first] = rows
  if (first === undefined) return { verdicts: [], commit: null }
  type Row = {
    id: OrderId
    verdict: 'taken' | 'known' | CountedQuota
    recent: number
    frees_at: Date
    retry_at: Date | null
    commit: string
  }
  const legs = insertLegs(rows, "select id from decided where verdict = 'taken'", 19)
  const hasLegs = legs.params.length > 0
  const decided = await sql.query<Row>(
    `with decided as materialized (
      select * from insert_within_quotas(${hasLegs ? '(select array_agg(id) from unnest($1::uuid[], $8::text[]) as wanted (id, owner) where owner is not null)' : '$1'}, $8, $9, $10, $11, $12, $13, $17, $18, $14, $15, $16)
    )${legs.sql}, written as (${INSERT_EVENTS} where (order_id in (
      select id from decided where verdict = 'taken' ${hasLegs ? 'union all select id from legs' : ''})) is true returning order_id, seq)${NOTE_COMMIT}
    select id::text as id, verdict, recent, frees_at, retry_at, ${COMMIT_ID} from decided`,
    [
      ...eventColumns([...rows, ...rows.flatMap(({ children }) => children)].map((row) => row.event)),
      rows.map((row) => row.spec.owner),
      rows.map((row) => row.spec.clientOrderId),
      rows.map((row) => row.idempotencyKey),
      pgArray(rows.map((row) => row.fingerprint)),
      rows.map((row) => row.spec.tokenIn.mint),
      rows.map((row) => row.spec.tokenOut.mint),
      pgArray(rows.map((row) => row.spec.amountIn.toString())),
      new Date(first.event.at).toISOString(),
      new Date(first.wakeAt).toISOString(),
      pgArray(rows.map((row) => row.spec.type)),
      pgArray(rows.map((row) => roleOf(row.spec))),
      ...legs.params,
    ],
  )
  const byId = new Map(decided.map((row) => [row.id, row]))
  const verdicts = rows.map(({ spec }) => {
    const row = byId.get(spec.orderId)
    if (row === undefined) throw new Error(`nothing was decided of order ${spec.orderId}`)
    const { id, verdict, recent, frees_at, retry_at } = row
    const isTaken = verdict === 'taken'
    const exceeded = verdict === 'taken' || verdict === 'known' ? null : verdict
    const heldUntil = retry_at?.getTime() ?? null
    return { id, isTaken, exceeded, heldUntil, rate: { recent, freesAt: frees_at.getTime() } }
  })
  const taken = decided.find(({ verdict }) => verdict === 'taken')
  return { verdicts, commit: taken === undefined ? null : BigInt(taken.commit) }
}
