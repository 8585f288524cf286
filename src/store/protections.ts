// Owns what protections of a key count: its fills and the fees of its attempts, taken from the logs under the key's lock, and
// what they hold back.

import type { Sql } from '../domain/ports/sql.ts'
import type { EntryHold } from '../domain/quotas.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'

/** Part of the schema (migrations.ts). */
export const PROTECTIONS = `
  -- Exits of keys with protections that were filled recently.
  create table key_exits (
    owner text not null,
    order_id uuid not null,
    mint text not null,
    is_stop boolean not null,
    at timestamptz not null,
    primary key (owner, order_id)
  );

  -- What fills of keys with protections have spent and brought in of each token on a day, and the network fees of the
  -- orders that sold it.
  create table traded_today (
    owner text not null,
    mint text not null,
    day date not null,
    spent numeric not null,
    received numeric not null,
    lamports numeric not null,
    primary key (owner, mint, day)
  );
`

/**
 * What a later step of the schema adds, and the functions as that step leaves them. Counted when an entry asks, not when an order
 * is filled: orders of other keys pay nothing, and no append waits for the key's lock.
 */
export const OPEN_POSITIONS = `
  -- Snipers of keys with a most of open positions, from when they were let fire.
  create table key_positions (
    owner text not null,
    order_id uuid not null,
    at timestamptz not null,
    primary key (owner, order_id)
  );

  drop function if exists hold_entry(text, text, timestamptz);

  create or replace function is_protected(quotas json) returns boolean language sql immutable as $function$
    select coalesce(quotas::jsonb ?| array['haltAfterStops', 'cooldownMs', 'maxLossPerDay', 'maxFeesPerDay', 'maxOpenPositions'], false)
  $function$;

  -- The caller holds the lock on the key. Each event counts once: with it goes how far the log has been counted. One
  -- statement, so that all of it is as of one moment.
  create or replace function count_executions(caller text) returns void language sql as $function$
    -- Legs and slices come with an order that was let in: they count towards no rate, and their fills do as those of others.
    insert into key_usage (owner, order_id, at, role, mint, amount)
    select caller, child.id, '-infinity',
           case when child.type in ('stop', 'trailingStop') then 'stop' when parent.type = 'twap' then 'entry' else 'exit' end,
           child.mint_in, 0
    from key_usage join orders as parent on parent.id = key_usage.order_id join orders as child on child.parent_id = parent.id
    where key_usage.owner = caller
    on conflict do nothing;

    with news as materialized (
      select order_id, event.seq, kind, event.at, data::json as data, role, mint_in, mint_out, is_open
      from key_usage join orders on orders.id = order_id join order_events as event using (order_id)
      where key_usage.owner = caller and orders.seq > counted_seq and event.seq > counted_seq
    ), counted as (
      update key_usage set counted_seq = latest.seq, is_done = latest.is_done, amount = coalesce(latest.amount, key_usage.amount)
      from (
        select order_id, max(seq) as seq, not bool_or(is_open) as is_done,
               min((data ->> 'amountInBase')::numeric) filter (where kind = 'amended') as amount
        from news group by order_id) as latest
      where key_usage.owner = caller and key_usage.order_id = latest.order_id
    ), exits as (
      insert into key_exits select caller, order_id, mint_in, role = 'stop', at from news where kind = 'filled' and role <> 'entry'
    )
    insert into traded_today
    select caller, mint, (at at time zone 'UTC')::date as day, sum(spent), sum(received), sum(lamports)
    from news cross join lateral (
      select mint_in as mint, (data ->> 'amountInBase')::numeric as spent, 0 as received,
             (data ->> 'networkFeeLamports')::numeric as lamports where kind = 'filled'
      union all
      select mint_out, 0, (data ->> 'amountOutBase')::numeric, 0 where kind = 'filled'
      union all
      -- A reverted attempt: its fee is in no log (failure.ts).
      select mint_in, 0, 0, 15000
      where data -> 'failure' ->> 'code' in ('slippage_exceeded', 'swap_reverted', 'insufficient_funds', 'fee_budget_spent')
    ) as traded
    group by mint, day
    on conflict (owner, mint, day) do update set spent = traded_today.spent + excluded.spent,
      received = traded_today.received + excluded.received, lamports = traded_today.lamports + excluded.lamports
  $function$;

  -- What may count no more.
  create or replace function forget_executions(caller text, allowed json, moment timestamptz) returns void language sql as $function$
    delete from traded_today where owner = caller and day < (moment at time zone 'UTC')::date;
    delete from key_exits where owner = caller and at <= moment - interval '1 ms' * greatest(
      (allowed -> 'haltAfterStops' ->> 'withinMs')::float8 + (allowed -> 'haltAfterStops' ->> 'haltMs')::float8,
      (allowed ->> 'cooldownMs')::float8, 0);
  $function$;

  -- The first protection that holds back entries which buy the token, if any. What is counted is up to date.
  create or replace function entry_hold(caller text, allowed json, bought text, moment timestamptz)
  returns table (held_by text, until timestamptz) language sql as $function$
    select held_by, until from (
      select 1 as place, 'haltAfterStops' as held_by, max(ends_at) as until
      from (
        select at - lag(at, (allowed -> 'haltAfterStops' ->> 'stops')::integer - 1) over (order by at) as took,
               at + interval '1 ms' * (allowed -> 'haltAfterStops' ->> 'haltMs')::float8 as ends_at
        from key_exits where owner = caller and is_stop) as stops
      where took <= interval '1 ms' * (allowed -> 'haltAfterStops' ->> 'withinMs')::float8
      union all
      select 2, 'cooldownMs', max(at) + interval '1 ms' * (allowed ->> 'cooldownMs')::float8
      from key_exits where owner = caller and mint = bought
      union all
      select 3, 'maxFeesPerDay', (((moment at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC')
      from traded_today where owner = caller and day = (moment at time zone 'UTC')::date
      having sum(lamports) >= (allowed ->> 'maxFeesPerDay')::numeric
    ) as holds
    where until > moment order by place limit 1
  $function$;

  -- What entries of the token have lost on this day.
  create or replace function lost_today(caller text, sold text, moment timestamptz) returns numeric language sql as $function$
    select greatest(0, coalesce((
      select spent - received from traded_today
      where owner = caller and mint = sold and day = (moment at time zone 'UTC')::date), 0))
  $function$;

  -- Lets the sniper fire where its key has room for one more position: a sniper from then on, until the last of its exits has
  -- ended. One that has not fired soon after it was let, or rests again, holds no room.
  create or replace function claim_position(caller text, asking uuid, most integer, moment timestamptz)
  returns boolean language plpgsql as $function$
  begin
    delete from key_positions as taken
    where owner = caller and not exists (
      select from orders
      where orders.id = taken.order_id and (
        is_open and (status <> 'pending' or taken.at > moment - interval '30 s')
        or status = 'confirmed' and exists (select from orders as leg where leg.parent_id = orders.id and leg.is_open)));
    if (select count(*) from key_positions where owner = caller and order_id <> asking) >= most then
      return false;
    end if;
    insert into key_positions values (caller, asking, moment) on conflict (owner, order_id) do update set at = excluded.at;
    return true;
  end $function$;

  -- What holds back an order that was accepted earlier and would fire now; no time for what ends with something of the key's.
  create or replace function hold_entry(caller text, asking uuid, sold text, bought text, moment timestamptz)
  returns table (held_by text, until timestamptz) language plpgsql as $function$
  declare
    allowed json;
    midnight timestamptz := (((moment at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC');
  begin
    select quotas into allowed from api_keys where api_keys.id = caller for update;
    perform count_executions(caller);
    return query select * from entry_hold(caller, allowed, bought, moment);
    if found then
      return;
    end if;
    -- What it may spend itself, beside what is lost and what others that are under way may spend.
    if lost_today(caller, sold, moment) + (
      select coalesce(sum(amount), 0) from key_usage join orders on orders.id = order_id
      where key_usage.owner = caller and mint = sold and role = 'entry' and is_open and (order_id = asking or not is_resting)
    ) > (allowed -> 'maxLossPerDay' ->> sold)::numeric then
      return query select 'maxLossPerDay', midnight;
    elsif allowed ->> 'maxOpenPositions' is not null and exists (select from orders where orders.id = asking and type = 'sniper')
      and not claim_position(caller, asking, (allowed ->> 'maxOpenPositions')::integer, moment) then
      return query select 'maxOpenPositions', null::timestamptz;
    end if;
  end $function$;

  -- What entries of the token may still lose on this day: null without such a limit. What is counted is up to date.
  create or replace function loss_left(caller text, allowed json, sold text, moment timestamptz) returns numeric language sql as $function$
    select (allowed -> 'maxLossPerDay' ->> sold)::numeric
      - lost_today(caller, sold, moment)
      - coalesce((
          select sum(amount) from key_usage where owner = caller and mint = sold and role = 'entry' and not is_done), 0)
  $function$;
`

/** An entry that would start at that moment. */
export type AskingEntry = {
  readonly owner: string
  readonly orderId: OrderId
  readonly mintSold: string
  readonly mintBought: string
  readonly at: Millis
}

/** What keeps the entry from starting; null where nothing does: a sniper then holds one of its key's open positions. */
export async function selectEntryHold(
  sql: Sql,
  { owner, orderId, mintSold, mintBought, at }: AskingEntry,
): Promise<EntryHold | null> {
  const [row] = await sql.query<EntryHold>(
    `select held_by as by, (extract(epoch from until) * 1000)::float8 as until from hold_entry($1, $2, $3, $4, $5)`,
    [owner, orderId, mintSold, mintBought, new Date(at).toISOString()],
  )
  return row ?? null
}
