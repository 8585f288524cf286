// Owns what protections of a key count: its fills and the fees of its attempts, taken from the logs under the key's lock, and
// what they hold back.

import type { Sql } from '../domain/ports/sql.ts'
import type { EntryHold } from '../domain/quotas.ts'
import type { Millis } from '../timing/clock.ts'

/**
 * Part of the schema (migrations.ts). Counted when an entry asks, not when an order is filled: orders of other keys pay
 * nothing, and no append waits for the key's lock.
 */
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

  create function is_protected(quotas json) returns boolean language sql immutable as $function$
    select coalesce(quotas::jsonb ?| array['haltAfterStops', 'cooldownMs', 'maxLossPerDay', 'maxFeesPerDay'], false)
  $function$;

  -- The caller holds the lock on the key. Each event counts once: with it goes how far the log has been counted. One
  -- statement, so that all of it is as of one moment.
  create function count_executions(caller text) returns void language sql as $function$
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
  create function forget_executions(caller text, allowed json, moment timestamptz) returns void language sql as $function$
    delete from traded_today where owner = caller and day < (moment at time zone 'UTC')::date;
    delete from key_exits where owner = caller and at <= moment - interval '1 ms' * greatest(
      (allowed -> 'haltAfterStops' ->> 'withinMs')::float8 + (allowed -> 'haltAfterStops' ->> 'haltMs')::float8,
      (allowed ->> 'cooldownMs')::float8, 0);
  $function$;

  -- The first protection that holds back entries which buy the token, if any. What is counted is up to date.
  create function entry_hold(caller text, allowed json, bought text, moment timestamptz)
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

  -- The same for an order that was accepted earlier.
  create function hold_entry(caller text, bought text, moment timestamptz)
  returns table (held_by text, until timestamptz) language plpgsql as $function$
  declare
    allowed json;
  begin
    select quotas into allowed from api_keys where api_keys.id = caller for update;
    perform count_executions(caller);
    return query select * from entry_hold(caller, allowed, bought, moment);
  end $function$;

  -- What entries of the token may still lose on this day: null without such a limit. What is counted is up to date.
  create function loss_left(caller text, allowed json, sold text, moment timestamptz) returns numeric language sql as $function$
    select (allowed -> 'maxLossPerDay' ->> sold)::numeric
      - greatest(0, coalesce((
          select spent - received from traded_today
          where owner = caller and mint = sold and day = (moment at time zone 'UTC')::date), 0))
      - coalesce((
          select sum(amount) from key_usage where owner = caller and mint = sold and role = 'entry' and not is_done), 0)
  $function$;
`

/** What keeps an entry of the key that buys this token from starting at that moment; null where nothing does. */
export async function selectEntryHold(
  sql: Sql,
  owner: string,
  mintBought: string,
  at: Millis,
): Promise<EntryHold | null> {
  const [row] = await sql.query<{ by: EntryHold['by']; until: number }>(
    `select held_by as by, (extract(epoch from until) * 1000)::float8 as until from hold_entry($1, $2, $3)`,
    [owner, mintBought, new Date(at).toISOString()],
  )
  return row ?? null
}
